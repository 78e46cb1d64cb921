import { type Case, moved } from '../facts.ts';
import { cluster } from '../objects.ts';

export const cases: Case[] = [
  {
    name: 'two controllers that overwrite each other',
    given: {
      objects: cluster,
      addressEdits: moved(
        [90, '203.0.113.1', '192.0.2.200'],
        [60, '192.0.2.200', '203.0.113.1'],
        [30, '203.0.113.1', '192.0.2.200'],
      ),
    },
    found: ['The address of default/web changed 3 times in the last 10 min between 192.0.2.200 and 203.0.113.1'],
  },
  {
    name: 'silent: three different addresses, one after the other',
    given: {
      objects: cluster,
      addressEdits: moved(
        [90, '203.0.113.1', '203.0.113.2'],
        [60, '203.0.113.2', '203.0.113.3'],
        [30, '203.0.113.3', '203.0.113.4'],
      ),
    },
    found: [],
  },
  {
    name: 'silent: there and back once',
    given: {
      objects: cluster,
      addressEdits: moved([90, '203.0.113.1', '192.0.2.200'], [60, '192.0.2.200', '203.0.113.1']),
    },
    found: [],
  },
];
