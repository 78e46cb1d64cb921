import { type Case, minutes, seconds, up } from '../facts.ts';
import { gapsOf, gapsOfTwenty, twenty } from '../twenty-routes.ts';

const returned = { 1: up(1, { establishedAt: seconds(100) }) };
/** One route was away after that. */
const once = { 1: gapsOf('203.0.113.1/32', 90) };

export const cases: Case[] = [
  {
    name: 'a route that vanished and came back just after the session came up',
    given: { neighbors: returned, routes: twenty, gaps: once },
    found: [
      /After node-1 \(192\.0\.2\.11\) came up, 1 route \(203\.0\.113\.1\/32\) appeared, disappeared within 60 s and returned after up to 2 s/,
    ],
  },
  {
    name: 'silent: the collector itself has just started',
    given: { startedAt: seconds(105), neighbors: returned, routes: twenty, gaps: once },
    found: [],
  },
  {
    name: 'silent: long after it came up',
    given: { neighbors: { 1: up(1, { establishedAt: minutes(20) }) }, routes: twenty, gaps: once },
    found: [],
  },
  { name: 'silent: nothing vanished', given: { neighbors: returned, routes: twenty }, found: [] },
  {
    name: 'silent: everything vanished at once, which is a reload',
    given: { neighbors: returned, routes: twenty, gaps: { 1: gapsOfTwenty(19, 90, 10_000) } },
    found: [],
  },
];
