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
};
