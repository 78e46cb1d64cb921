import type { Family } from '../../ip.ts';
import { type Problem, problem } from '../codes.ts';
import { CommunityError, type CommunityValue, resolveCommunity } from '../objects/communities.ts';
import type { BGPAdvertisement, L2Advertisement } from '../objects/resources.ts';
import { intersects } from '../relations/bits.ts';
import { formatCidr } from '../relations/cidr.ts';
import type { ClusterNodes } from '../relations/nodes.ts';
import { advertises, familiesOfPools, type ParsedPool } from '../relations/pools.ts';
import { invalidSelector, selectorProblem } from '../relations/selectors.ts';
import type { BGPMode } from '../types.ts';
import type { VersionRules } from '../versions.ts';
import { firstDuplicate, type Stage } from './objection.ts';

/** What the API server refuses by a rule (CEL) of the kind's schema, which sees what is left after pruning. */
export function schemaProblem({ spec }: BGPAdvertisement): Problem | undefined {
  const { serviceSelectors, aggregationLength, aggregationLengthV6 } = spec;
  if (serviceSelectors.length === 0 || (aggregationLength === 32 && aggregationLengthV6 === 128)) return undefined;
  return problem(
    'service-selectors-with-aggregate',
    'spec: serviceSelectors and aggregationLength are mutually exclusive',
  );
}

/**
 * What is wrong with a BGPAdvertisement by itself. The webhook knows no Community objects: it looks only at strings
 * with a colon, and takes them as literals.
 */
export function advertisementProblem(
  advertisement: BGPAdvertisement,
  mode: BGPMode,
  stage: Stage,
  aliases: ReadonlyMap<string, CommunityValue>,
): Problem | undefined {
  const { spec } = advertisement;
  if (spec.aggregationLength > 32)
    return problem('invalid-aggregation-length', `invalid aggregation length ${spec.aggregationLength} for IPv4`);
  if (spec.aggregationLengthV6 > 128 || spec.aggregationLengthV6 < 0)
    return problem('invalid-aggregation-length', `invalid aggregation length ${spec.aggregationLengthV6} for IPv6`);
  const communities = stage === 'webhook' ? spec.communities.filter((text) => text.includes(':')) : spec.communities;
  return (
    commonProblem(advertisement) ??
    duplicateIn('peer', spec.peers) ??
    duplicateIn('community', communities) ??
    communitiesProblem(communities, mode, stage === 'webhook' ? new Map() : aliases)
  );
}

/** What is wrong with an L2Advertisement; `interfaces` and preferences may repeat. */
export const l2AdvertisementProblem = (advertisement: L2Advertisement): Problem | undefined =>
  commonProblem(advertisement) ??
  invalidSelector(
    advertisement.spec.preferredNodeSelectors.map(({ preference }) => preference),
    'preferredNodeSelectors',
  );

/** What is wrong with an advertisement for one of its pools: aggregates wider than the pool, IPv6 in native mode. */
function poolMismatch(advertisement: BGPAdvertisement, pool: ParsedPool, mode: BGPMode): Problem | undefined {
  const name = pool.object.ref.name;
  const { aggregationLength, aggregationLengthV6 } = advertisement.spec;
  for (const { text, cidrs } of pool.entries) {
    // only the widest piece of a range counts, so an aggregate may well reach outside the pool
    const [first] = cidrs;
    if (!first) continue;
    const widest = cidrs.reduce((a, b) => (b.length < a.length ? b : a), first);
    const length = widest.family === 4 ? aggregationLength : aggregationLengthV6;
    if (length < (widest.maskLength ?? widest.length)) {
      // MetalLB prints the IPv4 length for an IPv6 clash too
      const error = `invalid aggregation length ${aggregationLength}: prefix ${formatCidr(widest)} in pool "${name}" is more specific than the aggregation length for addresses ${text}`;
      return problem(
        'aggregate-wider-than-pool',
        widest.family === 4 ? error : `${error} (aggregationLengthV6 ${length} is meant)`,
      );
    }
    if (widest.family === 6 && mode === 'native')
      return problem(
        'ipv6-in-native-mode',
        `pool "${name}" has ipv6 CIDR ${formatCidr(widest)}, native bgp mode does not support ipv6`,
      );
  }
  return undefined;
}

/**
 * May the two not be on one pool? Different localPref needs different prefixes, different peers or different nodes.
 * Advertisements with serviceSelectors are compared later, per service.
 */
function localPrefProblem(
  a: BGPAdvertisement,
  b: BGPAdvertisement,
  pool: ParsedPool,
  rules: VersionRules,
): Problem | undefined {
  const mixed = a.spec.localPref === b.spec.localPref || !rules.localPrefByFamily ? undefined : mixedRangeOf(pool);
  if (mixed !== undefined)
    return problem(
      'invalid-addresses',
      `MetalLB crashes while it compares localPref ${a.spec.localPref} of advertisement "${a.ref.name}" with ${b.spec.localPref}: range "${mixed}" of pool "${pool.object.ref.name}" goes from one address family to the other`,
    );
  if (localPrefCompatible(a, b, pool, rules)) return undefined;
  return problem(
    'local-pref-conflict',
    `invalid local preference ${b.spec.localPref}: local preference ${a.spec.localPref} was already set by advertisement "${a.ref.name}" for the same type of BGP update of pool "${pool.object.ref.name}"; check advertisements with common pools and aggregation lengths`,
  );
}

/** A range of the pool from one address family to the other, which has no CIDR. */
const mixedRangeOf = ({ entries }: ParsedPool): string | undefined =>
  entries.find(({ cidrs }) => cidrs.length === 0)?.text;

/** Is there a pool that the two must not both be on? Asked once for a pair, however many pools there are. */
export function mayConflict(
  a: BGPAdvertisement,
  b: BGPAdvertisement,
  families: ReadonlySet<Family>,
  nodes: ClusterNodes,
  rules: VersionRules,
): boolean {
  if (a.spec.localPref === b.spec.localPref) return false;
  return meetInLength(a, b, families, rules) && !havePeersApart(a, b) && shareNode(a, b, nodes);
}

const peerNames = new WeakMap<BGPAdvertisement, ReadonlySet<string>>();

/** Both name their peers, and none of them is the same. */
function havePeersApart(a: BGPAdvertisement, b: BGPAdvertisement): boolean {
  if (a.spec.peers.length === 0 || b.spec.peers.length === 0) return false;
  let names = peerNames.get(b);
  if (!names) peerNames.set(b, (names = new Set(b.spec.peers)));
  return !a.spec.peers.some((peer) => names.has(peer));
}

/** The rule without the nodes: also what decides `conflictingAdvertisements` for a service on one node. */
export const localPrefCompatible = (
  a: BGPAdvertisement,
  b: BGPAdvertisement,
  pool: ParsedPool,
  rules: VersionRules,
): boolean =>
  a.spec.localPref === b.spec.localPref || !meetInLength(a, b, pool.families, rules) || havePeersApart(a, b);

/** Do the two make the same prefix of some address of these families? */
function meetInLength(
  { spec: a }: BGPAdvertisement,
  { spec: b }: BGPAdvertisement,
  families: ReadonlySet<Family>,
  { localPrefByFamily }: VersionRules,
): boolean {
  const counts = (family: Family): boolean => !localPrefByFamily || families.has(family);
  return (
    (counts(4) && a.aggregationLength === b.aggregationLength) ||
    (counts(6) && a.aggregationLengthV6 === b.aggregationLengthV6)
  );
}

/** With no nodes known, two objects that pick nodes are given the benefit of the doubt. */
export function shareNode(a: BGPAdvertisement, b: BGPAdvertisement, nodes: ClusterNodes): boolean {
  if (nodes.size === 0) return a.spec.nodeSelectors.length === 0 || b.spec.nodeSelectors.length === 0;
  return intersects(nodes.selectedBy(a), nodes.selectedBy(b));
}

/** Every complaint that the advertisement raises with the pools and with the advertisements given before it. */
export function* poolObjections(
  advertisement: BGPAdvertisement,
  earlier: readonly BGPAdvertisement[],
  pools: readonly ParsedPool[],
  nodes: ClusterNodes,
  mode: BGPMode,
  rules: VersionRules,
): Generator<{ problem: Problem; with?: BGPAdvertisement }> {
  const own = pools.filter(({ object }) => advertises(advertisement, object));
  const families = familiesOfPools(own);
  const hasMixedRange = own.some((pool) => mixedRangeOf(pool) !== undefined);
  const rivals =
    advertisement.spec.serviceSelectors.length > 0
      ? []
      : earlier.filter(
          (other) =>
            other.spec.serviceSelectors.length === 0 &&
            (hasMixedRange || mayConflict(other, advertisement, families, nodes, rules)),
        );
  for (const pool of own) {
    const mismatch = poolMismatch(advertisement, pool, mode);
    if (mismatch) yield { problem: mismatch };
    for (const other of rivals) {
      const conflict = advertises(other, pool.object) ? localPrefProblem(other, advertisement, pool, rules) : undefined;
      if (conflict) yield { problem: conflict, with: other };
    }
  }
}

function commonProblem({ spec }: BGPAdvertisement | L2Advertisement): Problem | undefined {
  return (
    duplicateIn('ipAddressPool', spec.ipAddressPools) ??
    selectorProblem(spec.ipAddressPoolSelectors, 'ipAddressPoolSelectors') ??
    selectorProblem(spec.nodeSelectors, 'nodeSelectors') ??
    selectorProblem(spec.serviceSelectors, 'serviceSelectors')
  );
}

function duplicateIn(what: string, list: readonly string[]): Problem | undefined {
  const twice = firstDuplicate(list);
  return twice === undefined ? undefined : problem('duplicate-entry', `duplicate definition of ${what} "${twice}"`);
}

function communitiesProblem(
  texts: readonly string[],
  mode: BGPMode,
  aliases: ReadonlyMap<string, CommunityValue>,
): Problem | undefined {
  for (const text of texts) {
    try {
      const value = resolveCommunity(text, aliases);
      if (value.large && mode === 'native')
        return problem(
          'large-community-in-native-mode',
          `native BGP mode only supports legacy communities, not "${text}"`,
        );
    } catch (error) {
      if (!(error instanceof CommunityError)) throw error;
      return problem(error.transient ? 'unknown-community' : 'invalid-community', error.message);
    }
  }
  return undefined;
}
