import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ActionCode, ChangeLog } from '../../src/rib/change-log.ts';
import { coalesce, compact, type Net } from '../../src/store/coalesce.ts';
import { openDatabase } from '../../src/store/database.ts';
import type { Append } from '../../src/store/messages.ts';
import { Tables } from '../../src/store/tables.ts';

type Entry = [action: keyof typeof ActionCode, nlri: number, attributes?: number];

/** One batch with these changes; times and seq count up from `at`. */
function batch(entries: Entry[], at: number): Append {
  const log = new ChangeLog();
  entries.forEach(([action, nlri, attributes = 0], i) => {
    log.append(at + i, at + i, ActionCode[action], 1, nlri, attributes, 0);
  });
  const lastSeq = at + entries.length - 1;
  return {
    kind: 'append',
    firstSeq: at,
    lastSeq,
    at,
    batch: undefined,
    changes: log.take(),
    nlris: undefined,
    attributes: undefined,
    news: undefined,
  };
}

function nets(appends: Append[]): Net[] {
  const found: Net[] = [];
  coalesce(appends, (net) => void found.push({ ...net }));
  return found;
}

describe('what changes come to', () => {
  it.each<[string, Entry[], Partial<Net>]>([
    ['announced', [['announced', 1, 7]], { attributes: 7, fresh: true, firstSeen: 10, changed: 10 }],
    [
      'announced, then replaced',
      [
        ['announced', 1, 7],
        ['replaced', 1, 8],
      ],
      { attributes: 8, fresh: true, firstSeen: 10, changed: 11 },
    ],
    ['replaced', [['replaced', 1, 8]], { attributes: 8, fresh: false, changed: 10 }],
    [
      'withdrawn',
      [
        ['replaced', 1, 8],
        ['withdrawn', 1],
      ],
      { attributes: 0, fresh: false },
    ],
    [
      'withdrawn, and announced again',
      [
        ['withdrawn', 1],
        ['announced', 1, 9],
      ],
      { attributes: 9, fresh: true, firstSeen: 11 },
    ],
    ['stale', [['stale', 1, 7]], { attributes: 7, changed: 0, stale: 1 }],
    [
      'stale, then confirmed',
      [
        ['stale', 1, 7],
        ['refreshed', 1, 7],
      ],
      { attributes: 7, changed: 0, stale: 0 },
    ],
    [
      'stale, then announced with something else',
      [
        ['stale', 1, 7],
        ['replaced', 1, 8],
      ],
      { attributes: 8, changed: 11, stale: 0 },
    ],
  ])('%s', (_, entries, expected) => {
    expect(nets([batch(entries, 10)])).toMatchObject([{ key: 2 ** 32 + 1, ...expected }]);
  });

  it('comes in order of key, whatever the order of arrival', () => {
    expect(
      nets([
        batch(
          [
            ['announced', 3, 1],
            ['announced', 1, 1],
          ],
          1,
        ),
        batch([['announced', 2, 1]], 5),
      ]).map(({ key }) => key % 2 ** 32),
    ).toEqual([1, 2, 3]);
  });

  it('is the same after compaction, in any number of steps', () => {
    const entry = fc.tuple(
      fc.constantFrom<keyof typeof ActionCode>('announced', 'replaced', 'withdrawn', 'stale', 'refreshed'),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 3 }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.array(entry, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 }),
        (batches) => {
          const appends = batches.map((entries, i) =>
            batch(
              entries.map(([action, nlri, set]) => [action, nlri, action === 'withdrawn' ? 0 : set]),
              10 + i * 10,
            ),
          );
          const meaning = (list: Append[]) =>
            nets(list).map((net) => {
              if (net.attributes === 0) return [net.key, 'withdrawn'];
              return [net.key, net.attributes, net.stale, net.changed, net.fresh, net.fresh && net.firstSeen];
            });
          const half = Math.ceil(appends.length / 2);
          expect(meaning(compact(appends))).toEqual(meaning(appends));
          expect(meaning([...compact(appends.slice(0, half)), ...appends.slice(half)])).toEqual(meaning(appends));
        },
      ),
    );
  });
});

describe('changes that wait for the tables', () => {
  it('are compacted beyond maxPendingChanges', () => {
    const tables = new Tables(openDatabase(':memory:'), false, 10);
    for (let i = 0; i < 100; i++) {
      tables.push(batch([['announced', 1, 7]], 2 * i + 1));
      tables.push(batch([['withdrawn', 1]], 2 * i + 2));
      expect(tables.pendingChanges).toBeLessThanOrEqual(20);
    }
  });
});
