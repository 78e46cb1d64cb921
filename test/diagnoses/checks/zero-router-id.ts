import { type Case, up } from '../facts.ts';
import { cluster } from '../objects.ts';

export const cases: Case[] = [
  {
    name: 'a node without IPv4',
    given: { objects: cluster, neighbors: { 1: up(1, { routerId: '0.0.0.0' }) } },
    found: ['has the router ID 0.0.0.0'],
  },
  { name: 'silent: any other', given: { objects: cluster, neighbors: { 1: up(1) } }, found: [] },
];
