/** Routes of a neighbor by attribute set: what is odd about a thousand routes is usually odd about one set. */
import type { AttributesJson, Neighbor, RibView, RouteIndex } from '../rib/types.ts';

export interface RouteSet {
  attributes: AttributesJson;
  /** Routes with this set, by family. */
  ipv4: number;
  ipv6: number;
  /** The first prefix of each family, undefined where there is none. */
  example4: string | undefined;
  example6: string | undefined;
}

/** Sets looked at for one neighbor: one that sends a set per route has no pattern to find. */
export const maxSetsPerNeighbor = 256;
/** Routes between two places to pause. */
const routesPerPause = 4_096;

interface Kept {
  version: string;
  sets: readonly RouteSet[];
}

export class RouteSets {
  readonly #rib: RibView & RouteIndex;
  readonly #kept = new Map<number, Kept>();

  constructor(rib: RibView & RouteIndex) {
    this.#rib = rib;
  }

  *of(neighbor: Neighbor): Generator<undefined, readonly RouteSet[]> {
    const version = versionOf(neighbor);
    const kept = this.#kept.get(neighbor.id);
    if (kept?.version === version) return kept.sets;
    const sets = new Map<number, RouteSet>();
    let looked = 0;
    for (const nlri of this.#rib.nlrisOf(neighbor.id)) {
      if (++looked % routesPerPause === 0) yield;
      const attributes = this.#rib.attributesOf(neighbor.id, nlri);
      if (attributes === 0) continue;
      let set = sets.get(attributes);
      if (!set) {
        if (sets.size === maxSetsPerNeighbor) continue;
        set = {
          attributes: this.#rib.attributes(attributes),
          ipv4: 0,
          ipv6: 0,
          example4: undefined,
          example6: undefined,
        };
        sets.set(attributes, set);
      }
      if (this.#rib.family(nlri) === 4) {
        set.ipv4++;
        set.example4 ??= this.#rib.prefixText(nlri);
      } else {
        set.ipv6++;
        set.example6 ??= this.#rib.prefixText(nlri);
      }
    }
    const result = [...sets.values()];
    this.#kept.set(neighbor.id, { version, sets: result });
    return result;
  }

  /** Forgets neighbors that are no more. */
  prune(neighbors: ReadonlyMap<number, Neighbor>): void {
    for (const id of this.#kept.keys()) if (!neighbors.has(id)) this.#kept.delete(id);
  }
}

/** Changes whenever the routes of a neighbor may have. */
function versionOf({ session, counters, routes }: Neighbor): string {
  return `${session} ${counters.announcements} ${counters.withdraws} ${routes.ipv4} ${routes.ipv6}`;
}
