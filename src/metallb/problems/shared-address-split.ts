/**
 * Addresses that several services share, announced from nodes that serve only some of them (MetalLB issues 3025, 315
 * and 295).
 */
import { parsePrefix } from '../../ip.ts';
import type { Cluster } from './cluster.ts';
import type { ObjectProblems, ObjectRule } from './rule.ts';
import { names } from './words.ts';

/** A contributor with externalTrafficPolicy Local is lost on nodes that announce the address for the others only. */
export const sharedAddressSplit: ObjectRule = {
  code: 'shared-address-split',
  severity: 'warning',
  title: 'Shared address announced by nodes without endpoints',
  looksFor: 'addresses shared by services of which one has externalTrafficPolicy Local and fewer nodes.',
  isCostly: true,
  find,
};

function* find(cluster: Cluster): ObjectProblems {
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
          `drop${dropping.length === 1 ? 's' : ''} traffic for ${service.key}.`,
        hint:
          'Services that share an address need externalTrafficPolicy Cluster, or Local with the same pods ' +
          'behind all of them.',
        objects: services.slice(0, 5).map(({ ref }) => ref),
      };
    }
  }
}
