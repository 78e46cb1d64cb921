/**
 * A filter of `/routes` or of a subscription as predicates on interned ids. What depends only on the attributes, or
 * only on the prefix, is worked out once per id and remembered: a change in the feed costs two look-ups.
 */

import { fromWall } from '../clock.ts';
import type { Family } from '../ip.ts';
import type { AttributesJson, RibView, RouteHandle } from '../rib/types.ts';
import type { VerdictChange } from '../verdicts/types.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';
import { type AskedPrefix, attributesTest, chainTest, prefixTest, readPrefix } from './filter-tests.ts';
import { limits } from './limits.ts';
import { resolveNeighbor } from './resolve.ts';
import type { MatchMode, RouteFilter } from './schemas.ts';
import { timeOf } from './time-of.ts';

export interface CompiledFilter {
  prefix: (AskedPrefix & { match: MatchMode }) | undefined;
  family: Family | undefined;
  /** Ids; undefined = any. */
  neighbors: ReadonlySet<number> | undefined;
  /** Does everything pass? */
  matchesAll: boolean;
  /** Is the prefix of this NLRI (looked up unless given) one that is asked for? For `longest` every prefix that contains it may be. */
  nlri(nlri: number, prefix?: string): boolean;
  /** Is it one of the neighbors, and on one of the nodes, that are asked for? */
  neighbor(id: number): boolean;
  /** Do the attributes (interned, +1; looked up unless given), from this neighbor, fit? */
  attributes(attributes: number, neighbor: number, known?: AttributesJson | null): boolean;
  /** What needs more than that: verdict, expectation, staleness, age. */
  live(handle: RouteHandle): boolean;
  /** Does a change of verdict concern it? What it asks of attributes is asked of the received route. */
  verdict(change: VerdictChange): boolean;
}

/** What `scan` leaves open of a filter, cheapest first. */
export function matchesRoute(filter: CompiledFilter, handle: RouteHandle): boolean {
  return filter.attributes(handle.attributes, handle.neighbor) && filter.live(handle);
}

/** Throws ApiError for a prefix, neighbor, path or time that is none. */
export function compileFilter(
  filter: RouteFilter,
  deps: ApiDeps,
  cacheSize: number = limits.filterCache,
): CompiledFilter {
  const { rib } = deps;
  if (filter.prefix === undefined && filter.match !== undefined)
    throw new ApiError(400, 'invalid-request', 'match: needs prefix');
  const prefix =
    filter.prefix === undefined
      ? undefined
      : { ...readPrefix(filter.prefix, filter.normalize), match: filter.match ?? 'exact' };
  const neighbors = filter.neighbor && new Set(filter.neighbor.map((text) => resolveNeighbor(rib, text).id));
  const nodes = filter.node && new Set<string | null>(filter.node);
  const hasPrefix = prefixTest(prefix, filter.family);
  const neighbor = (id: number) =>
    (!neighbors || neighbors.has(id)) && (!nodes || nodes.has(rib.neighbors.get(id)?.node ?? null));
  return {
    prefix,
    family: filter.family,
    neighbors,
    matchesAll: Object.values(filter).every((value) => value === undefined),
    nlri: hasPrefix
      ? remembered<string>((nlri, prefix) => hasPrefix(prefix ?? rib.prefixText(nlri)), cacheSize)
      : () => true,
    neighbor,
    attributes: attributePredicate(filter, rib, cacheSize),
    live: livePredicate(filter, deps),
    verdict: verdictPredicate(filter, hasPrefix, (id, node) =>
      id === null ? !neighbors && (!nodes || nodes.has(node)) : neighbor(id),
    ),
  };
}

function attributePredicate(filter: RouteFilter, rib: RibView, cacheSize: number): CompiledFilter['attributes'] {
  const test = attributesTest(filter);
  if (!test) return () => true;
  const asnOf = (neighbor: number) => rib.neighbors.get(neighbor)?.asn ?? null;
  // only the origin of an empty path depends on who sent it
  if (filter.originAsn !== undefined)
    return (id, neighbor, known) => test(known ?? rib.attributes(id), asnOf(neighbor));
  const answers = remembered<AttributesJson | null>((id, known) => test(known ?? rib.attributes(id), null), cacheSize);
  return (id, _, known) => answers(id, known);
}

function livePredicate(filter: RouteFilter, deps: ApiDeps): CompiledFilter['live'] {
  const { rib, verdicts } = deps;
  const { stale, verdict, since } = filter;
  const tests: ((handle: RouteHandle) => boolean)[] = [];
  if (stale !== undefined) tests.push((handle) => rib.isStale(handle) === stale);
  if (verdict)
    tests.push(({ neighbor, nlri }) => {
      const word = verdicts.word(neighbor, nlri);
      return word !== null && verdict.includes(word);
    });
  const inChain = chainTest(filter);
  if (inChain) tests.push((handle) => inChain(chainOf(deps, handle)));
  if (since !== undefined) tests.push(agePredicate(since, rib));
  return tests.length === 0 ? () => true : (handle) => tests.every((test) => test(handle));
}

/** Why a received route is expected, if it is. */
function chainOf({ rib, expectations }: ApiDeps, { neighbor, nlri }: RouteHandle) {
  const { node, bgpPeer } = rib.neighbors.get(neighbor) ?? {};
  if (!node || !bgpPeer) return [];
  return expectations()?.route(node, bgpPeer, rib.prefixText(nlri))?.chain ?? [];
}

function agePredicate(since: string, rib: RibView): (handle: RouteHandle) => boolean {
  if (/^\d{1,15}$/.test(since)) return (handle) => rib.json(handle).seq > Number(since);
  const at = timeOf('since', since, 'a seq, or a time as in RFC 3339');
  return (handle) => fromWall(Date.parse(rib.json(handle).lastChangedAt)) > at;
}

function verdictPredicate(
  filter: RouteFilter,
  hasPrefix: ((text: string) => boolean) | undefined,
  isFrom: (neighbor: number | null, node: string | null) => boolean,
): CompiledFilter['verdict'] {
  const inChain = chainTest(filter);
  const hasAttributes = attributesTest(filter);
  return ({ from, to, verdict: { prefix, neighbor, node, expected, received } }) =>
    (hasPrefix?.(prefix) ?? true) &&
    isFrom(neighbor, node) &&
    (filter.verdict?.some((word) => word === from || word === to) ?? true) &&
    (filter.stale === undefined || (received?.stale ?? false) === filter.stale) &&
    (inChain?.(expected?.chain ?? []) ?? true) &&
    (!hasAttributes || (received !== null && hasAttributes(received, received.neighbor.asn)));
}

/** The answers of a predicate on an id; a later id takes the place of an earlier one that is equal modulo `size`. */
function remembered<T>(
  predicate: (id: number, value?: T) => boolean,
  size: number,
): (id: number, value?: T) => boolean {
  let answers: Float64Array | undefined;
  return (id, value) => {
    // 0 = free; otherwise the id + 1, negative for false
    answers ??= new Float64Array(size);
    const known = answers[id % size]!;
    if (Math.abs(known) === id + 1) return known > 0;
    const answer = predicate(id, value);
    answers[id % size] = answer ? id + 1 : -(id + 1);
    return answer;
  };
}
