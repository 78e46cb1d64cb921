import type { Family } from '../../ip.ts';
import type { BGPAdvertisement } from '../objects/resources.ts';
import { blockOf, type Cidr, formatCidr, lastOf } from '../relations/cidr.ts';
import type { ParsedPool } from '../relations/pools.ts';
import type { Lint } from '../types.ts';
import { finding, type LintRule } from './scope.ts';

/**
 * Aggregates that cover addresses outside the pool. Wider than every piece of an entry: refused. Wider than some
 * pieces of a range only: MetalLB takes it, and the nodes draw traffic for addresses that are somebody else's.
 */
export const wideAggregates: LintRule = function* ({ written }) {
  for (const advertisement of written.advertisements) {
    const { aggregationLength, aggregationLengthV6 } = advertisement.spec;
    if (aggregationLength === 32 && aggregationLengthV6 === 128) continue; // no aggregates
    for (const pool of written.poolsOf(advertisement))
      for (const family of pool.families) {
        const length = family === 4 ? aggregationLength : aggregationLengthV6;
        if (length >= longestOf(pool, family)) continue;
        const lint = tooWide(advertisement, pool, family);
        if (lint) yield lint;
      }
  }
};

/** The first piece of the pool, of one family, whose aggregate reaches out. */
function tooWide(advertisement: BGPAdvertisement, pool: ParsedPool, family: Family): Lint | undefined {
  const field = family === 4 ? 'aggregationLength' : 'aggregationLengthV6';
  const length = advertisement.spec[field];
  if (length < 0 || length > (family === 4 ? 32 : 128)) return undefined; // refused as such
  const narrower = pool.entries
    .flatMap((entry) => entry.cidrs)
    .filter((cidr) => cidr.family === family && cidr.length > length);
  const covered = new Map<bigint, bigint>();
  for (const cidr of narrower) {
    const { first } = aggregateOf(cidr, length);
    covered.set(first, (covered.get(first) ?? 0n) + sizeOf(cidr));
  }
  // pieces do not overlap: either they make up the aggregate or something in it is not the pool's
  const piece = narrower.find((cidr) => {
    const aggregate = aggregateOf(cidr, length);
    return covered.get(aggregate.first)! < sizeOf(aggregate);
  });
  if (!piece) return undefined;
  const name = pool.object.ref.name;
  const entry = pool.entries.find((one) => one.cidrs.includes(piece))!;
  const widest = Math.min(...entry.cidrs.map((cidr) => cidr.length));
  if (length < widest) return undefined; // rejected: aggregate-refused
  const aggregate = formatCidr(aggregateOf(piece, length));
  return finding(
    'wide-aggregate',
    advertisement,
    `spec.${field}`,
    `/${length} makes ${aggregate} of ${entry.text}, which reaches outside IPAddressPool ${name}: its nodes draw traffic for addresses that are not theirs`,
  );
}

const longest = new WeakMap<ParsedPool, ReadonlyMap<Family, number>>();

/** Length of the smallest piece. */
function longestOf(pool: ParsedPool, family: Family): number {
  let lengths = longest.get(pool);
  if (!lengths) {
    const found = new Map<Family, number>();
    for (const { cidrs } of pool.entries)
      for (const { family: own, length } of cidrs) found.set(own, Math.max(length, found.get(own) ?? 0));
    longest.set(pool, (lengths = found));
  }
  return lengths.get(family) ?? 0;
}

const aggregateOf = ({ family, first }: Cidr, length: number): Cidr => blockOf({ family, value: first }, length);

const sizeOf = (cidr: Cidr): bigint => lastOf(cidr) - cidr.first + 1n;
