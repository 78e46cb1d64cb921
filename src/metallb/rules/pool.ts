import { findOverlap, type ParsedPool, parsePool } from '../pools.ts';
import type { IPAddressPool } from '../resources.ts';
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

/** What is wrong with valid pools together: no two blocks may overlap. */
export function overlapProblem(pools: readonly ParsedPool[]): string | undefined {
  return findOverlap(pools);
}
