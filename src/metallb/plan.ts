/** What a speaker makes of MetalLB's objects: parsed, references resolved. */

import { aliasesOf, CommunityError, maxCommunities, resolveCommunity } from './communities.ts';
import type { BGPAdvertisement, BGPPeer, L2Advertisement } from './objects/resources.ts';
import { advertises, type ParsedPool, PoolIndex } from './pools.ts';
import { type Configuration, validPools } from './stages/admission.ts';

/** A BGPAdvertisement with its communities resolved. `index` numbers it within its plan. */
export interface Advertisement {
  readonly index: number;
  readonly object: BGPAdvertisement;
  /** undefined = all. */
  readonly peers: ReadonlySet<string> | undefined;
  /** Sorted as text, each once. */
  readonly communities: readonly string[];
  readonly largeCommunities: readonly string[];
  /** Why sessions do not take routes of it; the configuration as such is valid. */
  readonly unpublishable: string | undefined;
}

/** Services of one pool that match the same advertisements: on each node they pass or fail the node's gates together. */
export interface Group {
  readonly pool: ParsedPool;
  readonly ofPool: readonly Advertisement[];
  /** Those of the pool whose serviceSelectors match. */
  readonly matching: readonly Advertisement[];
  /** Those of them whose routes sessions take. */
  readonly publishable: readonly Advertisement[];
}

/** A configuration that speakers can run. It holds objects only; which nodes they pick is asked of the cluster. */
export interface Plan {
  /** Groups met so far, so that equal ones are identical. */
  readonly groups: Map<string, Group>;
  readonly configuration: Configuration;
  readonly poolIndex: PoolIndex;
  readonly advertisements: readonly Advertisement[];
  readonly ofPool: ReadonlyMap<ParsedPool, readonly Advertisement[]>;
  readonly l2OfPool: ReadonlyMap<ParsedPool, readonly L2Advertisement[]>;
  readonly peers: readonly BGPPeer[];
}

export function makePlan(configuration: Configuration): Plan {
  const aliases = aliasesOf(configuration.communities.values());
  const advertisements = Array.from(configuration.advertisements.values(), (object, index): Advertisement => {
    const values = object.spec.communities.flatMap((text) => {
      try {
        return [resolveCommunity(text, aliases)];
      } catch (error) {
        // every node that this advertisement selects objects to the plan, so none ever uses it from here
        if (error instanceof CommunityError) return [];
        throw error;
      }
    });
    const texts = (large: boolean): string[] =>
      [...new Set(values.filter((value) => value.large === large).map(({ text }) => text))].sort();
    const communities = texts(false);
    const largeCommunities = texts(true);
    const count = communities.length + largeCommunities.length;
    return {
      index,
      object,
      peers: object.spec.peers.length === 0 ? undefined : new Set(object.spec.peers),
      communities,
      largeCommunities,
      unpublishable:
        count > maxCommunities ? `max supported communities is ${maxCommunities}, got ${count}` : undefined,
    };
  });
  const pools = validPools(configuration);
  return {
    groups: new Map(),
    configuration,
    poolIndex: new PoolIndex(pools),
    advertisements,
    ofPool: new Map(
      pools.map((pool) => [pool, advertisements.filter(({ object }) => advertises(object, pool.object))]),
    ),
    l2OfPool: new Map(
      pools.map((pool) => [
        pool,
        [...configuration.l2Advertisements.values()].filter((object) => advertises(object, pool.object)),
      ]),
    ),
    peers: [...configuration.peers.values()],
  };
}
