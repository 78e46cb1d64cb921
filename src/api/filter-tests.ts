/** The single questions of a filter, on values. Each is undefined when the filter does not ask it. */
import { contains, type Family, formatPrefix, type Prefix, parsePrefix } from '../ip.ts';
import { type CommunityValue, parseCommunity } from '../metallb/objects/communities.ts';
import type { ChainLink } from '../metallb/types.ts';
import type { AttributesJson } from '../rib/types.ts';
import { ApiError } from './errors.ts';
import type { MatchMode, RouteFilter } from './schemas.ts';

export interface AskedPrefix {
  /** Canonical. */
  text: string;
  value: Prefix;
}

/** Canonical prefix; host bits are a 422 unless `normalize`. A bare address is a host prefix. */
export function readPrefix(text: string, normalize = false): AskedPrefix {
  const value = parsePrefix(text);
  if (!value) throw new ApiError(400, 'invalid-request', `prefix: invalid prefix or address "${text}"`);
  const canonical = formatPrefix(value);
  if (!normalize && !parsePrefix(text, { strict: true }))
    throw new ApiError(422, 'host-bits-set', `${text} has host bits set: ask for ${canonical}, or add normalize=true`);
  return { text: canonical, value };
}

const communityForms = {
  community: 'two numbers up to 65535 such as 64512:100',
  largeCommunity: 'three numbers up to 4294967295 such as 64512:1:100',
};

/** Canonical, as routes have it. */
function readCommunity(name: keyof typeof communityForms, text: string): string {
  const isLarge = name === 'largeCommunity';
  const other = isLarge ? 'community' : 'largeCommunity';
  const read = asCommunity(isLarge && !text.startsWith('large:') ? `large:${text}` : text);
  if (read?.large === isLarge) return read.text;
  const looksLikeOther = text.split(':').length === (isLarge ? 2 : 3);
  const hint = looksLikeOther ? ` (${other} is for ${communityForms[other]})` : '';
  throw new ApiError(
    400,
    'invalid-request',
    `${name}: invalid value "${text}"; expected ${communityForms[name]}${hint}`,
  );
}

function asCommunity(text: string): CommunityValue | undefined {
  try {
    return parseCommunity(text);
  } catch {
    return undefined;
  }
}

/** Whether a prefix is one that is asked for. For `longest` every prefix that contains it may be. */
export function prefixTest(
  asked: (AskedPrefix & { match: MatchMode }) | undefined,
  family: Family | undefined,
): ((text: string) => boolean) | undefined {
  if (!asked) return family === undefined ? undefined : (text) => text.includes(':') === (family === 6);
  const { value, text: wanted, match } = asked;
  const fits: Record<MatchMode, (other: Prefix, text: string) => boolean> = {
    exact: (_, text) => text === wanted,
    longer: (other) => contains(value, other),
    shorter: (other) => contains(other, value) && other.length < value.length,
    covering: (other) => contains(other, value),
    longest: (other) => contains(other, value),
  };
  return (text) => {
    const other = parsePrefix(text)!;
    return (family === undefined || other.family === family) && fits[match](other, text);
  };
}

/** Whether the attributes of a route from a neighbor in AS `asn` are ones that are asked for. */
export function attributesTest(
  filter: RouteFilter,
): ((attributes: AttributesJson, asn: number | null) => boolean) | undefined {
  const { nextHop, asPath, originAsn } = filter;
  const community = filter.community?.map((text) => readCommunity('community', text));
  const largeCommunity = filter.largeCommunity?.map((text) => readCommunity('largeCommunity', text));
  const tests: ((attributes: AttributesJson, asn: number | null) => boolean)[] = [];
  if (community) tests.push(({ communities }) => community.some((one) => communities.includes(one)));
  if (largeCommunity) tests.push((one) => largeCommunity.some((wanted) => one.largeCommunities.includes(wanted)));
  if (nextHop !== undefined) {
    const address = readPrefix(nextHop).text.split('/')[0];
    tests.push((one) => one.nextHop === address || one.nextHopLinkLocal === address);
  }
  if (asPath !== undefined) {
    const fits = pathTest(asPath);
    tests.push((one) => fits(one.asPath));
  }
  if (originAsn !== undefined) tests.push((one, asn) => holds(one.asPath.at(-1) ?? asn, originAsn));
  return tests.length === 0 ? undefined : (attributes, asn) => tests.every((test) => test(attributes, asn));
}

/** Whether an expectation comes from the service, pool and advertisement that are asked for. */
export function chainTest({
  service,
  pool,
  advertisement,
}: Pick<RouteFilter, 'service' | 'pool' | 'advertisement'>): ((chain: readonly ChainLink[]) => boolean) | undefined {
  if (service === undefined && pool === undefined && advertisement === undefined) return undefined;
  return (chain) =>
    chain.some(
      (link) =>
        (service === undefined || link.service === service) &&
        (pool === undefined || link.pool === pool) &&
        (advertisement === undefined || link.advertisement === advertisement),
    );
}

type AsPath = AttributesJson['asPath'];

/** `64512 64513`: these AS numbers in sequence; `^` anchors them at the neighbor, `$` at the origin. */
function pathTest(pattern: string): (path: AsPath) => boolean {
  const [, start, list, end] = /^(\^)?\s*([\d\s,]*?)\s*(\$)?$/.exec(pattern.trim()) ?? [];
  const asns = (list ?? 'none')
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(Number);
  if (!asns.every((asn) => asn <= 0xffff_ffff))
    throw new ApiError(400, 'invalid-request', 'asPath: expected AS numbers in sequence, 64512 64513 or ^64512$');
  return (path) => {
    const last = path.length - asns.length;
    if (start && end && last !== 0) return false;
    for (let at = end ? Math.max(0, last) : 0; at <= (start ? Math.min(0, last) : last); at++)
      if (asns.every((asn, i) => holds(path[at + i], asn))) return true;
    return false;
  };
}

const holds = (element: number | number[] | null | undefined, asn: number): boolean =>
  Array.isArray(element) ? element.includes(asn) : element === asn;
