/** What the overview calls good: only what was seen to be good. */
import { expect, test } from 'vitest';
import type { VerdictWord } from '../../src/api/schemas.ts';
import { inForce, noProblems, standing } from '../../web/src/standing.ts';

const none = { ok: 0, pending: 0, missing: 0, unexpected: 0, mismatch: 0, stale: 0, suppressed: 0, unknown: 0 };

test.each<[Partial<Record<VerdictWord, number>>, 'good' | 'wrong' | 'open', string]>([
  [{ ok: 3 }, 'good', 'All as expected'],
  [{ ok: 3, suppressed: 1 }, 'good', 'All as expected'],
  [{ ok: 3, missing: 1, pending: 2 }, 'wrong', '1 route is wrong'],
  [{ missing: 1, mismatch: 1, unexpected: 2 }, 'wrong', '4 routes are wrong'],
  [{ stale: 1, pending: 1 }, 'open', 'Nothing wrong yet: 1 stale, 1 pending'],
  [{ ok: 9, unknown: 1_200 }, 'open', 'Nothing wrong yet: 1,200 unknown'],
  [{ suppressed: 2 }, 'open', 'Nothing is checked: 2 suppressed'],
])('%o is %s: %s', (counts, kind, text) => {
  expect(standing({ ...none, ...counts })).toEqual({ kind, text });
});

test.each<[Partial<Record<VerdictWord, number>>, string]>([
  [{ ok: 3 }, 'None: every expected route is there, and nothing else.'],
  [{}, 'None, as there is nothing to compare yet.'],
  [{ pending: 1 }, 'None so far. Nothing wrong yet: 1 pending.'],
  [{ unknown: 2 }, 'None so far. Nothing wrong yet: 2 unknown.'],
  [{ missing: 1 }, 'Being read again.'],
])('no problem to list with %o: %s', (counts, text) => {
  expect(noProblems({ ...none, ...counts })).toBe(text);
});

const readAt = '2026-05-04T12:00:00Z';
test.each([
  [{ synced: false, readAt: null, objects: 0 }, 'nothing could be read from it yet'],
  [{ synced: true, readAt, objects: 0 }, 'nothing in it could be read'],
  [{ synced: true, readAt, objects: 1 }, 'what is expected goes by the 1 object that could be read'],
  [{ synced: true, readAt, objects: 61 }, 'what is expected goes by the 61 objects that could be read'],
])('of a source with problems and %o: %s', (source, text) => {
  expect(inForce(source)).toBe(text);
});
