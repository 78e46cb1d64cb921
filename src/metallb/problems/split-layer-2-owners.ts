/** Addresses that several services share, with an owner each on layer 2 (MetalLB issues 3025, 315 and 295). */
import { parsePrefix } from '../../ip.ts';
import type { Cluster } from './cluster.ts';
import type { ObjectProblems, ObjectRule } from './rule.ts';
import { names } from './words.ts';

/** Two services share an address, and the election gives it to different nodes. */
export const splitLayer2Owners: ObjectRule = {
  code: 'split-layer-2-owners',
  severity: 'critical',
  title: 'Shared address with two owners on layer 2',
  looksFor: 'addresses shared by services that elect different nodes.',
  isCostly: true,
  find,
};

function* find(cluster: Cluster): ObjectProblems {
  if (cluster.resources.L2Advertisement.size === 0) return;
  for (const [address, services] of yield* cluster.servicesByAddress()) {
    if (services.length < 2) continue;
    yield;
    const owners = new Map<string, string[]>();
    for (const { key } of services)
      for (const { node } of cluster.table.layer2.of(key)?.elected ?? [])
        owners.set(node, [...(owners.get(node) ?? []), key]);
    if (owners.size < 2) continue;
    yield {
      prefix: `${address}/${parsePrefix(address)!.length}`,
      text:
        `${address} has ${owners.size} owners on layer 2: ` +
        `${[...owners].map(([node, keys]) => `${node} for ${names(keys)}`).join(', ')}. Hosts on the segment ` +
        'use the one that answers last.',
      hint:
        'Services that share an address need the same endpoints and the same L2Advertisements: compare ' +
        'spec.externalTrafficPolicy, their selectors, and spec.serviceSelectors of the advertisements.',
      objects: services.slice(0, 5).map(({ ref }) => ref),
    };
  }
}
