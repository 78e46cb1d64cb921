import { advertisement, node, peer, pool, service, slice } from '../../support/metallb-objects.ts';
import type { Case } from '../facts.ts';

const nodes = [node('node-1', 11), node('node-2', 12), node('node-3', 13)];
const tor = peer('tor-1');
const rack = (name: string) => ({ nodeSelectors: [{ matchLabels: { 'kubernetes.io/hostname': name } }] });
const local = { spec: { externalTrafficPolicy: 'Local' } };

/** A service with an address of `203.0.113.0/24` and endpoints on some nodes. */
const web = [service('web', ['203.0.113.5']), slice('web', ['node-1'])];
const block = pool('block', ['203.0.113.0/24']);

export const advertisementCases: Record<string, Case[]> = {
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
