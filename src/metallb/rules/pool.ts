import { covers, formatCidr, parseNumber } from '../cidr.ts';
import { findOverlap, type ParsedPool, parsePool } from '../pools.ts';
import type { IPAddressPool, Node } from '../resources.ts';
import { selectorProblem } from '../selectors.ts';
import { firstDuplicate } from './objection.ts';

/** What is wrong with a pool by itself. */
export function poolProblem(pool: IPAddressPool): string | undefined {
  if (pool.spec.addresses.length === 0) return 'pool has no prefixes defined';
  try {
    parsePool(pool);
  } catch (error) {
    return (error as Error).message;
  }
  const allocation = pool.spec.serviceAllocation;
  if (!allocation) return undefined;
  const twice = firstDuplicate(allocation.namespaces);
  if (twice !== undefined) return `duplicate definition of namespace "${twice}" in serviceAllocation`;
  return (
    selectorProblem(allocation.namespaceSelectors, 'serviceAllocation.namespaceSelectors') ??
    selectorProblem(allocation.serviceSelectors, 'serviceAllocation.serviceSelectors')
  );
}

/** An address of a node among those of a pool, in MetalLB's words. Only MetalLB 0.15.0 minds. */
export function nodeAddressProblem(pool: ParsedPool, nodes: Iterable<Node>): string | undefined {
  const cidrs = pool.entries.flatMap((entry) => entry.cidrs);
  for (const { spec } of nodes)
    for (const { type, address: text } of spec.addresses) {
      const address = type === 'InternalIP' ? parseNumber(text) : undefined;
      const cidr = address && cidrs.find((one) => covers(one, address));
      if (cidr) return `pool cidr "${formatCidr(cidr)}" contains nodeIp "${text}"`;
    }
  return undefined;
}

/** What is wrong with valid pools together: no two blocks may overlap. */
export function overlapProblem(pools: readonly ParsedPool[]): string | undefined {
  return findOverlap(pools);
}
