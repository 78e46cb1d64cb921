/** Advertisements that want different localPref for one prefix (MetalLB issues 2345 and 1739). */

import type { BGPAdvertisement } from '../../metallb/objects/resources.ts';
import { advertises, type ParsedPool } from '../../metallb/pools.ts';
import { localPrefCompatible } from '../../metallb/rules/advertisement.ts';
import { selects } from '../../metallb/selectors.ts';
import type { Cluster } from '../cluster.ts';
import type { Facts, Finds } from '../types.ts';
import { names } from '../words.ts';

/** On one node: MetalLB refuses the later one, or does not announce the services that both match. */
export function* localPrefConflict({ cluster }: Facts): Finds {
  if (!cluster) return;
  const users = yield* cluster.usersOfPools();
  for (const pair of pairsOf(cluster)) {
    yield;
    if (!pair) continue;
    const { earlier, later, pool } = pair;
    const shared = cluster.sharedBy(earlier, later);
    if (shared.length === 0) continue;
    const matching = (): string[] =>
      [...(users.get(pool)?.[4] ?? []), ...(users.get(pool)?.[6] ?? [])].filter((key) => {
        const { labels } = cluster.resources.Service.get(key)!;
        return selects(earlier.spec.serviceSelectors, labels) && selects(later.spec.serviceSelectors, labels);
      });
    const affected = isPerService(pair) ? matching() : undefined;
    if (affected?.length === 0) continue;
    yield {
      text:
        `BGPAdvertisement ${earlier.ref.name} sets localPref ${earlier.spec.localPref} and BGPAdvertisement ` +
        `${later.ref.name} sets ` +
        `${later.spec.localPref} for the same prefixes of IPAddressPool ${pool.object.ref.name} on ${names(shared)}: ` +
        (affected
          ? `what both match is not announced there (${names(affected)}).`
          : 'MetalLB refuses the later one, or the whole configuration where no webhook stands in the way.'),
      hint:
        `Give both the same spec.localPref, or make their prefixes differ: ` +
        `${pool.families.size > 1 ? 'spec.aggregationLength and spec.aggregationLengthV6 (in a dual-stack pool both must differ)' : 'the aggregation length'}, ` +
        'spec.peers or spec.nodeSelectors.',
      objects: [earlier.ref, later.ref, pool.object.ref],
    };
  }
}

/** By node: each node is right by itself, but routers of the same AS use the highest value only. */
export function* localPrefByNode({ cluster, options }: Facts): Finds {
  if (!cluster) return;
  const internal = new Set(cluster.table.sessions.filter(({ ibgp }) => ibgp).map(({ node }) => node));
  if (internal.size === 0) return;
  // native speakers send what is set, 0 included; FRR sends 100 where nothing is set
  const onTheWire = ({ spec }: BGPAdvertisement): number =>
    spec.localPref === 0 && options.mode !== 'native' ? 100 : spec.localPref;
  for (const pair of pairsOf(cluster)) {
    yield;
    if (!pair || isPerService(pair)) continue;
    const { earlier, later, pool } = pair;
    if (onTheWire(earlier) === onTheWire(later) || cluster.sharedBy(earlier, later).length > 0) continue;
    const of = (one: BGPAdvertisement): string[] => [...cluster.selectedBy(one)].filter((name) => internal.has(name));
    const [low, high] = onTheWire(earlier) < onTheWire(later) ? [earlier, later] : [later, earlier];
    if (of(low).length === 0 || of(high).length === 0) continue;
    yield {
      text:
        `Prefixes of IPAddressPool ${pool.object.ref.name} come with LOCAL_PREF ${onTheWire(low)} from ` +
        `${names(of(low))} ` +
        `(BGPAdvertisement ${low.ref.name}) and with ${onTheWire(high)} from ${names(of(high))} (${high.ref.name}): ` +
        `routers of the same AS send everything to the latter, and nothing to the former while those are there.`,
      hint:
        'Right for a primary and a backup. To spread the traffic over all nodes, give both the same ' +
        'spec.localPref.',
      objects: [earlier.ref, later.ref, pool.object.ref],
    };
  }
}

interface Pair {
  earlier: BGPAdvertisement;
  later: BGPAdvertisement;
  /** The first pool for which they make the same prefixes, with different localPref, for a peer that both have. */
  pool: ParsedPool;
}

/** undefined = a place to pause. */
function* pairsOf({ advertisements, pools }: Cluster): Generator<Pair | undefined> {
  for (const [i, later] of advertisements.entries()) {
    yield;
    for (const earlier of advertisements.slice(0, i)) {
      if (earlier.spec.localPref === later.spec.localPref) continue;
      const pool = pools.find(
        (one) =>
          advertises(earlier, one.object) && advertises(later, one.object) && !localPrefCompatible(earlier, later, one),
      );
      if (pool) yield { earlier, later, pool };
    }
  }
}

const isPerService = ({ earlier, later }: Pair): boolean =>
  earlier.spec.serviceSelectors.length + later.spec.serviceSelectors.length > 0;
