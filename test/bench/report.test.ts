import { describe, expect, it } from 'vitest';
import { compare, judge } from './compare.ts';
import { bird } from './daemons.ts';
import type { Reading, Result } from './measure.ts';
import { peerglass } from './peerglass.ts';
import { scenarioTable } from './report.ts';
import { scenarios } from './scenarios.ts';
import { median, quantile, spread } from './statistics.ts';

const reading = (seconds: number, notBefore = seconds): Reading => ({ seconds, notBefore, cpu: 1, peakRssMiB: 1 });

function result(round: number, subject: string, readings: Record<string, Reading>, peakRssMiB = 100): Result {
  const rest = { scenario: 'a1x1m', quick: false, routes: 0, baseRssMiB: 0, polls: 1, worstPollSeconds: 0 };
  return { ...rest, round, subject, readings, peakRssMiB };
}

const ours = (round: number, memory: number, tables: number, rss?: number) =>
  result(round, 'peerglass', { memory: reading(memory), tables: reading(tables) }, rss);
const theirs = (round: number, seconds: number, notBefore?: number) =>
  result(round, 'bird', { visible: reading(seconds, notBefore) });

describe('statistics', () => {
  it.each([
    [[1, 2, 3], 0.5, 2],
    [[4, 1], 0.5, 2.5],
    [[1, 2, 3, 4, 5], 0.99, 4.96],
    [[7], 0.99, 7],
  ])('quantile of %j at %d is %d', (values, share, expected) =>
    expect(quantile(values, share)).toBeCloseTo(expected, 9),
  );

  it('quantile of nothing is not a number', () => expect(quantile([], 0.5)).toBeNaN());

  it('does not sort the values in place', () => {
    const values = [3, 1, 2];
    expect(median(values)).toBe(2);
    expect(values).toEqual([3, 1, 2]);
  });

  it.each([
    [[1, 2, 4], '2.0 (1.0–4.0)'],
    [[1], '1.0'],
    [[], '–'],
  ])('spread of %j reads %s', (values, text) => expect(spread(values, 1)).toBe(text));
});

describe('a comparison', () => {
  it('takes the ratio within each round', () => {
    const results = [ours(1, 1, 3), ours(2, 2, 4), theirs(1, 2), theirs(2, 2)];
    expect(compare(results, 'a1x1m', 'memory', 'bird').ratios).toEqual([0.5, 1]);
    expect(compare(results, 'a1x1m', 'tables', 'bird').ratios).toEqual([1.5, 2]);
  });

  it('assumes at worst that the daemon was done right after the poll before', () => {
    expect(compare([ours(1, 1, 1), theirs(1, 2, 0.5)], 'a1x1m', 'memory', 'bird').atWorst).toEqual([2]);
  });

  it('leaves out a round in which one of the two failed', () => {
    const failed = { ...theirs(1, 2), error: 'ended by itself' };
    expect(compare([ours(1, 1, 1), ours(2, 1, 1), failed, theirs(2, 4)], 'a1x1m', 'memory', 'bird').ratios).toEqual([
      0.25,
    ]);
  });

  it('is a bound where the daemon did not finish', () => {
    const unfinished = result(1, 'bird', {});
    expect(compare([ours(1, 12, 12), unfinished], 'a1x1m', 'memory', 'bird')).toMatchObject({
      ratios: [0.1],
      bound: true,
    });
  });
});

describe('a target', () => {
  const target = { scenario: 'a1x1m', what: 'memory', daemon: 'bird', atMost: 1 } as const;
  it.each([
    ['reached by the median of the rounds', [ours(1, 1, 1), ours(2, 1, 1), ours(3, 9, 9)], 'reached'],
    ['not reached above it', [ours(1, 3, 3), ours(2, 3, 3), ours(3, 1, 1)], 'not reached'],
    ['not reached when Peerglass did not finish', [result(1, 'peerglass', {})], 'not reached'],
    ['not measured without a common round', [ours(4, 1, 1)], 'not measured'],
  ])('is %s', (_name, own, verdict) => {
    const daemon = [theirs(1, 2), theirs(2, 2), theirs(3, 2)];
    expect(judge([...own, ...daemon], [target])[0]!.verdict).toBe(verdict);
  });

  it('on memory compares the peaks', () => {
    const rss = { ...target, what: 'rss' } as const;
    expect(judge([ours(1, 1, 1, 250), theirs(1, 2)], [rss])[0]!.ratios).toEqual([2.5]);
  });
});

it('a scenario reads as a table with what did not go well below it', () => {
  const failed = { ...theirs(2, 1), error: '3 sessions lost\nand more' };
  const results = [ours(1, 1, 3), theirs(1, 2), failed, ours(2, 1, 3)];
  expect(scenarioTable(scenarios[0]!, [bird, peerglass], results)).toMatchInlineSnapshot(`
    "1 peer × 1,000,000 prefixes
                                     seconds          CPU s       peak MiB  memory ÷  tables ÷  MiB ÷
      ────────────────────  ────────────────  ─────────────  ─────────────  ────────  ────────  ─────
      BIRD                              2.00            1.0            100      0.50      1.50   1.00
      Peerglass, in memory  1.00 (1.00–1.00)  1.0 (1.0–1.0)  100 (100–100)
      Peerglass, in tables  3.00 (3.00–3.00)  1.0 (1.0–1.0)  100 (100–100)
      bird, round 2: 3 sessions lost"
  `);
});
