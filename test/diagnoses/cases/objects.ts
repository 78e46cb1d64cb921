import { advertisement, l2Advertisement, node, peer, pool, service, slice } from '../../support/metallb-objects.ts';
import type { Case } from '../facts.ts';

const nodes = [node('node-1', 11), node('node-2', 12), node('node-3', 13)];
const tor = peer('tor-1');
const rack = (name: string) => ({ nodeSelectors: [{ matchLabels: { 'kubernetes.io/hostname': name } }] });
const local = { spec: { externalTrafficPolicy: 'Local' } };

/** A service with an address of `203.0.113.0/24` and endpoints on some nodes. */
const web = [service('web', ['203.0.113.5']), slice('web', ['node-1'])];
const block = pool('block', ['203.0.113.0/24']);

export const objectCases: Record<string, Case[]> = {
  'local-pref-conflict': [
    {
      name: 'two advertisements of one pool with different localPref are named',
      given: {
        objects: [...nodes, block, advertisement('a', { localPref: 100 }), advertisement('b', { localPref: 200 })],
      },
      found: ['BGPAdvertisement a sets localPref 100 and BGPAdvertisement b sets 200'],
    },
    {
      name: 'in a dual-stack pool both lengths must differ',
      given: {
        objects: [
          ...nodes,
          pool('both', ['203.0.113.0/24', 'fc00::/120']),
          advertisement('a', { localPref: 100 }),
          advertisement('b', { localPref: 200, aggregationLength: 24 }),
        ],
      },
      found: ['IPAddressPool both'],
    },
    {
      name: 'with serviceSelectors it is the services that both match',
      given: {
        objects: [
          ...nodes,
          block,
          advertisement('a', { localPref: 100 }),
          advertisement('b', { localPref: 200, serviceSelectors: [{ matchLabels: { app: 'web' } }] }),
          service('web', ['203.0.113.5'], { labels: { app: 'web' } }),
          service('db', ['203.0.113.6']),
        ],
      },
      found: ['what both match is not announced there (default/web)'],
    },
    {
      name: 'silent: serviceSelectors that no service meets',
      given: {
        objects: [
          ...nodes,
          block,
          advertisement('a', { localPref: 100 }),
          advertisement('b', { localPref: 200, serviceSelectors: [{ matchLabels: { app: 'web' } }] }),
          service('db', ['203.0.113.6']),
        ],
      },
      found: [],
    },
    {
      name: 'silent: the same value',
      given: {
        objects: [...nodes, block, advertisement('a', { localPref: 100 }), advertisement('b', { localPref: 100 })],
      },
      found: [],
    },
    {
      name: 'silent: other lengths',
      given: {
        objects: [
          ...nodes,
          block,
          advertisement('a', { localPref: 100 }),
          advertisement('b', { localPref: 200, aggregationLength: 24 }),
        ],
      },
      found: [],
    },
    {
      name: 'silent: other nodes',
      given: {
        objects: [
          ...nodes,
          block,
          advertisement('a', { localPref: 100, ...rack('node-1') }),
          advertisement('b', { localPref: 200, ...rack('node-2') }),
        ],
      },
      found: [],
    },
  ],
  'local-pref-by-node': [
    {
      name: 'over iBGP the nodes with the lower value get nothing',
      given: {
        objects: [
          ...nodes,
          block,
          peer('tor-1', { peerASN: 64512 }),
          advertisement('a', { localPref: 100, ...rack('node-1') }),
          advertisement('b', { localPref: 200, ...rack('node-2') }),
        ],
      },
      found: ['come with LOCAL_PREF 100 from node-1 (BGPAdvertisement a) and with 200 from node-2 (b)'],
    },
    {
      name: 'silent: 100 and nothing, which is 100 with FRR',
      given: {
        objects: [
          ...nodes,
          block,
          peer('tor-1', { peerASN: 64512 }),
          advertisement('a', { localPref: 100, ...rack('node-1') }),
          advertisement('b', rack('node-2')),
        ],
      },
      found: [],
    },
    {
      name: 'silent: over eBGP there is no LOCAL_PREF',
      given: {
        objects: [
          ...nodes,
          block,
          tor,
          advertisement('a', { localPref: 100, ...rack('node-1') }),
          advertisement('b', { localPref: 200, ...rack('node-2') }),
        ],
      },
      found: [],
    },
    {
      name: 'silent: for different prefixes',
      given: {
        objects: [
          ...nodes,
          block,
          peer('tor-1', { peerASN: 64512 }),
          advertisement('a', { localPref: 100, ...rack('node-1') }),
          advertisement('b', { localPref: 200, aggregationLength: 24, ...rack('node-2') }),
        ],
      },
      found: [],
    },
  ],
  'aggregate-refused': [
    {
      name: 'a length shorter than the pool',
      given: { objects: [...nodes, pool('small', ['203.0.113.0/28']), advertisement('a', { aggregationLength: 24 })] },
      found: [
        'aggregates to /24, but 203.0.113.0/28 of IPAddressPool small has no block wider than 203.0.113.0/28: the advertisement is refused',
      ],
    },
    {
      name: 'the pool came after the advertisement: the speakers refuse it all',
      given: { objects: [...nodes, advertisement('a', { aggregationLength: 24 }), pool('small', ['203.0.113.0/28'])] },
      found: [/the pool was there too late.*node-1, node-2 and node-3/],
    },
    {
      name: 'of a range its widest piece counts',
      given: {
        objects: [...nodes, pool('range', ['203.0.113.1-203.0.113.4']), advertisement('a', { aggregationLength: 30 })],
      },
      found: ['has no block wider than 203.0.113.2/31'],
    },
    {
      name: 'silent: as wide as the pool',
      given: { objects: [...nodes, pool('small', ['203.0.113.0/28']), advertisement('a', { aggregationLength: 28 })] },
      found: [],
    },
    {
      name: 'silent: of another pool',
      given: {
        objects: [
          ...nodes,
          block,
          pool('small', ['198.51.100.0/28']),
          advertisement('a', { aggregationLength: 24, ipAddressPools: ['block'] }),
        ],
      },
      found: [],
    },
  ],
  'aggregate-with-local-policy': [
    {
      name: 'a node that announces the block for another service',
      given: {
        objects: [
          ...nodes,
          tor,
          block,
          advertisement('a', { aggregationLength: 24 }),
          ...web,
          service('db', ['203.0.113.6'], local),
          slice('db', ['node-2']),
        ],
      },
      found: [
        /203\.0\.113\.0\/24 is announced to tor-1 by 3 nodes.*default\/db \(203\.0\.113\.6\) is served on node-2, but the block is also announced by node-1 and node-3/,
      ],
    },
    {
      name: 'silent: the host route is announced as well, and beats the block',
      given: {
        objects: [
          ...nodes,
          tor,
          block,
          advertisement('a', { aggregationLength: 24 }),
          advertisement('hosts'),
          ...web,
          service('db', ['203.0.113.6'], local),
          slice('db', ['node-2']),
        ],
      },
      found: [],
    },
    {
      name: 'silent: the block is announced only by those that serve',
      given: {
        objects: [
          ...nodes,
          tor,
          block,
          advertisement('a', { aggregationLength: 24 }),
          service('db', ['203.0.113.6'], local),
          slice('db', ['node-2']),
        ],
      },
      found: [],
    },
    {
      name: 'silent: policy Cluster',
      given: { objects: [...nodes, tor, block, advertisement('a', { aggregationLength: 24 }), ...web] },
      found: [],
    },
  ],
  'peers-without-session': [
    {
      name: 'a name with a slip of the hand, and nothing else in the list',
      given: { objects: [...nodes, tor, block, advertisement('a', { peers: ['tor1'] })] },
      found: [/lists the peer tor1.*did you mean tor-1\?.*nothing of it is announced at all/],
      severity: 'critical',
    },
    {
      name: 'one of two names',
      given: { objects: [...nodes, tor, block, advertisement('a', { peers: ['tor-1', 'spine'] })] },
      found: [/lists the peer spine.*there are tor-1/],
    },
    {
      name: 'nodeSelectors of peer and advertisement that do not meet',
      given: {
        objects: [
          ...nodes,
          peer('tor-1', rack('node-1')),
          block,
          advertisement('a', { peers: ['tor-1'], ...rack('node-2') }),
        ],
      },
      found: ['it has sessions on node-1, and the advertisement selects node-2'],
    },
    {
      name: 'silent: every name has a session',
      given: { objects: [...nodes, peer('tor-1', rack('node-1')), block, advertisement('a', { peers: ['tor-1'] })] },
      found: [],
    },
    {
      name: 'silent: an empty list means all peers',
      given: { objects: [...nodes, tor, block, advertisement('a')] },
      found: [],
    },
    {
      name: 'silent: no node is known yet',
      given: { objects: [tor, block, advertisement('a', { peers: ['tor-1'] })] },
      found: [],
    },
  ],
  'family-without-session': [
    {
      name: 'IPv6 addresses and IPv4 sessions only',
      given: {
        objects: [
          ...nodes,
          tor,
          pool('six', ['fc00::/120']),
          advertisement('a'),
          service('web', ['fc00::1']),
          slice('web', ['node-1']),
        ],
      },
      found: [
        /default\/web\) has IPv6 of IPAddressPool six, but no session of its BGPAdvertisements \(a\) carries IPv6 routes \(BGPPeer tor-1\)/,
      ],
      severity: 'critical',
    },
    {
      name: 'a peer for IPv6 on some nodes',
      given: {
        objects: [
          ...nodes,
          tor,
          peer('tor-v6', { peerAddress: '2001:db8::1', ...rack('node-1') }),
          pool('six', ['fc00::/120']),
          advertisement('a'),
          service('web', ['fc00::1']),
          slice('web', ['node-1']),
        ],
      },
      found: ['on node-2 and node-3 no session'],
    },
    {
      name: 'silent: one advertisement for the IPv4 peers, another for the IPv6 peers',
      given: {
        objects: [
          ...nodes,
          tor,
          peer('tor-v6', { peerAddress: '2001:db8::1' }),
          pool('both', ['203.0.113.0/24', 'fc00::/120']),
          advertisement('a', { peers: ['tor-1'] }),
          advertisement('b', { peers: ['tor-v6'] }),
          service('web', ['203.0.113.5', 'fc00::1']),
          slice('web', ['node-1']),
        ],
      },
      found: [],
    },
    {
      name: 'silent: dualStackAddressFamily',
      given: {
        objects: [
          ...nodes,
          peer('tor-1', { dualStackAddressFamily: true }),
          pool('six', ['fc00::/120']),
          advertisement('a'),
          service('web', ['fc00::1']),
        ],
      },
      found: [],
    },
    {
      name: 'silent: nobody has an IPv6 address yet',
      given: { objects: [...nodes, tor, pool('both', ['203.0.113.0/24', 'fc00::/120']), advertisement('a'), ...web] },
      found: [],
    },
    {
      name: 'silent: up to 0.14 sessions carry both families',
      given: {
        objects: [...nodes, tor, pool('six', ['fc00::/120']), advertisement('a'), service('web', ['fc00::1'])],
        options: { version: '0.14' },
      },
      found: [],
    },
  ],
  'ipv6-in-native-mode': [
    {
      name: 'a dual-stack pool that is advertised',
      given: {
        objects: [...nodes, tor, pool('both', ['203.0.113.0/24', 'fc00::/120']), advertisement('a'), ...web],
        options: { mode: 'native' },
      },
      found: [/IPAddressPool both has IPv6 addresses.*BGPAdvertisement a is refused/],
    },
    {
      name: 'silent: the same in frr mode',
      given: { objects: [...nodes, tor, pool('both', ['203.0.113.0/24', 'fc00::/120']), advertisement('a'), ...web] },
      found: [],
    },
    {
      name: 'silent: a pool for layer 2 that nothing has an address of',
      given: {
        objects: [...nodes, tor, pool('six', ['fc00::/120']), block, advertisement('a', { ipAddressPools: ['block'] })],
        options: { mode: 'native' },
      },
      found: [],
    },
  ],
  'shared-address-split': [
    {
      name: 'one of two services is Local and has fewer nodes',
      given: {
        objects: [
          ...nodes,
          tor,
          block,
          advertisement('a'),
          ...web,
          service('db', ['203.0.113.5'], local),
          slice('db', ['node-2']),
        ],
      },
      found: [
        /203\.0\.113\.5 is shared by default\/db .*endpoints on node-2\) and default\/web\. node-1 and node-3 announce it/,
      ],
    },
    {
      name: 'silent: both have the same pods',
      given: {
        objects: [
          ...nodes,
          tor,
          block,
          advertisement('a'),
          service('web', ['203.0.113.5'], local),
          slice('web', ['node-2']),
          service('db', ['203.0.113.5'], local),
          slice('db', ['node-2']),
        ],
      },
      found: [],
    },
    {
      name: 'silent: both are Cluster',
      given: {
        objects: [
          ...nodes,
          tor,
          block,
          advertisement('a'),
          ...web,
          service('db', ['203.0.113.5']),
          slice('db', ['node-2']),
        ],
      },
      found: [],
    },
  ],
  'split-layer-2-owners': [
    {
      name: 'two Local services with endpoints on different nodes',
      given: {
        objects: [
          ...nodes,
          block,
          l2Advertisement('l2'),
          service('web', ['203.0.113.5'], local),
          slice('web', ['node-1']),
          service('db', ['203.0.113.5'], local),
          slice('db', ['node-2']),
        ],
      },
      found: [/203\.0\.113\.5 has 2 owners on layer 2: node-1 for default\/web, node-2 for default\/db/],
    },
    {
      name: 'silent: the same owner',
      given: {
        objects: [
          ...nodes,
          block,
          l2Advertisement('l2'),
          ...web,
          service('db', ['203.0.113.5']),
          slice('db', ['node-2']),
        ],
      },
      found: [],
    },
    {
      name: 'silent: different addresses',
      given: {
        objects: [
          ...nodes,
          block,
          l2Advertisement('l2'),
          ...web,
          service('db', ['203.0.113.6'], local),
          slice('db', ['node-2']),
        ],
      },
      found: [],
    },
  ],
  'all-nodes-announce': [
    {
      name: 'one pod, three nodes',
      given: { objects: [...nodes, tor, block, advertisement('a'), ...web] },
      found: ['default/web (endpoints on 1 node)'],
    },
    {
      name: 'silent: Local',
      given: {
        objects: [
          ...nodes,
          tor,
          block,
          advertisement('a'),
          service('web', ['203.0.113.5'], local),
          slice('web', ['node-1']),
        ],
      },
      found: [],
    },
    {
      name: 'silent: pods on most nodes',
      given: {
        objects: [
          ...nodes,
          tor,
          block,
          advertisement('a'),
          service('web', ['203.0.113.5']),
          slice('web', ['node-1', 'node-2']),
        ],
      },
      found: [],
    },
  ],
  'options-not-passed-on': [
    {
      name: 'sourceAddress in frr-k8s mode',
      given: { objects: [...nodes, peer('tor-1', { sourceAddress: '192.0.2.11' })], options: { mode: 'frr-k8s' } },
      found: ['BGPPeer tor-1: sourceAddress is not passed on to frr-k8s'],
    },
    {
      name: 'one timer equal to its default takes the other along',
      given: {
        objects: [...nodes, peer('tor-1', { holdTime: '180s', keepaliveTime: '20s' })],
        options: { mode: 'frr-k8s' },
      },
      found: ['holdTime 180 s and keepaliveTime 20 s end up as 180 and 60'],
    },
    {
      name: 'silent: in frr mode they are honoured',
      given: { objects: [...nodes, peer('tor-1', { sourceAddress: '192.0.2.11' })] },
      found: [],
    },
    {
      name: 'silent: both timers unlike the defaults, or both like them',
      given: {
        objects: [
          ...nodes,
          peer('tor-1', { holdTime: '90s', keepaliveTime: '30s' }),
          peer('tor-2', { peerAddress: '192.0.2.2', holdTime: '180s', keepaliveTime: '60s' }),
        ],
        options: { mode: 'frr-k8s' },
      },
      found: [],
    },
  ],
  'selectors-compared': [
    {
      name: 'an advertisement for nodes of which one has no session',
      given: {
        objects: [
          ...nodes,
          peer('tor-1', rack('node-1')),
          block,
          advertisement('a', {
            nodeSelectors: [...rack('node-1').nodeSelectors, ...rack('node-2').nodeSelectors],
          }),
        ],
      },
      found: ['selects node-1 and node-2; of these node-2 has no session with any BGPPeer, whose nodes are node-1'],
    },
    {
      name: 'nodeSelectors that select nothing',
      given: { objects: [...nodes, tor, block, advertisement('a', rack('node-9'))] },
      found: ['select no node'],
    },
    {
      name: 'silent: a peer by rack, and an advertisement for all nodes',
      given: { objects: [...nodes, peer('tor-1', rack('node-1')), block, advertisement('a')] },
      found: [],
    },
    {
      name: 'silent: both select the same',
      given: { objects: [...nodes, peer('tor-1', rack('node-1')), block, advertisement('a', rack('node-1'))] },
      found: [],
    },
  ],
};
