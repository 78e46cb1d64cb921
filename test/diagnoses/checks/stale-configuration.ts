import { advertisement, node, peer, pool } from '../../support/metallb-objects.ts';
import type { Case } from '../facts.ts';
import { cluster, tor } from '../objects.ts';

export const cases: Case[] = [
  {
    name: 'a configuration that every speaker refuses',
    given: {
      objects: [
        node('node-1', 11),
        tor,
        advertisement('a', { aggregationLength: 24 }),
        pool('small', ['203.0.113.0/28']),
      ],
    },
    found: [/The speakers on node-1 reject the current configuration and keep the previous one/],
  },
  { name: 'silent: a good one', given: { objects: cluster }, found: [] },
  {
    name: 'silent: an object that the webhook keeps out makes no speaker stale',
    given: { objects: [...cluster, peer('bad', { myASN: 0 })] },
    found: [],
  },
];
