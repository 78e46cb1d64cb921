/** Which pools: what an IPAddressPool covers, which advertisements it has, and which pool an address is of. */
import type { Family } from '../../ip.ts';
import type { BGPAdvertisement, IPAddressPool, L2Advertisement } from '../objects/resources.ts';
import {
  type Address,
  type Cidr,
  compareAddresses,
  formatCidr,
  lastInOverlap,
  lastOf,
  parseAddresses,
} from './cidr.ts';
import { anyMatches } from './selectors.ts';

/** A pool with its addresses parsed: one list of CIDRs for each entry of `addresses`, since the length rule looks at entries. */
export interface ParsedPool {
  readonly object: IPAddressPool;
  readonly entries: readonly { readonly text: string; readonly cidrs: readonly Cidr[] }[];
  readonly families: ReadonlySet<4 | 6>;
}

/** CIDRs of one pool: a range may make some 250 of them, and a pool may have thousands of ranges. */
export const maxBlocks = 20_000;

const parsed = new WeakMap<IPAddressPool, ParsedPool>();

/** Throws an Error in MetalLB's words; parsed once per object. */
export function parsePool(object: IPAddressPool): ParsedPool {
  let pool = parsed.get(object);
  if (!pool) {
    let blocks = 0;
    const entries = object.spec.addresses.map((text) => {
      const cidrs = parseAddresses(text);
      if ((blocks += cidrs.length) > maxBlocks) throw new Error(`the addresses make more than ${maxBlocks} CIDRs`);
      return { text, cidrs };
    });
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

/** The families that any of the pools has. */
export function familiesOfPools(pools: readonly ParsedPool[]): ReadonlySet<Family> {
  const families = new Set<Family>();
  for (const pool of pools) {
    for (const family of pool.families) families.add(family);
    if (families.size === 2) break;
  }
  return families;
}

/** Two blocks that share addresses, within a pool or across pools; "later" as the pools are ordered. */
export interface Overlap {
  readonly earlier: Block;
  readonly later: Block;
}

/** Each block that overlaps one before it by address, with the one of those that reaches furthest. */
export function* overlaps(pools: readonly ParsedPool[]): Generator<Overlap> {
  let furthest: Block | undefined;
  for (const block of blocksOf(pools)) {
    const { cidr } = block;
    if (furthest && furthest.cidr.family === cidr.family && lastInOverlap(furthest.cidr) >= cidr.first) {
      const inOrder = furthest.order <= block.order;
      yield { earlier: inOrder ? furthest : block, later: inOrder ? block : furthest };
      if (lastInOverlap(furthest.cidr) >= lastInOverlap(cidr)) continue;
    }
    furthest = block;
  }
}

/** The first overlap, in MetalLB's words, and the later pool. */
export function findOverlap(pools: readonly ParsedPool[]): { error: string; pool: IPAddressPool } | undefined {
  for (const { earlier, later } of overlaps(pools)) {
    const error = `CIDR "${formatCidr(later.cidr)}" in pool "${later.pool.object.ref.name}" overlaps with already defined CIDR "${formatCidr(earlier.cidr)}" of pool "${earlier.pool.object.ref.name}"`;
    return { error, pool: later.pool.object };
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
  /** Position in the pool's `addresses`. */
  readonly entry: number;
  /** Position of the pool in its list. */
  readonly order: number;
}

/** All blocks by family and first address; of two with the same first address the wider one first. */
function blocksOf(pools: readonly ParsedPool[]): Block[] {
  const blocks = pools.flatMap((pool, order) =>
    pool.entries.flatMap(({ cidrs }, entry) => cidrs.map((cidr) => ({ cidr, pool, entry, order }))),
  );
  return blocks.sort((a, b) => compareAddresses(firstOf(a.cidr), firstOf(b.cidr)) || a.cidr.length - b.cidr.length);
}

const firstOf = ({ family, first: value }: Cidr): Address => ({ family, value });
