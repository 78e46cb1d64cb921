import { type Case, up } from '../facts.ts';

export const cases: Case[] = [
  {
    name: 'another MED from one node',
    given: {
      neighbors: { 1: up(1), 2: up(2), 3: up(3) },
      routes: [
        [1, '203.0.113.5/32', { med: 0 }],
        [2, '203.0.113.5/32', { med: 0 }],
        [3, '203.0.113.5/32', { med: 10 }],
      ],
    },
    found: [
      '203.0.113.5/32 comes with different MED from different nodes: of 3 next hops a router uses the best 2 only',
    ],
  },
  {
    name: 'another LOCAL_PREF: the higher one is the best',
    given: {
      neighbors: { 1: up(1), 2: up(2) },
      routes: [
        [1, '203.0.113.5/32', { localPref: 100 }],
        [2, '203.0.113.5/32', { localPref: 200 }],
        [1, '203.0.113.6/32', { localPref: 100 }],
        [2, '203.0.113.6/32', { localPref: 200 }],
      ],
    },
    found: ['203.0.113.5/32 and 1 more prefix come with different LOCAL_PREF'],
  },
  {
    name: 'silent: communities and next hops may differ',
    given: {
      neighbors: { 1: up(1), 2: up(2) },
      routes: [
        [1, '203.0.113.5/32', { communities: ['64512:1'] }],
        [2, '203.0.113.5/32', { nextHop: '192.0.2.12' }],
      ],
    },
    found: [],
  },
  {
    name: 'silent: no MED, and a MED of 0',
    given: {
      neighbors: { 1: up(1), 2: up(2) },
      routes: [
        [1, '203.0.113.5/32', { med: null }],
        [2, '203.0.113.5/32', { med: 0 }],
      ],
    },
    found: [],
  },
];
