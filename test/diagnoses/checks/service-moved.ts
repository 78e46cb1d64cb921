import { type Case, edited, moved, seconds } from '../facts.ts';
import { cluster } from '../objects.ts';

export const cases: Case[] = [
  {
    name: 'another address just after an edit of the pool',
    given: {
      objects: cluster,
      addressEdits: moved([60, '198.51.100.1', '203.0.113.5']),
      edits: [edited('IPAddressPool', 'block', seconds(62))],
    },
    found: ['default/web moved from 198.51.100.1 to 203.0.113.5 60 s ago, after IPAddressPool block was changed'],
  },
  {
    name: 'silent: the service itself asked for it',
    given: { objects: cluster, addressEdits: moved([60, '198.51.100.1', '203.0.113.5']) },
    found: [],
  },
  {
    name: 'silent: the pool was edited long before',
    given: {
      objects: cluster,
      addressEdits: moved([60, '198.51.100.1', '203.0.113.5']),
      edits: [edited('IPAddressPool', 'block', seconds(1_000))],
    },
    found: [],
  },
  {
    name: 'silent: its first address',
    given: {
      objects: cluster,
      addressEdits: [{ at: seconds(60), service: 'default/web', from: [], to: ['203.0.113.5'] }],
      edits: [edited('IPAddressPool', 'block', seconds(62))],
    },
    found: [],
  },
];
