/** Inner values as the JSON of api/schemas: epoch milliseconds become RFC 3339, ids become what they stand for. */

import { namesOf } from '../rib/names.ts';
import { formatTime } from '../rib/time.ts';
import type { Neighbor as InnerNeighbor, RibView, RouteHandle, StoredChange } from '../rib/types.ts';
import { neighborRef } from '../rib/view.ts';
import type { NeighborEventRow } from '../store/types.ts';
import type { VerdictView } from '../verdicts/types.ts';
import type { Change, Neighbor, NeighborEvent, Route } from './schemas.ts';

const timeOrNull = (at: number | null): string | null => (at === null ? null : formatTime(at));

export function presentNeighbor(neighbor: InnerNeighbor): Neighbor {
  const { localAddress, localPort, localAsn, hostname, bgpPeer, matchText, state, session, lastDown } = neighbor;
  return {
    ...neighborRef(neighbor),
    localAddress,
    localPort,
    localAsn,
    hostname,
    bgpPeer,
    matchText,
    state,
    established: state === 'established',
    stateSince: formatTime(neighbor.stateSince),
    establishedAt: timeOrNull(neighbor.establishedAt),
    session,
    negotiated: neighbor.negotiated,
    auth: neighbor.auth,
    lastDown: lastDown && { ...lastDown, at: formatTime(lastDown.at) },
    flaps: neighbor.flaps,
    synced: neighbor.synced,
    endOfRib: neighbor.endOfRib,
    lastUpdateAt: timeOrNull(neighbor.lastUpdateAt),
    staleUntil: timeOrNull(neighbor.staleUntil),
    restored: neighbor.restored,
    counters: neighbor.counters,
    routes: neighbor.routes,
  };
}

export function presentEvent(row: NeighborEventRow): NeighborEvent {
  return { ...row, at: formatTime(row.at) };
}

export function presentRoute(rib: RibView, verdicts: VerdictView, handle: RouteHandle): Route {
  return { ...rib.json(handle), verdict: verdicts.word(handle.neighbor, handle.nlri) };
}

/** A change with its route; of a withdrawn one the attributes that it had. */
export function presentChange(rib: RibView, change: StoredChange): Change {
  const { seq, at, action } = change;
  const { prefix, family, pathId, attributes, previous } = namesOf(rib, change);
  const neighbor = rib.neighbors.get(change.neighbor);
  return {
    seq,
    at: formatTime(at),
    action,
    route: {
      prefix,
      family,
      pathId,
      neighbor: neighbor
        ? neighborRef(neighbor)
        : { id: change.neighbor, address: '', asn: null, routerId: null, node: null },
      ...(attributes ?? previous)!,
      stale: action === 'stale',
    },
    ...(action === 'replaced' && previous !== null && { previous }),
  };
}
