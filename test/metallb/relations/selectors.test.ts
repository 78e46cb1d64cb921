import { describe, expect, it } from 'vitest';
import type { LabelSelector } from '../../../src/metallb/objects/resources.ts';
import { matches, selectorProblem, selects } from '../../../src/metallb/relations/selectors.ts';

const selector = (
  matchLabels: Record<string, string>,
  ...matchExpressions: [string, string, ...string[]][]
): LabelSelector => ({
  matchLabels,
  matchExpressions: matchExpressions.map(([key, operator, ...values]) => ({ key, operator, values })),
});

describe('a selector', () => {
  it.each([
    ['without any condition matches everything', selector({}), {}, true],
    ['wants all of its labels', selector({ a: '1', b: '2' }), { a: '1', b: '2', c: '3' }, true],
    ['misses one of its labels', selector({ a: '1', b: '2' }), { a: '1' }, false],
    ['minds the case', selector({ zone: 'East' }), { zone: 'east' }, false],
    ['In: one of the values', selector({}, ['zone', 'In', 'east', 'west']), { zone: 'west' }, true],
    ['In: the label has to be there', selector({}, ['zone', 'In', 'east']), {}, false],
    ['NotIn: another value', selector({}, ['zone', 'NotIn', 'east']), { zone: 'west' }, true],
    ['NotIn: no label at all', selector({}, ['zone', 'NotIn', 'east']), {}, true],
    ['NotIn: one of the values', selector({}, ['zone', 'NotIn', 'east']), { zone: 'east' }, false],
    ['Exists: also when empty', selector({}, ['zone', 'Exists']), { zone: '' }, true],
    ['DoesNotExist', selector({}, ['zone', 'DoesNotExist']), { zone: '' }, false],
    ['labels and expressions are ANDed', selector({ a: '1' }, ['b', 'Exists']), { a: '1' }, false],
    ['finds the label __proto__', selector(JSON.parse('{"__proto__":"a"}')), JSON.parse('{"__proto__":"a"}'), true],
    ['misses the label __proto__', selector(JSON.parse('{"__proto__":"a"}')), {}, false],
    ['knows no inherited properties', selector({}, ['constructor', 'Exists']), {}, false],
  ])('%s', (_, given, labels, expected) => expect(matches(given, labels as Record<string, string>)).toBe(expected));

  it('in a list is ORed with the others', () => {
    expect(selects([selector({ a: '1' }), selector({ b: '1' })], { b: '1' })).toBe(true);
    expect(selects([selector({ a: '1' }), selector({ b: '1' })], { c: '1' })).toBe(false);
    expect(selects([], {})).toBe(true);
  });
});

describe('what MetalLB refuses in a list of selectors', () => {
  it.each([
    ['nothing in different ones', [selector({ a: '1' }), selector({ a: '2' })], undefined],
    [
      'the same one twice',
      [selector({ a: '1', b: '2' }), selector({ b: '2', a: '1' })],
      'duplicate selector in nodeSelectors',
    ],
    [
      'values in another order are the same',
      [selector({}, ['a', 'In', 'x', 'y']), selector({}, ['a', 'In', 'y', 'x'])],
      'duplicate selector',
    ],
    [
      'the same expression twice',
      [selector({}, ['a', 'Exists'], ['a', 'Exists'])],
      'duplicate match expression for key "a"',
    ],
    ['the same value twice', [selector({}, ['a', 'In', 'x', 'x'])], 'duplicate values for key "a"'],
    ['an unknown operator', [selector({}, ['a', 'Equals', 'x'])], '"Equals" is not a valid label selector operator'],
    ['In without values', [selector({}, ['a', 'In'])], 'needs values'],
    ['Exists with values', [selector({}, ['a', 'Exists', 'x'])], 'takes no values'],
    ['a bad key', [selector({ 'a b': '1' })], 'not a valid label key'],
    ['a bad value', [selector({ a: 'x y' })], 'not a valid label value'],
    ...['toString', 'constructor', '__proto__'].map((operator): [string, LabelSelector[], string] => [
      `the operator ${operator}`,
      [selector({}, ['a', operator, 'b'])],
      'not a valid label selector operator',
    ]),
    ['the key __proto__', [selector(JSON.parse('{"__proto__":"a"}'))], 'not a valid label key'],
    ['nothing in a key with a domain', [selector({ 'kubernetes.io/hostname': 'NodeA' })], undefined],
  ])('%s', (_, selectors, problem) => {
    const found = selectorProblem(selectors, 'nodeSelectors');
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found?.error).toContain(problem);
  });
});
