import { type Case, up } from '../facts.ts';
import { clusterWith } from '../objects.ts';

export const cases: Case[] = [
  {
    name: 'two nodes with the router ID of their BGPPeer',
    given: {
      objects: clusterWith({ routerID: '10.10.10.1' }),
      neighbors: { 1: up(1, { routerId: '10.10.10.1' }), 2: up(2, { routerId: '10.10.10.1' }) },
    },
    found: ['2 speakers (node-1 and node-2) have the router ID 10.10.10.1, as BGPPeer tor-1 asks for'],
  },
  {
    name: 'silent: two sessions of one node',
    given: { neighbors: { 1: up(1), 2: up(2, { node: 'node-1', routerId: '192.0.2.11' }) } },
    found: [],
  },
  { name: 'silent: each its own', given: { neighbors: { 1: up(1), 2: up(2) } }, found: [] },
];
