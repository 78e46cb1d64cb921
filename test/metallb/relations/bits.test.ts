import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bitsOf,
  difference,
  hasBit,
  intersection,
  intersects,
  isEmpty,
  members,
  union,
} from '../../../src/metallb/relations/bits.ts';

const sets = fc.uniqueArray(fc.nat(200));
const bits = (list: number[]): ReturnType<typeof bitsOf> =>
  bitsOf(Math.max(0, ...list) + 1, (number) => list.includes(number));
const sorted = (list: Iterable<number>): number[] => [...list].sort((a, b) => a - b);

describe('a set of bits, of any two sizes', () => {
  it('is what a Set is', () => {
    fc.assert(
      fc.property(sets, sets, fc.nat(300), (a, b, some) => {
        const [left, right] = [bits(a), bits(b)];
        expect([...members(left)]).toEqual(sorted(a));
        expect(hasBit(left, some)).toBe(a.includes(some));
        expect([...members(union(left, right))]).toEqual(sorted(new Set([...a, ...b])));
        expect([...members(intersection(left, right))]).toEqual(sorted(a.filter((number) => b.includes(number))));
        expect([...members(difference(left, right))]).toEqual(sorted(a.filter((number) => !b.includes(number))));
        expect(intersects(left, right)).toBe(a.some((number) => b.includes(number)));
        expect(isEmpty(difference(left, right))).toBe(a.every((number) => b.includes(number)));
      }),
    );
  });

  it('has no member below 0: a node that is not there', () => expect(hasBit(bits([0, 31, 32]), -1)).toBe(false));
});
