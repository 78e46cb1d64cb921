import { type Case, up } from '../facts.ts';
import { gapsOf, twenty } from '../twenty-routes.ts';

const withGaps = (gaps: ReturnType<typeof gapsOf>): Case['given'] => ({
  neighbors: { 1: up(1) },
  routes: twenty,
  gaps: { 1: gaps },
});

export const cases: Case[] = [
  {
    name: 'three times in ten minutes',
    given: withGaps(gapsOf('203.0.113.1/32', 500, 300, 100)),
    found: ['203.0.113.1/32 3 times, while the session stayed up'],
  },
  { name: 'silent: twice', given: withGaps(gapsOf('203.0.113.1/32', 300, 100)), found: [] },
  {
    name: 'silent: three routes once each',
    given: withGaps(['1', '2', '3'].flatMap((n) => gapsOf(`203.0.113.${n}/32`, 100))),
    found: [],
  },
  { name: 'silent: over an hour', given: withGaps(gapsOf('203.0.113.1/32', 3500, 1800, 100)), found: [] },
];
