/**
 * Addresses that several services share, announced from nodes that serve only some of them (MetalLB issues 3025, 315
 * and 295).
 */
import { parsePrefix } from '../../ip.ts';
import type { Facts, Finds } from '../types.ts';
import { names } from '../words.ts';

/** A contributor with externalTrafficPolicy Local is lost on nodes that announce the address for the others only. */
export function* sharedAddressSplit({ cluster }: Facts): Finds {
  if (!cluster) return;
  for (const [address, services] of yield* cluster.servicesByAddress()) {
    if (services.length < 2 || !services.some(({ spec }) => spec.externalTrafficPolicy === 'Local')) continue;
    const prefix = `${address}/${parsePrefix(address)!.length}`;
    const announcing = new Set<string>();
    for (const [node, sessions] of cluster.sessionsByNode) {
      yield;
      if (sessions.some(({ bgpPeer }) => cluster.table.route(node, bgpPeer, prefix))) announcing.add(node);
    }
    for (const service of services) {
      if (service.spec.externalTrafficPolicy !== 'Local') continue;
      const { nodes } = cluster.endpoints(service);
      const dropping = [...announcing].filter((node) => !nodes.has(node));
      if (nodes.size === 0 || dropping.length === 0) continue;
      const others = services.filter((other) => other !== service).map(({ key }) => key);
      yield {
        prefix,
        service: service.key,
        text:
          `${address} is shared by ${service.key} (externalTrafficPolicy Local, endpoints on ` +
          `${names(nodes)}) and ${names(others)}. ` +
          `${names(dropping)} announce${dropping.length === 1 ? 's' : ''} it for the latter and ` +
          `drop${dropping.length === 1 ? 's' : ''} what is meant for ${service.key}.`,
        hint:
          'Services that share an address need externalTrafficPolicy Cluster, or Local with the same pods ' +
          'behind all of them.',
        objects: services.slice(0, 5).map(({ ref }) => ref),
      };
    }
  }
}

/** Layer 2: two services share an address, and the election gives it to different nodes. */
export function* splitLayer2Owners({ cluster }: Facts): Finds {
  if (!cluster || cluster.resources.L2Advertisement.size === 0) return;
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
        'see whichever answers last.',
      hint:
        'Services that share an address need the same endpoints and the same L2Advertisements: compare ' +
        'spec.externalTrafficPolicy, their selectors, and spec.serviceSelectors of the advertisements.',
      objects: services.slice(0, 5).map(({ ref }) => ref),
    };
  }
}
