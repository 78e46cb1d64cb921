/** Two advertisements that want different localPref for one prefix on one node (metallb.md trouble 1). */
import { advertises } from '../../metallb/pools.ts';
import { localPrefCompatible } from '../../metallb/rules/advertisement.ts';
import type { Facts, Finds } from '../types.ts';
import { names } from '../words.ts';

/** In whole: MetalLB refuses the later one, or does not announce the services that both match. */
export function* localPrefConflict({ cluster }: Facts): Finds {
  if (!cluster) return;
  const { advertisements, pools } = cluster;
  for (const [i, later] of advertisements.entries()) {
    yield;
    for (const earlier of advertisements.slice(0, i)) {
      if (earlier.spec.localPref === later.spec.localPref) continue;
      const shared = cluster.sharedBy(earlier, later);
      if (shared.length === 0) continue;
      const pool = pools.find(
        (one) =>
          advertises(earlier, one.object) && advertises(later, one.object) && !localPrefCompatible(earlier, later, one),
      );
      if (!pool) continue;
      const perService = earlier.spec.serviceSelectors.length + later.spec.serviceSelectors.length > 0;
      yield {
        text:
          `BGPAdvertisement ${earlier.ref.name} sets localPref ${earlier.spec.localPref} and BGPAdvertisement ${later.ref.name} sets ` +
          `${later.spec.localPref} for the same prefixes of IPAddressPool ${pool.object.ref.name} on ${names(shared)}: ` +
          (perService
            ? 'a service that both match is not announced there.'
            : 'MetalLB refuses the later one, or the whole configuration where no webhook stands in the way.'),
        hint:
          `Give both the same spec.localPref, or make their prefixes differ: ` +
          `${pool.families.size > 1 ? 'spec.aggregationLength and spec.aggregationLengthV6 (in a dual-stack pool both must differ)' : 'the aggregation length'}, spec.peers or spec.nodeSelectors.`,
        objects: [earlier.ref, later.ref, pool.object.ref],
      };
    }
  }
}

/** By node: each node is right by itself, but routers of the same AS use the highest value only. */
export function* localPrefByNode({ cluster }: Facts): Finds {
  if (!cluster) return;
  const { advertisements, pools } = cluster;
  const internal = new Set(cluster.table.sessions.filter(({ ibgp }) => ibgp).map(({ node }) => node));
  if (internal.size === 0) return;
  for (const [i, later] of advertisements.entries()) {
    yield;
    for (const earlier of advertisements.slice(0, i)) {
      if (earlier.spec.localPref === later.spec.localPref) continue;
      if (cluster.sharedBy(earlier, later).length > 0) continue;
      const pool = pools.find(
        (one) =>
          advertises(earlier, one.object) && advertises(later, one.object) && !localPrefCompatible(earlier, later, one),
      );
      if (!pool) continue;
      const of = (one: typeof later): string[] => [...cluster.selectedBy(one)].filter((name) => internal.has(name));
      const [first, second] = [of(earlier), of(later)];
      if (first.length === 0 || second.length === 0) continue;
      const [low, high] = earlier.spec.localPref < later.spec.localPref ? [first, second] : [second, first];
      yield {
        text:
          `Prefixes of IPAddressPool ${pool.object.ref.name} come with localPref ${earlier.spec.localPref} from ${names(first)} ` +
          `(BGPAdvertisement ${earlier.ref.name}) and with ${later.spec.localPref} from ${names(second)} (${later.ref.name}): ` +
          `routers of the same AS send everything to ${names(high)}, and nothing to ${names(low)} while those are there.`,
        hint: 'Right for a primary and a backup. To spread the traffic over all nodes, give both the same spec.localPref.',
        objects: [earlier.ref, later.ref, pool.object.ref],
      };
    }
  }
}
