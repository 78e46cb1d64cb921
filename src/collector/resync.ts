/**
 * When a neighbor's initial table is in, and what becomes of its stale routes. Decisions only; the collector turns
 * them into records, so that a replay decides the same.
 */
import type { SessionEvent, SweepCause } from '../events.ts';
import type { Family } from '../ip.ts';
import type { Neighbor } from '../rib/types.ts';

export interface ResyncTimes {
  /** ms without an UPDATE after which the initial table is taken to be in: native speakers send no End-of-RIB. */
  quietMs: number;
  /** ms that routes of an earlier run of ours are kept while their neighbor stays away. */
  restoreMs: number;
  /** ms after which a neighbor that left, and has no routes, is forgotten. */
  forgetMs: number;
}

/** Even with End-of-RIB: FRR has been seen to send it before its first route. */
const quietAfterEndOfRibMs = 1_000;
/** A neighbor that is never quiet is taken to be in after this long, so that its faults are not waited for for ever. */
const ceilingMs = { withEndOfRib: 15_000, without: 60_000 };
/** RFC 4724 §4.2 asks for an upper bound on stale routes of a neighbor that is back but sends no End-of-RIB. */
const stalePathMs = 360_000;

/** Is the initial table of an established neighbor in? */
export function isSynced(neighbor: Neighbor, now: number, { quietMs }: ResyncTimes): boolean {
  if (neighbor.negotiated === null) return false;
  const establishedAt = neighbor.establishedAt ?? now;
  const quiet = now - Math.max(neighbor.lastUpdateAt ?? 0, establishedAt);
  const isComplete = neighbor.negotiated.families.every((family) => neighbor.endOfRib.includes(family));
  if (now - establishedAt >= (isComplete ? ceilingMs.withEndOfRib : ceilingMs.without)) return true;
  return quiet >= (isComplete ? Math.min(quietAfterEndOfRibMs, quietMs) : quietMs);
}

/** epoch ms until which the stale routes of a neighbor are kept; null = it has none, or the RIB has set it already. */
export function staleDeadline(neighbor: Neighbor, now: number, { restoreMs }: ResyncTimes): number | null {
  if (neighbor.routes.stale === 0) return null;
  if (neighbor.restored) return neighbor.staleUntil ?? now + restoreMs;
  if (neighbor.state === 'established') return now + stalePathMs;
  return neighbor.staleUntil ?? now;
}

/** What is due at `now`: a sweep of everything stale, or undefined. */
export function dueSweep(neighbor: Neighbor, now: number): SweepCause | undefined {
  if (neighbor.routes.stale === 0) return undefined;
  if (neighbor.staleUntil !== null && now >= neighbor.staleUntil)
    return neighbor.restored ? 'restore-time-expired' : 'restart-time-expired';
  // a route refresh says itself when it ends (RFC 7313)
  if (neighbor.refreshing.length > 0) return undefined;
  // A restarted neighbor that sends End-of-RIB is swept family by family when it comes; the others when they are quiet.
  if (
    neighbor.state === 'established' &&
    neighbor.synced &&
    (neighbor.restored || !neighbor.negotiated?.gracefulRestart)
  )
    return 'quiet';
  return undefined;
}

/** A sweep of a session's stale routes, as a record of the journal. */
export type SweepRecord = [session: number, event: Extract<SessionEvent, { kind: 'swept' }>];

/** Sweeps that are due at `now`, until they have `maxRoutes`. Sets the deadline of stale routes that have none. */
export function dueSweeps(
  neighbors: Iterable<Neighbor>,
  now: number,
  times: ResyncTimes,
  maxRoutes: number,
): SweepRecord[] {
  const due: SweepRecord[] = [];
  let routes = 0;
  for (const neighbor of neighbors) {
    if (neighbor.routes.stale === 0) continue;
    neighbor.staleUntil ??= staleDeadline(neighbor, now, times);
    const cause = routes < maxRoutes ? dueSweep(neighbor, now) : undefined;
    if (cause === undefined) continue;
    due.push([neighbor.session, { kind: 'swept', cause }]);
    routes += neighbor.routes.stale;
  }
  return due;
}

/** Sweeps of the families whose forwarding state the established neighbors did not preserve. */
export function unpreservedSweeps(neighbors: Iterable<Neighbor>): SweepRecord[] {
  return [...neighbors]
    .filter(({ state }) => state === 'established')
    .flatMap((neighbor) =>
      unpreservedFamilies(neighbor).map(
        (family): SweepRecord => [neighbor.session, { kind: 'swept', cause: 'family-not-preserved', family }],
      ),
    );
}

/** RFC 4724 §4.2: families whose forwarding state a neighbor that came back did not preserve lose their stale routes at once. */
export function unpreservedFamilies(neighbor: Neighbor): Family[] {
  if (neighbor.restored) return [];
  const { refreshing, staleRoutes } = neighbor;
  const preserved = neighbor.negotiated?.gracefulRestart?.families ?? [];
  const families = ([4, 6] as const).filter((family) => staleRoutes[family] > 0 && !refreshing.includes(family));
  return families.filter((family) => !preserved.some((entry) => entry.family === family && entry.forwarding));
}
