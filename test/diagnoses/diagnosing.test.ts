/** How checks are run: in slices, with a memory of what was found, and within bounds. */
import { describe, expect, it } from 'vitest';
import { Diagnosing, maxFoundPerCode, maxPerCode } from '../../src/diagnoses/diagnosing.ts';
import type { Check, Facts, Trouble } from '../../src/diagnoses/types.ts';
import { factsOf, now } from './facts.ts';

const trouble = (node: string, some: Partial<Trouble> = {}): Trouble => ({
  node,
  text: `${node}.`,
  hint: 'Mend it.',
  ...some,
});

function check(code: string, find: (facts: Facts) => Iterable<Trouble | undefined>, some: Partial<Check> = {}): Check {
  return { code, severity: 'warning', title: code, looksFor: `${code}.`, find, ...some };
}

/** Runs a pass to its end. */
function pass(diagnosing: Diagnosing, at = now, some: Partial<Facts> = {}) {
  diagnosing.begin({ ...factsOf({}), now: at, ...some });
  for (;;) {
    const turn = diagnosing.step(1_000);
    if (turn) return turn;
  }
}

describe('a pass', () => {
  it('lists what it finds, worst first, then newest', () => {
    let nodes = ['a'];
    const diagnosing = new Diagnosing([
      check('one', () => nodes.map((node) => trouble(node))),
      check('two', () => [trouble('x', { severity: 'critical' }), trouble('y', { severity: 'info' })]),
    ]);
    pass(diagnosing);
    nodes = ['a', 'b'];
    pass(diagnosing, now + 1_000);
    expect(diagnosing.list().map(({ node, severity }) => `${severity} ${node}`)).toEqual([
      'critical x',
      'warning b',
      'warning a',
      'info y',
    ]);
    expect(diagnosing.counts()).toEqual({ critical: 1, warning: 2, info: 1 });
    expect(diagnosing.evaluatedAt).toBe(now + 1_000);
  });

  it('keeps since while a trouble is found again, whatever its figures, and begins anew when it was gone', () => {
    const texts = ['3 routes.', '4 routes.', undefined, '5 routes.'];
    const diagnosing = new Diagnosing([
      check('one', () => {
        const text = texts.shift();
        return text === undefined ? [] : [trouble('a', { text })];
      }),
    ]);
    const seen = [0, 1, 2, 3].map((n) => {
      const { found, gone } = pass(diagnosing, now + n);
      const [first] = diagnosing.list();
      return [found.length, gone.length, first && `${first.text} since ${first.since - now}`];
    });
    expect(seen).toEqual([
      [1, 0, '3 routes. since 0'],
      [0, 0, '4 routes. since 0'],
      [0, 1, undefined],
      [1, 0, '5 routes. since 3'],
    ]);
  });

  it('can be interrupted wherever a check yields', () => {
    let looked = 0;
    const diagnosing = new Diagnosing([
      check('one', function* () {
        for (; looked < 10; looked++) yield;
        yield trouble('a');
      }),
    ]);
    diagnosing.begin(factsOf({}));
    expect(diagnosing.step(0)).toBeUndefined();
    expect(looked).toBeLessThan(2);
    expect(diagnosing.isRunning).toBe(true);
    let steps = 1;
    while (!diagnosing.step(0)) steps++;
    expect(steps).toBeGreaterThan(10);
    expect(diagnosing.list()).toHaveLength(1);
    expect(diagnosing.isRunning).toBe(false);
  });

  it('asks checks of objects only when the objects have changed', () => {
    let asked = 0;
    const diagnosing = new Diagnosing([
      check('one', () => [trouble(`${++asked}`)], { ofObjects: true }),
      check('two', () => []),
    ]);
    const { cluster } = factsOf({ objects: [] });
    pass(diagnosing, now, { cluster });
    pass(diagnosing, now, { cluster });
    expect(asked).toBe(1);
    expect(diagnosing.list()).toHaveLength(1);
    pass(diagnosing, now, { cluster: factsOf({ objects: [] }).cluster });
    expect(asked).toBe(2);
  });

  it('goes on with the other checks when objects of the same trouble are found twice', () => {
    const diagnosing = new Diagnosing([check('one', () => [trouble('a'), trouble('a'), trouble('b')])]);
    pass(diagnosing);
    expect(diagnosing.catalog()).toMatchObject([{ found: 2, notListed: 0 }]);
  });
});

describe('bounds', () => {
  it.each([
    [maxPerCode, maxPerCode, 0],
    [maxPerCode + 7, maxPerCode + 7, 7],
    [maxFoundPerCode + 1, maxFoundPerCode, maxFoundPerCode - maxPerCode],
  ])('of %i troubles of one code %i are counted and %i are not listed', (troubles, found, notListed) => {
    const diagnosing = new Diagnosing([
      check('one', function* () {
        for (let i = 0; i < troubles; i++) yield trouble(`node-${i}`);
      }),
    ]);
    pass(diagnosing);
    expect(diagnosing.list()).toHaveLength(maxPerCode);
    expect(diagnosing.catalog()).toEqual([
      {
        code: 'one',
        aliases: [],
        severity: 'warning',
        title: 'one',
        looksFor: 'one.',
        found,
        foundBySeverity: { critical: 0, warning: found, info: 0 },
        notListed,
      },
    ]);
  });
});
