/** The overview calls only verified routes good. */
import { expect, test } from 'vitest';
import type { VerdictWord } from '../../src/api/schemas.ts';
import { noProblems, objectsInEffect, summarizeVerdicts } from '../../web/src/verdict-summary.ts';

const none = { ok: 0, pending: 0, missing: 0, unexpected: 0, mismatch: 0, stale: 0, suppressed: 0, unknown: 0 };

test.each<[Partial<Record<VerdictWord, number>>, 'good' | 'wrong' | 'undecided', string]>([
  [{ ok: 3 }, 'good', 'All routes as expected'],
  [{ ok: 3, suppressed: 1 }, 'good', 'All routes as expected'],
  [{ ok: 3, missing: 1, pending: 2 }, 'wrong', '1 route is wrong'],
  [{ missing: 1, mismatch: 1, unexpected: 2 }, 'wrong', '4 routes are wrong'],
  [{ stale: 1, pending: 1 }, 'undecided', 'No wrong routes so far: 1 stale, 1 pending'],
  [{ ok: 9, unknown: 1_200 }, 'undecided', 'No wrong routes so far: 1,200 unknown'],
  [{ suppressed: 2 }, 'undecided', 'Only suppressed verdicts: 2'],
])('%o is %s: %s', (counts, kind, text) => {
  expect(summarizeVerdicts({ ...none, ...counts })).toEqual({ kind, text });
});

test.each<[Partial<Record<VerdictWord, number>>, string]>([
  [{ ok: 3 }, 'None: all routes are as expected.'],
  [{}, 'None: Peerglass has no routes to compare.'],
  [{ pending: 1 }, 'None. No wrong routes so far: 1 pending.'],
  [{ unknown: 2 }, 'None. No wrong routes so far: 2 unknown.'],
  [{ missing: 1 }, 'Loading …'],
])('explains an empty list with %o: %s', (counts, text) => {
  expect(noProblems({ ...none, ...counts })).toBe(text);
});

const readAt = '2026-05-04T12:00:00Z';
test.each([
  [{ synced: false, readAt: null, objects: 0 }, 'no objects read yet'],
  [{ synced: true, readAt, objects: 0 }, 'it contains no valid object'],
  [{ synced: true, readAt, objects: 1 }, 'using the 1 valid object'],
  [{ synced: true, readAt, objects: 61 }, 'using the 61 valid objects'],
])('a source with problems and %o: %s', (source, text) => {
  expect(objectsInEffect(source)).toBe(text);
});
