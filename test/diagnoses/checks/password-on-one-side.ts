import { type Case, up } from '../facts.ts';
import { cluster, clusterWith } from '../objects.ts';

/** The entry of bgp.neighbors for the nodes has a password. */
const own = { neighbors: [{ range: '192.0.2.0/24', asn: 64512, hasPassword: true, ttlSecurity: false }] };

export const cases: Case[] = [
  {
    name: 'a password in the BGPPeer only',
    given: { objects: clusterWith({ password: 'secret' }), neighbors: { 1: up(1) } },
    found: ['BGPPeer tor-1 has a password, and the entry of bgp.neighbors for node-2 and node-3 has none'],
  },
  {
    name: 'a password here only',
    given: { objects: cluster, own },
    found: ['has a password, and BGPPeer tor-1 has none'],
  },
  {
    name: 'silent: on both sides',
    given: { objects: clusterWith({ passwordSecret: { name: 'bgp' } }), own },
    found: [],
  },
  {
    name: 'silent: the sessions are up all the same, so the objects are not what is in force',
    given: { objects: clusterWith({ password: 'secret' }), neighbors: { 1: up(1), 2: up(2), 3: up(3) } },
    found: [],
  },
  {
    name: 'silent: a peer at an address that is not ours',
    given: { objects: clusterWith({ peerAddress: '192.0.2.9', password: 'secret' }) },
    found: [],
  },
  {
    name: 'silent: no entry lets the nodes in, so the peer is another router',
    given: { objects: clusterWith({ password: 'secret' }), own: { neighbors: [] } },
    found: [],
  },
];
