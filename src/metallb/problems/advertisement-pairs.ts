/** BGPAdvertisements with the same prefixes and different localPref. */
import type { BGPAdvertisement } from '../objects/resources.ts';
import type { ParsedPool } from '../relations/pools.ts';
import type { Relations } from '../relations/relations.ts';
import { localPrefCompatible } from '../rules/advertisement.ts';
import type { VersionRules } from '../versions.ts';

/** Two of them. */
export interface AdvertisementPair {
  earlier: BGPAdvertisement;
  later: BGPAdvertisement;
  /** The first pool for which both announce the same prefixes, with different localPref, to a peer that both take. */
  pool: ParsedPool;
}

/** All pairs, in the order of the objects; undefined = a place to pause. */
export function* pairsOf(relations: Relations, rules: VersionRules): Generator<AdvertisementPair | undefined> {
  const { advertisements } = relations;
  for (const [i, later] of advertisements.entries()) {
    yield;
    for (const earlier of advertisements.slice(0, i)) {
      if (earlier.spec.localPref === later.spec.localPref) continue;
      const shared = new Set(relations.poolsOf(earlier));
      const pool = relations
        .poolsOf(later)
        .find((one) => shared.has(one) && !localPrefCompatible(earlier, later, one, rules));
      if (pool) yield { earlier, later, pool };
    }
  }
}

/** Do they differ for some services only? */
export const isPerService = ({ earlier, later }: AdvertisementPair): boolean =>
  earlier.spec.serviceSelectors.length + later.spec.serviceSelectors.length > 0;
