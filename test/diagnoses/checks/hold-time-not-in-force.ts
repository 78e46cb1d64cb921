import { type Case, edited, negotiated, opened, seconds, up } from '../facts.ts';
import { cluster, clusterWith } from '../objects.ts';

const wanted = clusterWith({ holdTime: '9s' });

export const cases: Case[] = [
  {
    name: 'the OPEN says something else than the BGPPeer',
    given: { objects: wanted, neighbors: { 1: up(1, { received: opened(180) }) } },
    found: ['asks for a hold time of 9 s, and node-1 (192.0.2.11) announced 180 s'],
  },
  {
    name: 'silent: the same',
    given: {
      objects: wanted,
      neighbors: { 1: up(1, { received: opened(9), negotiated: negotiated({ holdTime: 3 }) }) },
    },
    found: [],
  },
  {
    name: 'silent: the BGPPeer was edited a moment ago',
    given: {
      objects: wanted,
      neighbors: { 1: up(1, { received: opened(180) }) },
      edits: [edited('BGPPeer', 'tor-1', seconds(2))],
    },
    found: [],
  },
  {
    name: 'silent: the BGPPeer asks for nothing',
    given: { objects: cluster, neighbors: { 1: up(1, { received: opened(180) }) } },
    found: [],
  },
];
