import { type Case, down, up } from '../facts.ts';

export const cases: Case[] = [
  {
    name: 'two AS numbers from one address at once',
    given: { neighbors: { 1: up(1), 2: up(2, { remoteAddress: '192.0.2.11', asn: 64_999 }) } },
    found: [/192\.0\.2\.11 has 2 sessions to 192\.0\.2\.1 port 179 at once, as AS 64512 .* and AS 64999/],
  },
  {
    name: 'silent: to two addresses of ours, as for two BGPPeers',
    given: { neighbors: { 1: up(1), 2: up(2, { remoteAddress: '192.0.2.11', localAddress: '192.0.2.2' }) } },
    found: [],
  },
  {
    name: 'silent: the other one is gone',
    given: { neighbors: { 1: up(1), 2: down(2, {}, { remoteAddress: '192.0.2.11', asn: 64_999 }) } },
    found: [],
  },
];
