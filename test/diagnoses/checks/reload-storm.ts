import { service, slice } from '../../support/metallb-objects.ts';
import { type Case, up } from '../facts.ts';
import { announcing } from '../objects.ts';
import { gapsOf, gapsOfTwenty, twenty } from '../twenty-routes.ts';

/** A service for each of the twenty routes, some of which were away. */
const withGaps = (gaps: ReturnType<typeof gapsOf>): Case['given'] => ({
  objects: [
    ...announcing,
    ...twenty.flatMap(([, prefix], i) => [
      service(`web-${i}`, [prefix.replace('/32', '')]),
      slice(`web-${i}`, ['node-1']),
    ]),
  ],
  neighbors: { 1: up(1) },
  routes: twenty,
  gaps: { 1: gaps },
});

export const cases: Case[] = [
  {
    name: '19 of 20 routes away for ten seconds',
    given: withGaps(gapsOfTwenty(19, 90, 10_000)),
    found: [
      /withdrew 19 of its 20 routes \(203\.0\.113\.0\/32, .*\) at .* announced them again within 10 s, in the same session; affected Services: default\/web-0/,
    ],
  },
  { name: 'silent: a few routes', given: withGaps(gapsOfTwenty(9, 90, 10_000)), found: [] },
  {
    name: 'silent: one by one over a quarter of an hour',
    given: withGaps(twenty.flatMap(([, prefix], i) => gapsOf(prefix, 900 - i * 40))),
    found: [],
  },
  {
    name: 'silent: most of a small table',
    given: { ...withGaps(gapsOfTwenty(6, 90, 10_000)), routes: twenty.slice(0, 6) },
    found: [],
  },
];
