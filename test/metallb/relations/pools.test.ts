import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readObject } from '../../../src/metallb/objects/read.ts';
import type { IPAddressPool } from '../../../src/metallb/objects/resources.ts';
import { covers, parseAddresses, parseNumber } from '../../../src/metallb/relations/cidr.ts';
import { findOverlap, type ParsedPool, PoolIndex, parsePool } from '../../../src/metallb/relations/pools.ts';
import { pool } from '../../support/metallb-objects.ts';

const parsed = (name: string, ...addresses: string[]): ParsedPool =>
  parsePool(readObject({ raw: pool(name, addresses) }).object as IPAddressPool);

describe('the pool of an address', () => {
  const index = new PoolIndex([
    parsed('low', '10.0.0.0/24'),
    parsed('range', '10.0.1.5-10.0.1.9', '2001:db8::/120'),
    parsed('high', '255.255.255.0/24', '::/127'),
  ]);
  it.each([
    ['10.0.0.0', 'low'],
    ['10.0.0.255', 'low'],
    ['10.0.1.0', undefined],
    ['10.0.1.5', 'range'],
    ['10.0.1.9', 'range'],
    ['10.0.1.10', undefined],
    ['9.255.255.255', undefined],
    ['255.255.255.255', 'high'],
    ['::', 'high'],
    ['::2', undefined],
    ['2001:db8::ff', 'range'],
    ['2001:db8::100', undefined],
    ['0.0.0.0', undefined],
  ])('%s is of %s', (address, name) => expect(index.poolOf(parseNumber(address)!)?.object.ref.name).toBe(name));
});

describe('an overlap', () => {
  const block = fc
    .tuple(fc.nat(15), fc.integer({ min: 24, max: 32 }), fc.nat(255))
    .map(([third, length, host]) => `10.0.${third}.${host}/${length}`);
  it('is found exactly where two blocks share an address', () => {
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 8 }), (blocks) => {
        const cidrs = blocks.map((text) => parseAddresses(text)[0]!);
        const shared = cidrs.some((a, i) => cidrs.some((b, j) => i !== j && covers(a, { family: 4, value: b.first })));
        expect(findOverlap(blocks.map((text, i) => parsed(`p${i}`, text))) !== undefined).toBe(shared);
      }),
    );
  });
});
