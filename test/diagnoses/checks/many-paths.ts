import { type Case, up } from '../facts.ts';

/** One prefix from many neighbors. */
const fromMany = (count: number): Case['given'] => ({
  neighbors: Object.fromEntries(Array.from({ length: count }, (_, i) => [i + 1, up(i + 1)])),
  routes: Array.from({ length: count }, (_, i) => [i + 1, '203.0.113.5/32']),
});

export const cases: Case[] = [
  {
    name: 'twenty nodes announce one prefix',
    given: fromMany(20),
    found: [
      '203.0.113.5/32 has 20 next hops, and 1 of the 1 prefixes looked at have more than 16. A router that takes 16 paths at most sends no traffic to the other 4',
    ],
  },
  {
    name: 'more than most routers take',
    given: fromMany(70),
    found: ['A router that takes 64 paths at most'],
    severity: 'warning',
  },
  { name: 'silent: sixteen', given: fromMany(16), found: [] },
  {
    name: 'silent: two sessions of each node',
    given: {
      ...fromMany(20),
      neighbors: Object.fromEntries(
        Array.from({ length: 20 }, (_, i) => [i + 1, up(i + 1, { node: `node-${i >> 1}` })]),
      ),
    },
    found: [],
  },
];
