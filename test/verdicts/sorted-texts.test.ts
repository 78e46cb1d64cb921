import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SortedTexts } from '../../src/verdicts/sorted-texts.ts';

const text = fc.integer({ min: 0, max: 9999 }).map((n) => n.toString(36));

test('texts come in order from any point, whatever the order in which they were put in', () => {
  const run = fc.property(
    fc.uniqueArray(text, { minLength: 1, maxLength: 3000, size: 'max' }),
    text,
    (texts, first) => {
      const sorted = new SortedTexts();
      for (const one of texts) sorted.insert(one);
      expect([...sorted.from()]).toEqual([...texts].sort());
      expect([...sorted.from(first)]).toEqual([...texts].sort().filter((one) => one >= first));
    },
  );
  fc.assert(run, { numRuns: 30 });
});

test('nothing comes of nothing', () => {
  expect([...new SortedTexts().from('a')]).toEqual([]);
});
