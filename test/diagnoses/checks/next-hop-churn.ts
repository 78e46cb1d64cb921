import { type Case, down, seconds, up } from '../facts.ts';

export const cases: Case[] = [
  {
    name: 'four sessions ended within ten minutes',
    given: {
      neighbors: { 1: up(1), 2: up(2) },
      ends: { 1: [{ at: seconds(500) }, { at: seconds(300) }], 2: [{ at: seconds(200) }, { at: seconds(100) }] },
    },
    found: ['4 sessions (of node-1 and node-2) ended'],
  },
  {
    name: 'silent: attempts that never came up have no next hop',
    given: {
      neighbors: { 1: down(1, {}) },
      ends: { 1: [5, 4, 3, 2, 1].map((n) => ({ at: seconds(n * 60), wasUp: false })) },
    },
    found: [],
  },
  {
    name: 'silent: two nodes restarted',
    given: { neighbors: { 1: up(1), 2: up(2) }, ends: { 1: [{ at: seconds(500) }], 2: [{ at: seconds(200) }] } },
    found: [],
  },
];
