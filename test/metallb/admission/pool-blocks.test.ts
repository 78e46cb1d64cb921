import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PoolBlocks } from '../../../src/metallb/admission/pool-blocks.ts';
import { readObject } from '../../../src/metallb/objects/read.ts';
import type { IPAddressPool } from '../../../src/metallb/objects/resources.ts';
import { findOverlap, type ParsedPool, parsePool } from '../../../src/metallb/relations/pools.ts';
import { pool } from '../../support/metallb-objects.ts';

const parsed = (name: string, addresses: string[]): ParsedPool =>
  parsePool(readObject({ raw: pool(name, addresses) }).object as IPAddressPool);

/** Blocks of few addresses, so that they meet often; both families. */
const block = fc
  .tuple(fc.boolean(), fc.nat(31), fc.nat(3))
  .map(([six, at, bits]) => (six ? `2001:db8::${at.toString(16)}/${128 - bits}` : `10.0.0.${at}/${32 - bits}`));
const pools = fc.array(
  fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), addresses: fc.array(block, { minLength: 1, maxLength: 3 }) }),
  {
    maxLength: 12,
  },
);

describe('blocks of pools in force', () => {
  it('tell the same overlap as when all pools are held against each other', () => {
    fc.assert(
      fc.property(pools, (given) => {
        const blocks = new PoolBlocks();
        const inForce = new Map<string, ParsedPool>();
        for (const { name, addresses } of given) {
          const next = parsed(name, addresses);
          const others = [...inForce].filter(([other]) => other !== name).map(([, one]) => one);
          const overlap = blocks.overlapOf(next);
          expect(overlap === undefined).toBe(findOverlap([...others, next]) === undefined);
          if (overlap !== undefined) continue;
          blocks.set(next);
          inForce.set(name, next);
          expect([...blocks.values()].map(({ object }) => object.ref.name).sort()).toEqual([...inForce.keys()].sort());
        }
      }),
    );
  });

  it('that overlap, as without a webhook they may, are all looked at', () => {
    const blocks = new PoolBlocks();
    blocks.set(parsed('wide', ['10.0.0.0/24']));
    blocks.set(parsed('inside', ['10.0.0.0/30']));
    expect(blocks.overlapOf(parsed('new', ['10.0.0.64/30']))).toContain('overlaps with already defined CIDR');
    blocks.delete('inside');
    expect(blocks.has('inside')).toBe(false);
  });
});
