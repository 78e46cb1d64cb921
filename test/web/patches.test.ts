import { describe, expect, test } from 'vitest';
import type { ChangeAction, Route } from '../../src/api/schemas.ts';
import type { Message } from '../../web/src/model.ts';
import { maxPatches, noPatches, patched, patchesWith, routeKey } from '../../web/src/patches.ts';
import { changeOf, makeFixture } from '../support/fixture-data.ts';

const now = Date.parse('2026-05-04T12:00:00Z');
const fixture = makeFixture({ now, nodes: 2, services: 2 });
const row = fixture.routes[1]!;
const known = new Map([[routeKey(row), row.seq]]);
const change = (action: ChangeAction, seq: number, more: Partial<Route> = {}): Message => ({
  type: 'route',
  ...changeOf(seq, now, action, { ...row, ...more }),
});
const after = (...messages: Message[]) => patchesWith(noPatches, messages, known);

test.each<[string, Message, Partial<Route>]>([
  [
    'is replaced',
    change('replaced', row.seq + 1, { communities: ['1:1'] }),
    { communities: ['1:1'], lastChangedAt: '2026-05-04T12:00:00.000000Z', seq: row.seq + 1 },
  ],
  [
    'becomes stale',
    change('stale', row.seq + 1),
    { stale: true, lastChangedAt: row.lastChangedAt, receivedAt: row.receivedAt },
  ],
  [
    'is refreshed',
    change('refreshed', row.seq + 1),
    { stale: false, lastChangedAt: row.lastChangedAt, receivedAt: '2026-05-04T12:00:00.000000Z' },
  ],
  ['is withdrawn keeps its attributes', change('withdrawn', row.seq + 1), row],
  ['was read after the change stays', change('replaced', row.seq, { communities: ['1:1'] }), row],
  [
    'gets a new verdict',
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
    'of another neighbor stays',
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

describe('routes that the list lacks', () => {
  const other = { prefix: '198.51.100.1/32' };
  test.each<[string, Message[], number]>([
    ['are counted once each', [change('announced', 1, other), change('replaced', 2, other)], 1],
    ['are not counted after a withdrawal', [change('announced', 1, other), change('withdrawn', 2, other)], 0],
    [
      'are counted up to a maximum',
      Array.from({ length: maxPatches + 5 }, (_, i) => change('announced', i, { prefix: `p${i}` })),
      maxPatches,
    ],
  ])('%s', (_, messages, count) => {
    expect(after(...messages).added.size).toBe(count);
  });
});

test('an announcement undoes the withdrawn mark', () => {
  expect(after(change('withdrawn', row.seq + 1)).withdrawn).toEqual(new Set([routeKey(row)]));
  expect(after(change('withdrawn', row.seq + 1), change('announced', row.seq + 2)).withdrawn).toEqual(new Set());
});

test('a batch without routes and verdicts changes nothing', () => {
  expect(after({ type: 'pong' })).toBe(noPatches);
});
