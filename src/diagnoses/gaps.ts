/** Routes that went and came back while their session stayed up: which belong together, and how they are told. */

import { names } from '../metallb/problems/words.ts';
import type { Neighbor } from '../rib/types.ts';
import type { RouteGap } from './history.ts';
import type { Facts } from './types.ts';

/** Gaps that begin within so many ms of one another are of one reload. */
const stormMs = 10_000;
/** Routes that a reload takes along before it is a storm, and their share of all that the neighbor has. */
const leastRoutes = 10;
const leastShare = 0.5;
/** How long a passed event is still worth telling, ms. */
export const tellMs = 1_800_000;

interface Storm {
  /** epoch ms */
  from: number;
  to: number;
  gaps: RouteGap[];
}

/** Gaps that began together, where they are many and most of what the neighbor has. */
export function stormsOf(gaps: readonly RouteGap[], { routes }: Neighbor): Storm[] {
  const least = Math.max(leastRoutes, (routes.ipv4 + routes.ipv6) * leastShare);
  if (gaps.length < least) return [];
  const storms: Storm[] = [];
  for (const gap of gaps.toSorted((a, b) => a.from - b.from)) {
    const storm = storms.at(-1);
    if (storm && gap.from - storm.from <= stormMs) {
      storm.gaps.push(gap);
      storm.to = Math.max(storm.to, gap.to);
    } else storms.push({ from: gap.from, to: gap.to, gaps: [gap] });
  }
  return storms.filter((storm) => storm.gaps.length >= least);
}

/** Some of their prefixes, as a sentence names them. */
export const prefixesOf = ({ rib }: Facts, gaps: readonly RouteGap[]): string =>
  names(
    gaps.slice(0, 1_000).map(({ nlri }) => rib.prefixText(nlri)),
    3,
  );
