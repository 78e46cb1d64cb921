/** The routes in which two tables differ, a page of them, and how many there are. */

import { shownRoute } from '../../metallb/answers/shown.ts';
import { compareTexts, pairsOf, type RouteDifference, routeDifference } from '../../metallb/answers/side-by-side.ts';
import type { PrefixScope } from '../../metallb/expectations/expectation-change.ts';
import type { ExpectationTable } from '../../metallb/expectations/table.ts';
import type { ChainLink } from '../../metallb/types.ts';
import { limits } from '../limits.ts';

/** A place in the order of the expectations. */
export interface Place {
  node: string;
  bgpPeer: string;
  prefix: string;
}

/** Which routes are asked for; all given keys hold, on one side of the difference at least. */
export interface RouteAsked {
  node?: string | undefined;
  bgpPeer?: string | undefined;
  /** Canonical. */
  prefix?: string | undefined;
  /** `namespace/name` */
  service?: string | undefined;
}

export interface PageRequest {
  /** Expectations behind this one, … */
  after: Place | undefined;
  /** … and how many of them. */
  limit: number;
}

export interface Comparison {
  appears: number;
  disappears: number;
  changes: number;
  expectations: RouteDifference[];
  next: Place | null;
  complete: boolean;
}

/** @param change where the tables may differ at all. */
export function compareRoutes(
  before: ExpectationTable,
  after: ExpectationTable,
  change: PrefixScope,
  asked: RouteAsked,
  { after: behind, limit }: PageRequest,
): Comparison {
  const found: Comparison = { appears: 0, disappears: 0, changes: 0, expectations: [], next: null, complete: true };
  const concerns = (chain: readonly ChainLink[] = []): boolean =>
    asked.service === undefined || chain.some(({ service }) => service === asked.service);
  let compared = 0;
  for (const pair of pairsOf(before, after, scopeOf(change, asked.prefix), asked)) {
    if (++compared > limits.simulatedRoutes) return { ...found, complete: false };
    if (!concerns(pair.before?.chain) && !concerns(pair.after?.chain)) continue;
    const difference = routeDifference(pair);
    if (!difference) continue;
    found[difference.difference]++;
    if (behind && comparePlaces(pair, behind) <= 0) continue;
    const { expectations } = found;
    if (expectations.length < limit)
      expectations.push({
        ...difference,
        before: difference.before && shownRoute(difference.before),
        after: difference.after && shownRoute(difference.after),
      });
    else found.next ??= placeOf(expectations.at(-1)!);
  }
  return found;
}

function scopeOf(change: PrefixScope, prefix: string | undefined): PrefixScope {
  if (prefix === undefined) return change;
  return new Set(change === 'all' || change.has(prefix) ? [prefix] : []);
}

const placeOf = ({ node, bgpPeer, prefix }: Place): Place => ({ node, bgpPeer, prefix });
const comparePlaces = (a: Place, b: Place): number =>
  compareTexts(a.node, b.node) || compareTexts(a.bgpPeer, b.bgpPeer) || compareTexts(a.prefix, b.prefix);
