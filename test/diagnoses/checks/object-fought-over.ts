import { type Case, edited, seconds } from '../facts.ts';
import { cluster } from '../objects.ts';

const poolEdits = (...ago: number[]) => ago.map((n) => edited('IPAddressPool', 'block', seconds(n)));

export const cases: Case[] = [
  {
    name: 'a pool that is changed every minute',
    given: { objects: cluster, edits: poolEdits(360, 300, 240, 180, 120, 60) },
    found: ['IPAddressPool block was changed 6 times in the last 10 min'],
  },
  { name: 'silent: somebody at work', given: { objects: cluster, edits: poolEdits(360, 300, 60) }, found: [] },
  {
    name: 'silent: as often over an hour',
    given: { objects: cluster, edits: poolEdits(3000, 2400, 1800, 1200, 240, 60) },
    found: [],
  },
  {
    name: 'silent: services, of which controllers write the status',
    given: {
      objects: cluster,
      edits: [360, 300, 240, 180, 120, 60].map((ago) => edited('Service', 'web', seconds(ago))),
    },
    found: [],
  },
];
