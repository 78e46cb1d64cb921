/** Which attributes: contributions to one prefix merged, and put as a router sees them on the session. */

import type { Addition } from '../frr-k8s/foreign.ts';
import { maxCommunities } from '../objects/communities.ts';
import type { BGPMode, ChainLink, ExpectedRoute, ExpectedSession, ExpectOptions } from '../types.ts';
import { rulesOf } from '../versions.ts';
import type { Contribution } from './prefixes.ts';

/** Contributions to one prefix, merged as MetalLB does it; the same for all sessions that get the same ones. */
export interface Merged {
  /** As configured; 0 = not set. */
  readonly localPref: number;
  /** Set when MetalLB itself decides by chance. */
  readonly localPrefAnyOf?: readonly number[];
  readonly communities: readonly string[];
  /** Set when one of several contributors decides by chance; `communities` is the last one's then. */
  readonly communitiesAnyOf?: readonly (readonly string[])[];
  readonly largeCommunities: readonly string[];
  readonly chain: readonly ChainLink[];
}

/** Communities are united. Different localPref values meet only where no validation sees it. */
export function merge(contributions: readonly Contribution[], { mode, version }: ExpectOptions): Merged {
  const lastOnly = mode === 'native' && !rulesOf(version).nativeMergesCommunities;
  const counting = lastOnly ? lastOfEachService(contributions) : contributions;
  const advertisements = [...new Set(counting.map(({ advertisement }) => advertisement))];
  const union = (lists: (readonly string[])[]): readonly string[] =>
    lists.length === 1 ? lists[0]! : [...new Set(lists.flat())].sort();
  const values = [...new Set(advertisements.map(({ object }) => object.spec.localPref))];
  return {
    ...mergeLocalPref(values, mode),
    ...(lastOnly
      ? oneOf(advertisements.map(({ communities }) => communities))
      : { communities: union(advertisements.map(({ communities }) => communities)) }),
    largeCommunities: union(advertisements.map(({ largeCommunities }) => largeCommunities)),
    chain: contributions.map(linkOf),
  };
}

/**
 * Why a session does not take the merged route. The FRR modes look at each advertisement alone, and what is too much
 * there never gets here; native speakers look at what has been united.
 */
export function mergedProblem({ communities }: Merged, mode: BGPMode): string | undefined {
  if (mode !== 'native' || communities.length <= maxCommunities) return undefined;
  return `max supported communities is ${maxCommunities}, got ${communities.length} of all advertisements together`;
}

/** Of the advertisements that make one prefix for a Service, the last by name. */
function lastOfEachService(contributions: readonly Contribution[]): Contribution[] {
  const last = new Map<string, Contribution>();
  for (const contribution of contributions) {
    const { name } = contribution.service;
    const before = last.get(name);
    if (!before || before.advertisement.object.ref.name <= contribution.advertisement.object.ref.name)
      last.set(name, contribution);
  }
  return [...last.values()];
}

/** Contributors in a Go map: the last one to be written is any of them. */
function oneOf(lists: readonly (readonly string[])[]): Pick<Merged, 'communities' | 'communitiesAnyOf'> {
  const different = [...new Map(lists.map((list) => [list.join(), list])).values()];
  const communities = lists.at(-1)!;
  return different.length === 1 ? { communities } : { communities, communitiesAnyOf: different };
}

function mergeLocalPref(values: readonly number[], mode: BGPMode): Pick<Merged, 'localPref' | 'localPrefAnyOf'> {
  if (values.length === 1) return { localPref: values[0]! };
  // whichever comes first in a Go map
  if (mode === 'native') return { localPref: values[0]!, localPrefAnyOf: [...values].sort((a, b) => a - b) };
  const set = values.filter((value) => value !== 0);
  if (set.length === 1) return { localPref: set[0]! };
  // route-map entries are sorted by a name that contains the number as text, the last one wins: 90 beats 100
  // (frr-k8s never gets here: it refuses two set values, see conflicts.ts)
  return { localPref: Number(set.map(String).sort().at(-1)) };
}

/**
 * With what other FRRConfigurations add, as frr-k8s merges: communities are united, a localPref is set by whoever sets
 * one. (Two different ones never get here: see foreign-conflicts.ts.)
 */
export function withAdditions(merged: Merged, additions: readonly Addition[]): Merged {
  const unite = (own: readonly string[], added: readonly string[][]): readonly string[] =>
    [...new Set([...own, ...added.flat()])].sort();
  const objects = [...new Set(additions.map(({ object }) => object.ref))];
  return {
    ...merged,
    localPref: merged.localPref || (additions.flatMap(({ localPrefs }) => localPrefs)[0] ?? 0),
    communities: unite(
      merged.communities,
      additions.map(({ communities }) => communities),
    ),
    largeCommunities: unite(
      merged.largeCommunities,
      additions.map(({ largeCommunities }) => largeCommunities),
    ),
    chain: merged.chain.map((link) => ({ ...link, objects: [...link.objects, ...objects] })),
  };
}

/** The route as it arrives: by mode, and by whether the session is within one AS. */
export function routeOn(session: ExpectedSession, prefix: string, merged: Merged, mode: BGPMode): ExpectedRoute {
  const onWire = (value: number): number => (value === 0 && mode !== 'native' ? 100 : value); // FRR's default; native sends 0
  const route: ExpectedRoute = {
    node: session.node,
    bgpPeer: session.bgpPeer,
    prefix,
    family: prefix.includes(':') ? 6 : 4,
    localPref: session.ibgp ? onWire(merged.localPref) : null, // RFC 4271 §5.1.5: never on an external session
    communities: merged.communities as string[],
    largeCommunities: merged.largeCommunities as string[],
    nextHop: 'self',
    asPath: session.ibgp ? [] : [session.myASN],
    med: mode === 'native' ? null : 0, // FRR: a `network` statement of a static kind
    origin: 'igp',
    chain: merged.chain as ChainLink[],
  };
  if (session.ibgp && merged.localPrefAnyOf) route.localPrefAnyOf = merged.localPrefAnyOf.map(onWire);
  if (merged.communitiesAnyOf) route.communitiesAnyOf = merged.communitiesAnyOf as string[][];
  return route;
}

const links = new WeakMap<Contribution, ChainLink>();

/** One link for each contribution, shared by all routes that it is in. */
function linkOf(contribution: Contribution): ChainLink {
  let link = links.get(contribution);
  if (!link) {
    const { service, ip, advertisement } = contribution;
    const pool = service.group!.pool.object;
    link = {
      service: service.name,
      ip,
      pool: pool.ref.name,
      advertisement: advertisement.object.ref.name,
      objects: [service.object.ref, pool.ref, advertisement.object.ref],
    };
    links.set(contribution, link);
  }
  return link;
}
