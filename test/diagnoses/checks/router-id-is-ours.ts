import { type Case, down, up } from '../facts.ts';

export const cases: Case[] = [
  {
    name: 'iBGP with our own router ID',
    given: {
      neighbors: {
        1: down(
          1,
          { code: 'open-message-error/bad-bgp-identifier', text: 'BGP Identifier 192.0.2.1 is ours' },
          { routerId: '192.0.2.1' },
        ),
      },
    },
    found: ['has the router ID 192.0.2.1, the same as this collector'],
  },
  {
    name: 'silent: eBGP, where it may be equal',
    given: { neighbors: { 1: up(1, { routerId: '192.0.2.1' }) } },
    found: [],
  },
];
