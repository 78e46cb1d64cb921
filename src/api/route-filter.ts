/**
 * A filter of `/routes` or of a subscription as predicates on interned ids. What depends only on the attributes, or
 * only on the prefix, is worked out once per id and remembered: a frame of the feed costs two look-ups a change.
 */
import { contains, type Family, formatPrefix, type Prefix, parsePrefix } from '../ip.ts';
import type { AttributesJson, RibView, RouteHandle } from '../rib/types.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';
import { limits } from './limits.ts';
import { resolveNeighbor } from './resolve.ts';
import type { MatchMode, RouteFilter } from './schemas.ts';

export interface CompiledFilter {
  /** The prefix asked for, canonical, and how it is to be matched. */
  prefix: { text: string; value: Prefix; match: MatchMode } | undefined;
  family: Family | undefined;
  /** Ids; undefined = any. */
  neighbors: ReadonlySet<number> | undefined;
  /** Does every route pass? */
  matchesAll: boolean;
  /** Is the prefix of this NLRI one that is asked for? For `longest` any prefix that contains it is. */
  nlri(nlri: number): boolean;
  /** Is the neighbor, as far as filters ask about it, one that is asked for? */
  neighbor(id: number): boolean;
  /** Do the attributes (interned, +1) and what they mean from this neighbor fit? */
  attributes(attributes: number, neighbor: number): boolean;
  /** What needs the live route: verdict, expectation, staleness, age. */
  live(handle: RouteHandle): boolean;
}

/** What `scan` leaves open of a filter, cheapest first. */
export function matchesRoute(filter: CompiledFilter, handle: RouteHandle): boolean {
  return filter.attributes(handle.attributes, handle.neighbor) && filter.live(handle);
}

/** Throws ApiError for a prefix, neighbor, path or time that is none. */
export function compileFilter(filter: RouteFilter, deps: ApiDeps): CompiledFilter {
  const { rib } = deps;
  const prefix =
    filter.prefix === undefined
      ? undefined
      : { ...readPrefix(filter.prefix, filter.normalize), match: filter.match ?? 'exact' };
  if (!prefix && filter.match !== undefined) throw new ApiError(400, 'invalid-request', 'match: needs prefix');
  const neighbors = filter.neighbor && new Set(filter.neighbor.map((text) => resolveNeighbor(rib, text).id));
  const nodes = filter.node && new Set(filter.node);
  const attributes = attributePredicate(filter, rib);
  const live = livePredicate(filter, deps);
  return {
    prefix,
    family: filter.family,
    neighbors,
    matchesAll: Object.values(filter).every((value) => value === undefined),
    nlri: nlriPredicate(prefix, filter.family, rib),
    neighbor: (id) => (!neighbors || neighbors.has(id)) && (!nodes || nodes.has(rib.neighbors.get(id)?.node ?? '')),
    attributes,
    live,
  };
}

/** Canonical prefix; host bits are a 422 unless `normalize`. A bare address is a host prefix. */
export function readPrefix(text: string, normalize = false): { text: string; value: Prefix } {
  const value = parsePrefix(text);
  if (!value) throw new ApiError(400, 'invalid-request', `prefix: ${text} is no prefix and no address`);
  const canonical = formatPrefix(value);
  if (!normalize && !parsePrefix(text, { strict: true }))
    throw new ApiError(422, 'host-bits-set', `${text} has host bits set: ask for ${canonical}, or add normalize=true`);
  return { text: canonical, value };
}

function nlriPredicate(
  prefix: CompiledFilter['prefix'],
  family: number | undefined,
  rib: RibView,
): (nlri: number) => boolean {
  if (!prefix) return family === undefined ? () => true : (nlri) => rib.family(nlri) === family;
  const { value, text, match } = prefix;
  const fits: Record<MatchMode, (other: Prefix, otherText: string) => boolean> = {
    exact: (_, other) => other === text,
    longer: (other) => contains(value, other),
    shorter: (other) => contains(other, value) && other.length < value.length,
    covering: (other) => contains(other, value),
    longest: (other) => contains(other, value),
  };
  return remembered((nlri) => {
    const other = rib.prefixText(nlri);
    return (family === undefined || rib.family(nlri) === family) && fits[match](parsePrefix(other)!, other);
  });
}

function attributePredicate(filter: RouteFilter, rib: RibView): CompiledFilter['attributes'] {
  const { community, largeCommunity, nextHop, asPath, originAsn } = filter;
  const path = asPath === undefined ? undefined : pathPredicate(asPath);
  const tests: ((attributes: AttributesJson) => boolean)[] = [];
  if (community) tests.push(({ communities }) => community.some((one) => communities.includes(one)));
  if (largeCommunity)
    tests.push(({ largeCommunities }) => largeCommunity.some((one) => largeCommunities.includes(one)));
  if (nextHop) {
    const address = readPrefix(nextHop).text.split('/')[0];
    tests.push((attributes) => attributes.nextHop === address || attributes.nextHopLinkLocal === address);
  }
  if (path) tests.push((attributes) => path(attributes.asPath));
  const fits = remembered((id) => tests.every((test) => test(rib.attributes(id))));
  if (originAsn === undefined) return tests.length === 0 ? () => true : (id) => fits(id);
  return (id, neighbor) => {
    const last = rib.attributes(id).asPath.at(-1) ?? rib.neighbors.get(neighbor)?.asn;
    return (Array.isArray(last) ? last.includes(originAsn) : last === originAsn) && fits(id);
  };
}

/** `64512 64513`: these AS numbers in sequence; `^` anchors them at the neighbor, `$` at the origin. */
function pathPredicate(pattern: string): (path: AttributesJson['asPath']) => boolean {
  const [, start, list, end] = /^(\^)?\s*([\d\s,]*?)\s*(\$)?$/.exec(pattern.trim()) ?? [];
  const asns = (list ?? 'none')
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(Number);
  if (!asns.every((asn) => asn <= 0xffff_ffff))
    throw new ApiError(
      400,
      'invalid-request',
      'asPath: expected AS numbers in sequence, such as 64512 64513 or ^64512$',
    );
  return (path) => {
    const first = end && !start ? path.length - asns.length : 0;
    const last = start ? 0 : path.length - asns.length;
    if (start && end && path.length !== asns.length) return false;
    for (let at = Math.max(0, first); at <= last; at++)
      if (asns.every((asn, i) => holds(path[at + i], asn))) return true;
    return false;
  };
}

const holds = (element: number | number[] | undefined, asn: number): boolean =>
  Array.isArray(element) ? element.includes(asn) : element === asn;

function livePredicate(filter: RouteFilter, deps: ApiDeps): CompiledFilter['live'] {
  const { rib, verdicts } = deps;
  const tests: ((handle: RouteHandle) => boolean)[] = [];
  const { stale, verdict, since } = filter;
  if (stale !== undefined) tests.push((handle) => rib.isStale(handle) === stale);
  if (verdict) tests.push(({ neighbor, nlri }) => verdict.includes(verdicts.word(neighbor, nlri) ?? 'unknown'));
  if (filter.service !== undefined || filter.pool !== undefined || filter.advertisement !== undefined)
    tests.push(chainPredicate(filter, deps));
  if (since !== undefined) tests.push(agePredicate(since, rib));
  return tests.length === 0 ? () => true : (handle) => tests.every((test) => test(handle));
}

/** Routes that are expected because of a service, a pool or an advertisement. */
function chainPredicate({ service, pool, advertisement }: RouteFilter, { rib, expectations }: ApiDeps) {
  return ({ neighbor, nlri }: RouteHandle): boolean => {
    const { node, bgpPeer } = rib.neighbors.get(neighbor) ?? {};
    const table = expectations();
    if (!table || !node || !bgpPeer) return false;
    const chain = table.route(node, bgpPeer, rib.prefixText(nlri))?.chain ?? [];
    return chain.some(
      (link) =>
        (service === undefined || link.service === service) &&
        (pool === undefined || link.pool === pool) &&
        (advertisement === undefined || link.advertisement === advertisement),
    );
  };
}

function agePredicate(since: string, rib: RibView): (handle: RouteHandle) => boolean {
  if (/^\d{1,15}$/.test(since)) return (handle) => rib.json(handle).seq > Number(since);
  const at = Date.parse(since);
  if (Number.isNaN(at)) throw new ApiError(400, 'invalid-request', 'since: expected a seq, or a time as in RFC 3339');
  return (handle) => Date.parse(rib.json(handle).lastChangedAt) > at;
}

/** The answers of a predicate on an id, kept; bounded by starting anew. */
function remembered(predicate: (id: number) => boolean): (id: number) => boolean {
  const known = new Map<number, boolean>();
  return (id) => {
    let answer = known.get(id);
    if (answer === undefined) {
      if (known.size >= limits.filterCache) known.clear();
      answer = predicate(id);
      known.set(id, answer);
    }
    return answer;
  };
}
