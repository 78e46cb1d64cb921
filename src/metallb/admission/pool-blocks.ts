/** The blocks of pools that are in force, in the order of their addresses: what a new pool is held against. */
import { type Cidr, compareAddresses, lastInOverlap } from '../relations/cidr.ts';
import { findOverlap, type ParsedPool } from '../relations/pools.ts';

interface Block {
  readonly cidr: Cidr;
  readonly pool: string;
}

export class PoolBlocks {
  readonly #pools = new Map<string, ParsedPool>();
  #blocks: Block[] = [];
  /** Pools that overlap got in where no webhook was: then there is no order to go by. */
  #inOrder = true;

  has(name: string): boolean {
    return this.#pools.has(name);
  }

  values(): Iterable<ParsedPool> {
    return this.#pools.values();
  }

  set(pool: ParsedPool): void {
    const { name } = pool.object.ref;
    this.#inOrder &&= this.overlapOf(pool) === undefined;
    this.delete(name);
    this.#pools.set(name, pool);
    for (const cidr of pool.entries.flatMap(({ cidrs }) => cidrs))
      this.#blocks.splice(this.#after(cidr.family, cidr.first), 0, { cidr, pool: name });
  }

  delete(name: string): void {
    if (this.#pools.delete(name)) this.#blocks = this.#blocks.filter(({ pool }) => pool !== name);
  }

  /** What of the pool is in it twice, or in another one than its own earlier version, in MetalLB's words. */
  overlapOf(pool: ParsedPool): string | undefined {
    const { name } = pool.object.ref;
    const met = this.#inOrder ? this.#meeting(pool) : new Set(this.#pools.keys());
    met.delete(name);
    return findOverlap([...Array.from(met, (other) => this.#pools.get(other)!), pool])?.error;
  }

  #meeting(pool: ParsedPool): Set<string> {
    const met = new Set<string>();
    for (const cidr of pool.entries.flatMap(({ cidrs }) => cidrs)) {
      const last = lastInOverlap(cidr);
      // blocks share no address: those that reach into this one are the last that start before its end
      for (let i = this.#after(cidr.family, last) - 1; i >= 0; i--) {
        const block = this.#blocks[i]!;
        if (block.cidr.family !== cidr.family || lastInOverlap(block.cidr) < cidr.first) break;
        met.add(block.pool);
      }
    }
    return met;
  }

  /** Where blocks begin that start behind an address. */
  #after(family: Cidr['family'], value: bigint): number {
    let low = 0;
    for (let high = this.#blocks.length; low < high; ) {
      const middle = (low + high) >> 1;
      const { cidr } = this.#blocks[middle]!;
      if (compareAddresses({ family: cidr.family, value: cidr.first }, { family, value }) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
