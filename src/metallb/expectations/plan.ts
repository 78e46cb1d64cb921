/** What a speaker makes of MetalLB's objects: parsed, references resolved. */

import { aliasesOf, CommunityError, maxCommunities, resolveCommunity } from '../objects/communities.ts';
import type { BGPAdvertisement } from '../objects/resources.ts';
import type { ParsedPool } from '../relations/pools.ts';
import { type Configuration, Relations } from '../relations/relations.ts';
import type { VersionRules } from '../versions.ts';

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
  readonly relations: Relations;
  readonly rules: VersionRules;
  readonly advertisements: readonly Advertisement[];
  readonly ofPool: ReadonlyMap<ParsedPool, readonly Advertisement[]>;
}

export function makePlan(configuration: Configuration, rules: VersionRules): Plan {
  const relations = new Relations(configuration);
  const aliases = aliasesOf(configuration.communities.values());
  const advertisements = relations.advertisements.map((object, index): Advertisement => {
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
  const byObject = new Map(advertisements.map((advertisement) => [advertisement.object, advertisement]));
  return {
    groups: new Map(),
    relations,
    rules,
    advertisements,
    ofPool: new Map(
      relations.pools.map((pool) => [pool, relations.advertisementsOf(pool).map((object) => byObject.get(object)!)]),
    ),
  };
}
