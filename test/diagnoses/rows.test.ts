/** Rows with given verdicts, up to the bound. */
import { expect, it } from 'vitest';
import { maxRows, rowsThatAre } from '../../src/diagnoses/rows.ts';
import type { VerdictView } from '../../src/verdicts/types.ts';

it.each([
  ['all of them up to maxRows', maxRows, maxRows],
  ['no further ones', maxRows + 100, maxRows],
])('yields %s', (_, count, expected) => {
  let listed = 0;
  const view = {
    summary: () => ({ verdicts: { missing: count } }),
    list: (_filter: unknown, _after: unknown, limit: number) => {
      const rows = Array.from({ length: Math.min(limit, count - listed) }, () => ({}));
      listed += rows.length;
      return { rows, next: listed < count ? {} : undefined };
    },
  } as unknown as VerdictView;
  expect([...rowsThatAre(view, ['missing'])].filter((row) => row !== undefined)).toHaveLength(expected);
});
