import { type Problem, problem } from '../codes.ts';
import type { IPAddressPool, Node } from '../objects/resources.ts';
import { covers, formatCidr, parseNumber } from '../relations/cidr.ts';
import { type ParsedPool, parsePool } from '../relations/pools.ts';
import { selectorProblem } from '../relations/selectors.ts';
import { firstDuplicate } from './objection.ts';

/** What is wrong with a pool by itself. */
export function poolProblem(pool: IPAddressPool): Problem | undefined {
  if (pool.spec.addresses.length === 0) return problem('no-addresses', 'pool has no prefixes defined');
  try {
    parsePool(pool);
  } catch (error) {
    return problem('invalid-addresses', (error as Error).message);
  }
  const allocation = pool.spec.serviceAllocation;
  if (!allocation) return undefined;
  const twice = firstDuplicate(allocation.namespaces);
  if (twice !== undefined)
    return problem('duplicate-entry', `duplicate definition of namespace "${twice}" in serviceAllocation`);
  return (
    selectorProblem(allocation.namespaceSelectors, 'serviceAllocation.namespaceSelectors') ??
    selectorProblem(allocation.serviceSelectors, 'serviceAllocation.serviceSelectors')
  );
}

/** An address of a node among those of a pool, in MetalLB's words. Only MetalLB 0.15.0 minds. */
export function nodeAddressProblem(pool: ParsedPool, nodes: Iterable<Node>): Problem | undefined {
  const cidrs = pool.entries.flatMap((entry) => entry.cidrs);
  for (const { spec } of nodes)
    for (const { type, address: text } of spec.addresses) {
      const address = type === 'InternalIP' ? parseNumber(text) : undefined;
      const cidr = address && cidrs.find((one) => covers(one, address));
      if (cidr) return problem('node-address-in-pool', `pool cidr "${formatCidr(cidr)}" contains nodeIp "${text}"`);
    }
  return undefined;
}
