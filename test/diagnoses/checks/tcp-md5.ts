import { type Case, up } from '../facts.ts';
import { cluster } from '../objects.ts';

/** An entry of bgp.neighbors with a password. */
const withPassword = (range: string) => ({
  neighbors: [{ range, asn: 64512, hasPassword: true, ttlSecurity: false }],
});

export const cases: Case[] = [
  {
    name: 'wrong signatures, and a configured neighbor is missing',
    given: { md5: { failure: 6 }, own: withPassword('192.0.2.11/32') },
    found: [
      'dropped 6 TCP segments with a wrong signature within the last minute: the passwords of the two sides differ. Missing sessions: 192.0.2.11',
    ],
  },
  {
    name: 'no signature, and a node of the range is missing',
    given: {
      objects: cluster,
      md5: { notFound: 3 },
      neighbors: { 1: up(1), 2: up(2) },
      own: withPassword('192.0.2.0/24'),
    },
    found: [
      'without a signature where one is required within the last minute: the speaker has no password, and bgp.neighbors has one. Missing sessions: node-3 (192.0.2.13)',
    ],
  },
  {
    name: 'a signature where none is expected',
    given: { objects: cluster, md5: { unexpected: 3 }, neighbors: { 1: up(1), 2: up(2) } },
    found: ['Missing sessions: node-3'],
  },
  { name: 'silent: a single segment', given: { objects: cluster, md5: { failure: 1 } }, found: [] },
  {
    name: 'silent: they are here by a socket for both families',
    given: {
      md5: { failure: 9 },
      neighbors: { 1: up(1, { remoteAddress: '::ffff:192.0.2.11' }) },
      own: withPassword('192.0.2.11/32'),
    },
    found: [],
  },
  {
    name: 'silent: everybody is here, so it is another daemon’s',
    given: {
      objects: cluster,
      md5: { failure: 9 },
      neighbors: { 1: up(1), 2: up(2), 3: up(3) },
      own: withPassword('192.0.2.0/24'),
    },
    found: [],
  },
  { name: 'silent: the kernel counted nothing', given: { objects: cluster, md5: {} }, found: [] },
];
