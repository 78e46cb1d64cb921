import { describe, expect, test } from 'vitest';
import type { ChangeAction, Route } from '../../src/api/schemas.ts';
import type { Message } from '../../web/src/model.ts';
import { maxNews, noPatches, patched, patchesWith, routeKey } from '../../web/src/patches.ts';
import { changeOf, makeFixture } from '../support/fixture-data.ts';

const now = Date.parse('2026-05-04T12:00:00Z');
const fixture = makeFixture({ now, nodes: 2, services: 2 });
const row = fixture.routes[1]!;
const known = new Map([[routeKey(row), row.seq]]);
const said = (action: ChangeAction, seq: number, more: Partial<Route> = {}): Message => ({
  type: 'route',
  ...changeOf(seq, now, action, { ...row, ...more }),
});
const after = (...messages: Message[]) => patchesWith(noPatches, messages, known);

test.each<[string, Message, Partial<Route>]>([
  [
    'is replaced',
    said('replaced', row.seq + 1, { communities: ['1:1'] }),
    { communities: ['1:1'], lastChangedAt: '2026-05-04T12:00:00.000000Z', seq: row.seq + 1 },
  ],
  [
    'becomes stale',
    said('stale', row.seq + 1),
    { stale: true, lastChangedAt: row.lastChangedAt, receivedAt: row.receivedAt },
  ],
  [
    'is refreshed',
    said('refreshed', row.seq + 1),
    { stale: false, lastChangedAt: row.lastChangedAt, receivedAt: '2026-05-04T12:00:00.000000Z' },
  ],
  ['is withdrawn, and stays to be seen', said('withdrawn', row.seq + 1), row],
  ['was read after the change already', said('replaced', row.seq, { communities: ['1:1'] }), row],
  [
    'is judged anew',
    {
      type: 'verdict',
      from: 'ok',
      to: 'mismatch',
      ...fixture.verdicts[1]!,
      prefix: row.prefix,
      neighbor: row.neighbor.id,
    },
    { verdict: 'mismatch' },
  ],
  [
    'is not meant',
    { type: 'verdict', from: 'ok', to: 'mismatch', ...fixture.verdicts[1]!, prefix: row.prefix, neighbor: 999 },
    row,
  ],
])('a row that %s', (_, message, expected) => {
  expect(patched(row, after(message))).toMatchObject({
    firstSeenAt: row.firstSeenAt,
    verdict: row.verdict,
    ...expected,
  });
});

describe('routes that are not in the list', () => {
  const other = { prefix: '198.51.100.1/32' };
  test.each<[string, Message[], number]>([
    ['are counted once each', [said('announced', 1, other), said('replaced', 2, other)], 1],
    ['are not counted once gone', [said('announced', 1, other), said('withdrawn', 2, other)], 0],
    [
      'are not counted without end',
      Array.from({ length: maxNews + 5 }, (_, i) => said('announced', i, { prefix: `p${i}` })),
      maxNews,
    ],
  ])('%s', (_, messages, count) => {
    expect(after(...messages).news.size).toBe(count);
  });
});

test('a row that comes back is no longer struck out', () => {
  expect(after(said('withdrawn', row.seq + 1)).withdrawn).toEqual(new Set([routeKey(row)]));
  expect(after(said('withdrawn', row.seq + 1), said('announced', row.seq + 2)).withdrawn).toEqual(new Set());
});

test('a batch that says nothing of routes changes nothing', () => {
  expect(after({ type: 'pong' })).toBe(noPatches);
});
