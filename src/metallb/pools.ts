/** Which pools: what an IPAddressPool covers, which advertisements it has, and which pool an address is of. */
import { type Address, type Cidr, compareAddresses, formatCidr, lastOf, parseAddresses } from './cidr.ts';
import type { BGPAdvertisement, IPAddressPool, L2Advertisement } from './resources.ts';
import { anyMatches } from './selectors.ts';

/** A pool with its addresses parsed: one list of CIDRs for each entry of `addresses`, since the length rule looks at entries. */
export interface ParsedPool {
  readonly object: IPAddressPool;
  readonly entries: readonly { readonly text: string; readonly cidrs: readonly Cidr[] }[];
  readonly families: ReadonlySet<4 | 6>;
}

const parsed = new WeakMap<IPAddressPool, ParsedPool>();

/** Throws an Error in MetalLB's words; parsed once per object. */
export function parsePool(object: IPAddressPool): ParsedPool {
  let pool = parsed.get(object);
  if (!pool) {
    const entries = object.spec.addresses.map((text) => ({ text, cidrs: parseAddresses(text) }));
    pool = { object, entries, families: new Set(entries.flatMap(({ cidrs }) => cidrs.map((cidr) => cidr.family))) };
    parsed.set(object, pool);
  }
  return pool;
}

/**
 * Does the advertisement apply to the pool? With neither names nor selectors it applies to every pool; otherwise to
 * the union of both. A selector that matches nothing selects nothing, whatever MetalLB's field description says.
 */
export function advertises(advertisement: BGPAdvertisement | L2Advertisement, pool: IPAddressPool): boolean {
  const { ipAddressPools, ipAddressPoolSelectors } = advertisement.spec;
  if (ipAddressPools.length === 0 && ipAddressPoolSelectors.length === 0) return true;
  return ipAddressPools.includes(pool.ref.name) || anyMatches(ipAddressPoolSelectors, pool.labels);
}

export interface Overlap {
  readonly earlier: ParsedPool;
  readonly later: ParsedPool;
  readonly text: string;
}

/** The first overlap of two blocks, within a pool or across pools; "later" as the pools are ordered. */
export function findOverlap(pools: readonly ParsedPool[]): Overlap | undefined {
  const blocks = blocksOf(pools);
  for (let i = 1; i < blocks.length; i++) {
    const [a, b] = [blocks[i - 1]!, blocks[i]!];
    if (a.cidr.family !== b.cidr.family || lastOf(a.cidr) < b.cidr.first) continue;
    const [earlier, later] = a.order <= b.order ? [a, b] : [b, a];
    const text = `CIDR "${formatCidr(later.cidr)}" in pool "${later.pool.object.ref.name}" overlaps with already defined CIDR "${formatCidr(earlier.cidr)}" of pool "${earlier.pool.object.ref.name}"`;
    return { earlier: earlier.pool, later: later.pool, text };
  }
  return undefined;
}

/** Finds the pool of an address in O(log n). The pools must not overlap. */
export class PoolIndex {
  readonly #blocks: readonly Block[];

  constructor(pools: readonly ParsedPool[]) {
    this.#blocks = blocksOf(pools);
  }

  poolOf(address: Address): ParsedPool | undefined {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const { cidr } = this.#blocks[middle]!;
      if (compareAddresses(firstOf(cidr), address) <= 0) low = middle + 1;
      else high = middle;
    }
    const block = this.#blocks[low - 1];
    return block && block.cidr.family === address.family && lastOf(block.cidr) >= address.value
      ? block.pool
      : undefined;
  }
}

interface Block {
  readonly cidr: Cidr;
  readonly pool: ParsedPool;
  /** Position of the pool in its list. */
  readonly order: number;
}

/** All blocks by family and first address; of two with the same first address the wider one first. */
function blocksOf(pools: readonly ParsedPool[]): Block[] {
  const blocks = pools.flatMap((pool, order) =>
    pool.entries.flatMap(({ cidrs }) => cidrs.map((cidr) => ({ cidr, pool, order }))),
  );
  return blocks.sort((a, b) => compareAddresses(firstOf(a.cidr), firstOf(b.cidr)) || a.cidr.length - b.cidr.length);
}

const firstOf = ({ family, first: value }: Cidr): Address => ({ family, value });
