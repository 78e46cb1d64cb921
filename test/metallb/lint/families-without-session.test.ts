import { describe, expect, it } from 'vitest';
import type { ExpectOptions } from '../../../src/metallb/types.ts';
import { advertisement, type KubeObject, node, peer, pool, tableOf } from '../../support/metallb-objects.ts';

const dual = pool('dual', ['10.0.0.0/24', '2001:db8::/64']);
const six = { peerAddress: '2001:db8:ffff::1' };
const onEast = { nodeSelectors: [{ matchLabels: { zone: 'east' } }] };

/** Many of both. */
const crowd: KubeObject[] = [1, 2, 3, 4, 5].flatMap((i) => [
  pool(`p${i}`, [`2001:db8:${i}::/64`]),
  peer(`tor-${i}`, { peerAddress: `192.0.2.${i}` }),
]);

const rows: { title: string; objects: KubeObject[]; options?: Partial<ExpectOptions>; found: string[] }[] = [
  {
    title: 'IPv6 addresses and an IPv4 session',
    objects: [dual, peer('tor'), advertisement('a')],
    found: [
      'a: IPAddressPool dual has IPv6 addresses, and BGPPeer tor has an IPv4 session only: the IPv6 addresses are not announced',
    ],
  },
  {
    title: 'IPv4 addresses and IPv6 sessions',
    objects: [dual, peer('tor-1', six), peer('tor-2', { peerAddress: '2001:db8:ffff::2' }), advertisement('a')],
    found: [
      'a: IPAddressPool dual has IPv4 addresses, and BGPPeers tor-1, tor-2 have IPv6 sessions only: the IPv4 addresses are not announced',
    ],
  },
  {
    title: 'many pools and sessions, of which some are named',
    objects: [...crowd, advertisement('a')].reverse(),
    found: [
      'a: IPAddressPools p1, p2, p3 and 2 more have IPv6 addresses, and BGPPeers tor-1, tor-2, tor-3 and 2 more have IPv4 sessions only: the IPv6 addresses are not announced',
    ],
  },
  {
    title: 'a session of each family',
    objects: [dual, peer('tor-4'), peer('tor-6', six), advertisement('a')],
    found: [],
  },
  {
    title: 'a session for both',
    objects: [dual, peer('tor', { dualStackAddressFamily: true }), advertisement('a')],
    found: [],
  },
  {
    title: 'an unnumbered session',
    objects: [dual, peer('tor', { peerAddress: '', interface: 'eth0' }), advertisement('a')],
    found: [],
  },
  {
    title: 'MetalLB 0.14, whose sessions carry both',
    objects: [dual, peer('tor'), advertisement('a')],
    options: { version: '0.14' },
    found: [],
  },
  {
    title: 'native mode, which has a rule of its own',
    objects: [dual, peer('tor')],
    options: { mode: 'native' },
    found: [],
  },
  {
    title: 'a pool that is not advertised',
    objects: [dual, peer('tor'), advertisement('a', { ipAddressPools: ['other'] })],
    found: [],
  },
  { title: 'no peer at all', objects: [dual, advertisement('a')], found: [] },
  {
    title: 'a peer of the family that the advertisement does not list',
    objects: [dual, peer('tor-4'), peer('tor-6', six), advertisement('a', { peers: ['tor-4'] })],
    found: [
      'a: IPAddressPool dual has IPv6 addresses, and BGPPeer tor-4 has an IPv4 session only: the IPv6 addresses are not announced',
    ],
  },
  {
    title: 'a peer of the family that has no session on its nodes',
    objects: [
      node('node-a', 11, { labels: { zone: 'east' } }),
      node('node-b', 12, { labels: { zone: 'west' } }),
      dual,
      peer('tor-4'),
      peer('tor-6', { ...six, nodeSelectors: [{ matchLabels: { zone: 'west' } }] }),
      advertisement('a', onEast),
    ],
    found: [
      'a: IPAddressPool dual has IPv6 addresses, and BGPPeer tor-4 has an IPv4 session only: the IPv6 addresses are not announced',
    ],
  },
];

describe('addresses of a family that no session carries', () => {
  it.each(rows)('$title', ({ objects, options, found }) => {
    const lint = tableOf(objects, options).lint.filter(({ code }) => code === 'family-without-session');
    expect(lint.map(({ object, message }) => `${object.name}: ${message}`)).toEqual(found);
  });
});
