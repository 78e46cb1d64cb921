import { advertisement, type KubeObject, peer, pool, service, slice } from '../../support/metallb-objects.ts';
import type { Case } from '../facts.ts';
import { nodes, rack, tor, web } from '../objects.ts';

/** A service with an IPv6 address, and sessions with these peers. */
const six = (...peers: KubeObject[]): KubeObject[] => [
  ...nodes,
  ...peers,
  pool('six', ['fc00::/120']),
  advertisement('a'),
  service('web', ['fc00::1']),
  slice('web', ['node-1']),
];
const dualStack = pool('both', ['203.0.113.0/24', 'fc00::/120']);

export const cases: Case[] = [
  {
    name: 'IPv6 addresses and IPv4 sessions only',
    given: { objects: six(tor) },
    found: [
      /default\/web\) has IPv6 of IPAddressPool six, but no session of its BGPAdvertisements \(a\) carries IPv6 routes \(BGPPeer tor-1\)/,
    ],
    severity: 'critical',
  },
  {
    name: 'a peer for IPv6 on some nodes',
    given: { objects: six(tor, peer('tor-v6', { peerAddress: '2001:db8::1', ...rack('node-1') })) },
    found: ['on node-2 and node-3 no session'],
  },
  {
    name: 'a rejected pool that overlaps does not stand in for the accepted one',
    given: { objects: [...six(tor), pool('overlapping', ['203.0.113.0/24', 'fc00::/112'])] },
    found: [/IPAddressPool six,/],
  },
  {
    name: 'the only BGPAdvertisement of the family is rejected',
    given: {
      objects: [
        ...nodes,
        tor,
        peer('tor-v6', { peerAddress: '2001:db8::1' }),
        pool('six', ['fc00::/120']),
        advertisement('a', { peers: ['tor-1'], localPref: 100 }),
        advertisement('b', { localPref: 200 }),
        service('web', ['fc00::1']),
        slice('web', ['node-1']),
      ],
    },
    found: [/no session of its BGPAdvertisements \(a\) carries IPv6 routes/],
  },
  {
    name: 'silent: one advertisement for the IPv4 peers, another for the IPv6 peers',
    given: {
      objects: [
        ...nodes,
        tor,
        peer('tor-v6', { peerAddress: '2001:db8::1' }),
        dualStack,
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
    given: { objects: six(peer('tor-1', { dualStackAddressFamily: true })) },
    found: [],
  },
  {
    name: 'silent: nobody has an IPv6 address yet',
    given: { objects: [...nodes, tor, dualStack, advertisement('a'), ...web] },
    found: [],
  },
  {
    name: 'silent: up to 0.14 sessions carry both families',
    given: { objects: six(tor), options: { version: '0.14' } },
    found: [],
  },
];
