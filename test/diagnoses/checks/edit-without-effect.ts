import { type Case, edited, minutes, seconds, up } from '../facts.ts';
import { cluster } from '../objects.ts';

const edits = [edited('BGPAdvertisement', 'a', seconds(62))];

export const cases: Case[] = [
  {
    name: 'routes wrong since an edit, and no UPDATE since it',
    given: {
      objects: cluster,
      neighbors: { 1: up(1, { lastUpdateAt: minutes(30) }), 2: up(2, { lastUpdateAt: seconds(10) }) },
      judgedAt: seconds(60),
      edits,
    },
    found: [/BGPAdvertisement a was changed 62 s ago .*node-1 \(192\.0\.2\.11\) has sent no UPDATE since: 1 route/],
  },
  {
    name: 'silent: wrong long before the edit',
    given: { objects: cluster, neighbors: { 1: up(1) }, judgedAt: minutes(20), edits },
    found: [],
  },
  {
    name: 'silent: it sent something since, though the wrong thing',
    given: { objects: cluster, neighbors: { 1: up(1, { lastUpdateAt: seconds(30) }) }, judgedAt: seconds(60), edits },
    found: [],
  },
  {
    name: 'silent: everything is as expected',
    given: {
      objects: cluster,
      neighbors: { 1: up(1), 2: up(2) },
      routes: [
        [1, '203.0.113.5/32'],
        [2, '203.0.113.5/32', { nextHop: '192.0.2.12' }],
      ],
      judgedAt: seconds(60),
      edits,
    },
    found: [],
  },
];
