/**
 * Which of the routes for one prefix a router would forward over: RFC 4271 §9.1.2.2 as far as what is left still counts
 * as equal for multipath (LOCAL_PREF, length of AS_PATH, ORIGIN, MED, eBGP over iBGP). Router ID and address, which only
 * break ties, are left out; so is the demand for equal AS_PATHs (`as-path multipath-relax`).
 */
import type { RouteJson } from '../rib/types.ts';

export interface Candidate {
  route: RouteJson;
  /** Learnt from our own AS. */
  internal: boolean;
}

/** RFC 4271 §5.1.5 leaves the default to the router; all use this. */
const defaultLocalPref = 100;
const originRank = { igp: 0, egp: 1, incomplete: 2 } as const;

/** The best routes, in the order given. A route without next hop cannot be used. */
export function multipath(candidates: Candidate[]): Candidate[] {
  let left = candidates.filter(({ route }) => route.nextHop !== null);
  left = least(left, ({ route }) => -(route.localPref ?? defaultLocalPref));
  left = least(left, ({ route }) => route.asPath.length);
  left = least(left, ({ route }) => originRank[route.origin ?? 'incomplete']);
  // §9.1.2.2 (c): MED is only compared among routes of the same neighboring AS
  left = left.filter(
    (one) => !left.some((other) => neighboringAs(other) === neighboringAs(one) && med(other) < med(one)),
  );
  return least(left, ({ internal }) => Number(internal));
}

function least(candidates: Candidate[], rank: (candidate: Candidate) => number): Candidate[] {
  const best = Math.min(...candidates.map(rank));
  return candidates.filter((candidate) => rank(candidate) === best);
}

const med = ({ route }: Candidate): number => route.med ?? 0;
const neighboringAs = ({ route }: Candidate): string => JSON.stringify(route.asPath[0] ?? null);
