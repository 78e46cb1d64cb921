/** `facets=`: which values the routes behind a filter have, and how many routes have each. */
import type { AttributesJson } from '../rib/types.ts';
import type { ApiDeps } from './deps.ts';
import { limits } from './limits.ts';
import { type CompiledFilter, matchesRoute } from './route-filter.ts';
import { scan } from './scan.ts';
import type { Facet } from './schemas.ts';

export const facetNames = [
  'verdict',
  'node',
  'neighbor',
  'family',
  'stale',
  'community',
  'largeCommunity',
  'nextHop',
  'originAsn',
  'localPref',
] as const;
export type FacetName = (typeof facetNames)[number];

/** Facets that follow from the attributes: counted per interned set, decoded once each. */
const ofAttributes: Partial<Record<FacetName, (attributes: AttributesJson) => (string | number | null)[]>> = {
  community: ({ communities }) => communities,
  largeCommunity: ({ largeCommunities }) => largeCommunities,
  nextHop: ({ nextHop }) => [nextHop],
  originAsn: ({ asPath }) => [asPath.at(-1) ?? null].flat(),
  localPref: ({ localPref }) => [localPref],
};

/** Counts over every route that matches, up to `limits.facetRows`. */
export async function countFacets(
  deps: ApiDeps,
  filter: CompiledFilter,
  names: FacetName[],
): Promise<Record<string, Facet>> {
  const { rib, verdicts } = deps;
  const bySet = new Map<number, number>();
  const byNeighbor = new Map<number, number>();
  const byFamily = new Map<number, number>();
  const byStale = new Map<boolean, number>();
  const byVerdict = new Map<string | null, number>();
  let counted = 0;
  const stopped = await scan(rib, filter, undefined, (handle) => {
    if (!matchesRoute(filter, handle)) return true;
    if (counted === limits.facetRows) return false;
    counted++;
    increase(bySet, handle.attributes);
    increase(byNeighbor, handle.neighbor);
    increase(byFamily, rib.family(handle.nlri));
    if (names.includes('stale')) increase(byStale, rib.isStale(handle));
    if (names.includes('verdict')) increase(byVerdict, verdicts.word(handle.neighbor, handle.nlri));
    return true;
  });
  const counts: Partial<Record<FacetName, Map<unknown, number>>> = {
    neighbor: byNeighbor,
    family: byFamily,
    stale: byStale,
    verdict: byVerdict,
    node: regroup(byNeighbor, (id) => [rib.neighbors.get(id)?.node ?? null]),
  };
  const facets = names.map((name): [FacetName, Facet] => {
    const values = ofAttributes[name];
    const count = counts[name] ?? regroup(bySet, (id) => values!(rib.attributes(id)));
    return [name, present(count, stopped !== undefined)];
  });
  return Object.fromEntries(facets);
}

function increase<K>(counts: Map<K, number>, key: K, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

/** Counts by id as counts by the values that the id stands for. */
function regroup(byId: Map<number, number>, valuesOf: (id: number) => unknown[]): Map<unknown, number> {
  const counts = new Map<unknown, number>();
  for (const [id, count] of byId) for (const value of new Set(valuesOf(id))) increase(counts, value, count);
  return counts;
}

/** The most frequent values first; `null` (no such attribute, no verdict) is not a value. */
function present(counts: Map<unknown, number>, partial: boolean): Facet {
  const values = [...counts]
    .filter(([value]) => value !== null)
    .map(([value, count]) => ({ value: String(value), count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  return { values: values.slice(0, limits.facetValues), truncated: partial || values.length > limits.facetValues };
}
