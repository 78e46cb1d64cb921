import { describe, expect, it } from 'vitest';
import { L2Log, maxLinesPerMinute } from '../../src/l2/log.ts';
import { WatchedRow } from '../../src/l2/rows.ts';
import type { L2Assessment, L2Verdict } from '../../src/l2/verdict.ts';
import { announcer, expectation } from './support.ts';

const grace = 10_000;
const judged = (verdict: L2Verdict, reasonCode = verdict as string): L2Assessment => ({
  verdict,
  reasonCode,
  reasonText: `Reason of ${verdict}.`,
  owners: [],
});
const newRow = (): WatchedRow => new WatchedRow('default/web', '192.0.2.200', 'all', expectation());
/** `verdict@since` after each verdict. */
function life(steps: [at: number, answer: L2Assessment | 'expects another'][]): string[] {
  const row = newRow();
  return steps.flatMap(([at, answer]) => {
    if (answer === 'expects another') row.expect(expectation({ elected: [announcer('node-b')] }));
    else row.take(answer, at, grace);
    return answer === 'expects another' ? [] : [`${row.row!.verdict}@${row.row!.since}`];
  });
}

describe('the verdict on an address over time', () => {
  it.each<[string, Parameters<typeof life>[0], string[]]>([
    [
      'keeps the time when it began',
      [
        [0, judged('ok')],
        [500, judged('ok')],
      ],
      ['ok@0', 'ok@0'],
    ],
    [
      'is pending during grace',
      [
        [0, judged('ok')],
        [1_000, judged('missing')],
        [10_999, judged('missing')],
        [11_000, judged('missing')],
      ],
      ['ok@0', 'pending@1000', 'pending@1000', 'missing@11000'],
    ],
    [
      'leaves no finding if it ends within grace',
      [
        [0, judged('missing')],
        [5_000, judged('ok')],
      ],
      ['pending@0', 'ok@5000'],
    ],
    [
      'changes from one wrong verdict to another without grace',
      [
        [0, judged('missing')],
        [10_000, judged('missing')],
        [11_000, judged('wrong-node')],
      ],
      ['pending@0', 'missing@10000', 'wrong-node@11000'],
    ],
    [
      'gets a new grace time with a new expectation',
      [
        [0, judged('wrong-node')],
        [10_000, judged('wrong-node')],
        [11_000, 'expects another'],
        [11_000, judged('wrong-node')],
        [21_000, judged('wrong-node')],
      ],
      ['pending@0', 'wrong-node@10000', 'pending@11000', 'wrong-node@21000'],
    ],
    [
      'begins again with another reason',
      [
        [0, judged('ok', 'as-elected')],
        [500, judged('ok', 'next-in-line')],
      ],
      ['ok@0', 'ok@500'],
    ],
    ['has no grace if unknown', [[0, judged('unknown')]], ['unknown@0']],
  ])('%s', (_, steps, expected) => expect(life(steps)).toEqual(expected));

  it('has the time at which pending ends', () => {
    const row = newRow();
    row.take(judged('missing'), 1_000, grace);
    expect(row.row).toMatchObject({ verdict: 'pending', deadline: 11_000, reasonCode: 'missing' });
    row.take(judged('missing'), 11_000, grace);
    expect(row.row).toMatchObject({ verdict: 'missing', deadline: null });
  });
});

describe('the log', () => {
  /** Log lines of changes from one verdict to the next. */
  function lines(words: L2Verdict[], at = 0): string[] {
    const said: string[] = [];
    const say = (level: string) => (fields: { verdict: string; suppressed?: number }) =>
      said.push([level, fields.verdict, fields.suppressed].filter(Boolean).join(' '));
    const log = new L2Log({ warn: say('warn'), info: say('info') } as never);
    const row = newRow();
    for (const word of words) {
      const change = row.take(judged(word), at, 0);
      if (change) log.changed(change, at);
    }
    return said;
  }

  it.each<[string, L2Verdict[], string[]]>([
    ['has wrong verdicts, and when they are right again', ['ok', 'missing', 'ok'], ['warn missing', 'info ok']],
    ['has no ok or unknown verdicts', ['unknown', 'ok', 'unknown', 'ok'], []],
    ['has changes between wrong verdicts', ['missing', 'two-owners'], ['warn missing', 'warn two-owners']],
    ['has changes from wrong to unknown', ['missing', 'unknown'], ['warn missing', 'info unknown']],
  ])('%s', (_, words, expected) => expect(lines(words)).toEqual(expected));

  it('has at most maxLinesPerMinute', () => {
    const words = Array.from({ length: 100 }, (_, i): L2Verdict => (i % 2 === 0 ? 'missing' : 'ok'));
    expect(lines(words)).toHaveLength(maxLinesPerMinute);
  });
});
