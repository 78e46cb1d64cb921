import { advertisement, node, peer, pool, service, slice } from '../../support/metallb-objects.ts';
import { type Case, up } from '../facts.ts';

const nodes = [node('node-1', 11), node('node-2', 12), node('node-3', 13)];
const web = [
  pool('block', ['203.0.113.0/24']),
  advertisement('a'),
  service('web', ['203.0.113.5']),
  slice('web', ['node-1']),
];
const cluster = [...nodes, peer('tor-1'), ...web];

export const passwordCases: Record<string, Case[]> = {
  'tcp-md5': [
    {
      name: 'wrong signatures, and a configured neighbor is missing',
      given: {
        md5: { failure: 6 },
        own: { neighbors: [{ range: '192.0.2.11/32', asn: 64512, hasPassword: true, ttlSecurity: false }] },
      },
      found: [
        'dropped 6 TCP segments with a wrong signature within the last minute: the passwords of the two sides differ. Not here: 192.0.2.11',
      ],
    },
    {
      name: 'no signature, and a node of the range is missing',
      given: {
        objects: cluster,
        md5: { notFound: 3 },
        neighbors: { 1: up(1), 2: up(2) },
        own: { neighbors: [{ range: '192.0.2.0/24', asn: 64512, hasPassword: true, ttlSecurity: false }] },
      },
      found: [
        'without a signature where one is required within the last minute: the speaker has no password, and bgp.neighbors has one. Not here: node-3 (192.0.2.13)',
      ],
    },
    {
      name: 'a signature where none is expected',
      given: { objects: cluster, md5: { unexpected: 3 }, neighbors: { 1: up(1), 2: up(2) } },
      found: ['Not here: node-3'],
    },
    {
      name: 'silent: a single segment',
      given: { objects: cluster, md5: { failure: 1 } },
      found: [],
    },
    {
      name: 'silent: they are here by a socket for both families',
      given: {
        md5: { failure: 9 },
        neighbors: { 1: up(1, { remoteAddress: '::ffff:192.0.2.11' }) },
        own: { neighbors: [{ range: '192.0.2.11/32', asn: 64512, hasPassword: true, ttlSecurity: false }] },
      },
      found: [],
    },
    {
      name: 'silent: everybody is here, so it is another daemon’s',
      given: {
        objects: cluster,
        md5: { failure: 9 },
        neighbors: { 1: up(1), 2: up(2), 3: up(3) },
        own: { neighbors: [{ range: '192.0.2.0/24', asn: 64512, hasPassword: true, ttlSecurity: false }] },
      },
      found: [],
    },
    {
      name: 'silent: the kernel counted nothing',
      given: { objects: cluster, md5: {} },
      found: [],
    },
  ],
  'password-on-one-side': [
    {
      name: 'a password in the BGPPeer only',
      given: { objects: [...nodes, peer('tor-1', { password: 'secret' }), ...web], neighbors: { 1: up(1) } },
      found: ['BGPPeer tor-1 has a password, and the entry of bgp.neighbors for node-2 and node-3 has none'],
    },
    {
      name: 'a password here only',
      given: {
        objects: cluster,
        own: { neighbors: [{ range: '192.0.2.0/24', asn: 64512, hasPassword: true, ttlSecurity: false }] },
      },
      found: ['has a password, and BGPPeer tor-1 has none'],
    },
    {
      name: 'silent: on both sides',
      given: {
        objects: [...nodes, peer('tor-1', { passwordSecret: { name: 'bgp' } }), ...web],
        own: { neighbors: [{ range: '192.0.2.0/24', asn: 64512, hasPassword: true, ttlSecurity: false }] },
      },
      found: [],
    },
    {
      name: 'silent: the sessions are up all the same, so the objects are not what is in force',
      given: {
        objects: [...nodes, peer('tor-1', { password: 'secret' }), ...web],
        neighbors: { 1: up(1), 2: up(2), 3: up(3) },
      },
      found: [],
    },
    {
      name: 'silent: a peer at an address that is not ours',
      given: { objects: [...nodes, peer('tor-1', { peerAddress: '192.0.2.9', password: 'secret' }), ...web] },
      found: [],
    },
    {
      name: 'silent: no entry lets the nodes in, so the peer is another router',
      given: { objects: [...nodes, peer('tor-1', { password: 'secret' }), ...web], own: { neighbors: [] } },
      found: [],
    },
  ],
};
