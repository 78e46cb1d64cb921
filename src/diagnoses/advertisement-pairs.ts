/** BGPAdvertisements that make the same prefixes with different localPref. */
import type { BGPAdvertisement } from '../metallb/objects/resources.ts';
import { advertises, type ParsedPool } from '../metallb/pools.ts';
import { localPrefCompatible } from '../metallb/rules/advertisement.ts';
import type { Cluster } from './cluster.ts';

/** Two of them. */
export interface AdvertisementPair {
  earlier: BGPAdvertisement;
  later: BGPAdvertisement;
  /** The first pool for which they make the same prefixes, with different localPref, for a peer that both have. */
  pool: ParsedPool;
}

/** All pairs, in the order of the objects; undefined = a place to pause. */
export function* pairsOf({ advertisements, pools }: Cluster): Generator<AdvertisementPair | undefined> {
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

/** Do they differ for some services only? */
export const isPerService = ({ earlier, later }: AdvertisementPair): boolean =>
  earlier.spec.serviceSelectors.length + later.spec.serviceSelectors.length > 0;
