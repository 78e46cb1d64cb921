/**
 * Who our neighbors are, worked out from the session events alone, so that a replayed journal gives the same ids.
 * A neighbor is (remote address, local address, local port, remote AS): router IDs may be equal on all nodes and are
 * never a key; two sessions from one node to two of our addresses are two neighbors.
 */
import type { Negotiated, SessionEndpoints, SessionEvent, TableUse } from '../events.ts';
import type { Family } from '../ip.ts';
import { maxNeighborId } from './change-log.ts';
import type { Neighbor } from './types.ts';

/** What an UPDATE's octets mean on one session. */
export interface SessionContext {
  neighbor: Neighbor;
  addPath4: boolean;
  addPath6: boolean;
}

/** Neighbors remembered. Those that never had a session make room first, then the one without routes that left first. */
export const maxNeighbors = 10_000;
/** Neighbors remembered that never had a session; the oldest makes room. */
export const maxUnestablished = 1_000;
/** A neighbor that never had a session is forgotten this long after its last attempt, ms. */
export const unestablishedMs = 24 * 3_600_000;
/**
 * AS numbers that are remembered of one remote at one of our addresses. Where any AS is let in, one that comes with
 * another each time must not fill memory either: the one that has been away longest makes room.
 */
export const maxAsnsPerRemote = 16;

export interface NeighborBounds {
  neighbors: number;
  unestablished: number;
  /** Highest id. */
  id: number;
}

export class Neighbors {
  readonly byId = new Map<number, Neighbor>();
  readonly #byEndpoint = new Map<string, Neighbor[]>();
  readonly #sessions = new Map<number, SessionContext>();
  /** Ids of neighbors that never had a session, oldest first. */
  readonly #unestablished = new Set<number>();
  readonly #bounds: NeighborBounds;
  #overflows = 0;
  #unestablishedOverflows = 0;
  #forgotten: number[] = [];
  #displaced: Neighbor | undefined;
  #nextId = 1;

  constructor(
    bounds: NeighborBounds = { neighbors: maxNeighbors, unestablished: maxUnestablished, id: maxNeighborId },
  ) {
    this.#bounds = bounds;
  }

  get tables(): TableUse[] {
    const { neighbors, unestablished } = this.#bounds;
    return [
      { name: 'neighbors', used: this.byId.size, max: neighbors, overflows: this.#overflows },
      {
        name: 'unestablished-neighbors',
        used: this.#unestablished.size,
        max: unestablished,
        overflows: this.#unestablishedOverflows,
      },
    ];
  }

  /** Puts a stored neighbor back. */
  restore(neighbor: Neighbor): void {
    const restored = { ...neighbor, routes: { ipv4: 0, ipv6: 0, stale: 0 }, staleRoutes: { 4: 0, 6: 0 } };
    disconnect(restored, neighbor.stateSince);
    this.#register(restored);
    this.reserve(neighbor.id);
  }

  /** The id has a history, although its neighbor was forgotten: later neighbors get later ids. */
  reserve(id: number): void {
    this.#nextId = this.#idAfter(Math.max(this.#nextId - 1, id));
  }

  /** Puts back a session that was established where a replay starts. */
  restoreSession(session: number, id: number, negotiated: Negotiated): void {
    const neighbor = this.byId.get(id);
    if (neighbor === undefined) return;
    neighbor.state = 'established';
    neighbor.session = session;
    neighbor.negotiated = negotiated;
    this.#sessions.set(session, sessionContext(neighbor, negotiated));
  }

  /** A new run of the collector: no session of the one before is left. */
  disconnectAll(at: number): void {
    this.#sessions.clear();
    for (const neighbor of this.byId.values()) disconnect(neighbor, at);
  }

  /** Neighbors that were forgotten since the last call. */
  takeForgotten(): number[] {
    return this.#forgotten.splice(0);
  }

  /** Who made room for another AS of the same remote in the last `apply`. */
  takeDisplaced(): Neighbor | undefined {
    const displaced = this.#displaced;
    this.#displaced = undefined;
    return displaced;
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  session(number: number): SessionContext | undefined {
    return this.#sessions.get(number);
  }

  /**
   * Forgets neighbors without routes that left before `before` (epoch ms), and those that never had a session and have
   * not come since `now` - `unestablishedMs`. Returns their ids.
   */
  forgetLongGone(before: number, now: number): number[] {
    for (const neighbor of [...this.byId.values()]) {
      const lastAt = Math.max(neighbor.stateSince, neighbor.lastDown?.at ?? 0);
      const isOver = lastAt < (neighbor.establishedAt === null ? now - unestablishedMs : before);
      if (isOver && isGone(neighbor)) this.#forget(neighbor);
    }
    return this.takeForgotten();
  }

  /** Applies one session event; undefined when there is no room for its neighbor, or it concerns none. */
  apply(session: number, at: number, event: SessionEvent): Neighbor | undefined {
    if (event.kind === 'restored') return undefined;
    // in journals of earlier versions: addresses that are not configured are no neighbors
    if (event.kind === 'refused' && event.reason.code === 'unconfigured-neighbor') return undefined;
    if (event.kind === 'swept') return this.#sessions.get(session)?.neighbor ?? this.#withSession(session);
    const neighbor = this.#bind(session, at, event);
    if (neighbor === undefined) return undefined;
    switch (event.kind) {
      case 'state':
        // A second connection says nothing of the neighbor while the first is established.
        if (neighbor.state !== 'established' || neighbor.session === session) setState(neighbor, session, event.to, at);
        break;
      case 'established':
        this.#established(neighbor, session, at, event);
        break;
      case 'down':
        this.#down(neighbor, session, at, event);
        break;
      case 'refused':
        neighbor.counters.refused++;
        neighbor.lastDown = { ...event.reason, at };
        break;
      default:
        event satisfies never;
    }
    return neighbor;
  }

  #established(neighbor: Neighbor, session: number, at: number, event: SessionEvent & { kind: 'established' }): void {
    this.#unestablished.delete(neighbor.id);
    setState(neighbor, session, 'established', at);
    neighbor.establishedAt = at;
    neighbor.localAsn = event.localAsn;
    neighbor.routerId = event.received.routerId;
    neighbor.hostname = hostname(event.received.capabilities);
    neighbor.negotiated = event.negotiated;
    neighbor.sent = event.sent;
    neighbor.received = event.received;
    neighbor.auth = event.auth;
    neighbor.synced = false;
    neighbor.endOfRib = [];
    neighbor.lastUpdateAt = null;
    this.#sessions.set(session, sessionContext(neighbor, event.negotiated));
  }

  #down(neighbor: Neighbor, session: number, at: number, event: SessionEvent & { kind: 'down' }): void {
    this.#sessions.delete(session);
    if (session !== neighbor.session) return;
    neighbor.lastDown = { ...event.reason, at };
    if (neighbor.state === 'established') neighbor.flaps++;
    // RFC 4724 §4.2: stale routes are kept for the restart time that the neighbor announced
    if (event.retainRoutes === true)
      neighbor.staleUntil = at + (neighbor.negotiated?.gracefulRestart?.restartTime ?? 0) * 1000;
    disconnect(neighbor, at);
  }

  #bind(
    session: number,
    at: number,
    event: Exclude<SessionEvent, { kind: 'swept' | 'restored' }>,
  ): Neighbor | undefined {
    const asn = event.kind === 'established' ? event.received.asn : 'asn' in event ? event.asn : undefined;
    const bound = this.#sessions.get(session);
    const isKnown = bound && this.byId.get(bound.neighbor.id) === bound.neighbor;
    if (isKnown && (asn === undefined || bound.neighbor.asn === asn)) return bound.neighbor;
    const neighbor = this.#resolve(event.endpoints, asn, at, event.kind === 'established');
    const isLast = event.kind === 'refused' || (event.kind === 'state' && event.to === 'idle');
    if (neighbor && !isLast) this.#sessions.set(session, sessionContext(neighbor, null));
    return neighbor;
  }

  /** The neighbor of these endpoints; without an AS (no OPEN yet) the one seen last there. */
  #resolve(
    endpoints: SessionEndpoints,
    asn: number | undefined,
    at: number,
    isEstablished: boolean,
  ): Neighbor | undefined {
    const known = this.#byEndpoint.get(endpointKey(endpoints)) ?? [];
    if (asn === undefined) {
      const latest = known.reduce<Neighbor | undefined>((a, b) => (a && a.session > b.session ? a : b), undefined);
      return latest ?? this.#create(endpoints, null, at, isEstablished);
    }
    const exact = known.find((neighbor) => neighbor.asn === asn);
    if (exact) return exact;
    const unnamed = known.find((neighbor) => neighbor.asn === null);
    if (unnamed) {
      unnamed.asn = asn;
      return unnamed;
    }
    return this.#create(endpoints, asn, at, isEstablished);
  }

  #create(endpoints: SessionEndpoints, asn: number | null, at: number, isEstablished: boolean): Neighbor | undefined {
    // before one is forgotten: in one batch an id is one neighbor
    while (this.byId.has(this.#nextId)) this.#nextId = this.#idAfter(this.#nextId);
    const own = this.#byEndpoint.get(endpointKey(endpoints)) ?? [];
    if (own.length >= maxAsnsPerRemote) this.#displaced = this.#forgetOneOf(own);
    if (!isEstablished && this.#unestablished.size >= this.#bounds.unestablished) {
      this.#unestablishedOverflows++;
      if (!this.#forgetUnestablished()) return undefined;
    }
    if (this.byId.size >= this.#bounds.neighbors) {
      this.#overflows++;
      if (!this.#forgetUnestablished() && !this.#forgetOneOf(this.byId.values())) return undefined;
    }
    const neighbor = newNeighbor(this.#nextId, endpoints, asn, at);
    this.#register(neighbor);
    this.#nextId = this.#idAfter(neighbor.id);
    return neighbor;
  }

  /** Ids start over at the end, long after the neighbors that had the first ones are forgotten. */
  #idAfter(id: number): number {
    return id >= this.#bounds.id ? 1 : id + 1;
  }

  /** The neighbor without a session that came first and is not here now makes room; false when there is none. */
  #forgetUnestablished(): boolean {
    for (const id of this.#unestablished) {
      const neighbor = this.byId.get(id)!;
      if (neighbor.state !== 'idle') continue;
      this.#forget(neighbor);
      return true;
    }
    return false;
  }

  /** The one that left first makes room; one that is here, or has routes, stays. */
  #forgetOneOf(neighbors: Iterable<Neighbor>): Neighbor | undefined {
    let first: Neighbor | undefined;
    for (const neighbor of neighbors)
      if (isGone(neighbor) && (first === undefined || neighbor.stateSince < first.stateSince)) first = neighbor;
    if (first) this.#forget(first);
    return first;
  }

  #forget(neighbor: Neighbor): void {
    const key = endpointKey({ ...neighbor, remotePort: 0 });
    const others = this.#byEndpoint.get(key)!.filter((each) => each !== neighbor);
    if (others.length === 0) this.#byEndpoint.delete(key);
    else this.#byEndpoint.set(key, others);
    this.byId.delete(neighbor.id);
    this.#unestablished.delete(neighbor.id);
    this.#forgotten.push(neighbor.id);
  }

  #register(neighbor: Neighbor): void {
    this.byId.set(neighbor.id, neighbor);
    const key = endpointKey({ ...neighbor, remotePort: 0 });
    this.#byEndpoint.set(key, [...(this.#byEndpoint.get(key) ?? []), neighbor]);
    if (neighbor.establishedAt === null) this.#unestablished.add(neighbor.id);
  }

  #withSession(session: number): Neighbor | undefined {
    for (const neighbor of this.byId.values()) if (neighbor.session === session) return neighbor;
    return undefined;
  }
}

/** Is neither here nor has routes? */
const isGone = ({ state, routes }: Neighbor): boolean => state === 'idle' && routes.ipv4 + routes.ipv6 === 0;

function setState(neighbor: Neighbor, session: number, state: Neighbor['state'], at: number): void {
  neighbor.session = session;
  if (neighbor.state !== state) neighbor.stateSince = at;
  neighbor.state = state;
}

const endpointKey = (e: SessionEndpoints): string => `${e.remoteAddress}|${e.localAddress}|${e.localPort}`;

function sessionContext(neighbor: Neighbor, negotiated: Negotiated | null): SessionContext {
  const hasPathIds = (family: Family) => negotiated?.addPath.includes(family) ?? false;
  return { neighbor, addPath4: hasPathIds(4), addPath6: hasPathIds(6) };
}

function disconnect(neighbor: Neighbor, at: number): void {
  setState(neighbor, neighbor.session, 'idle', at);
  neighbor.negotiated = null;
  neighbor.synced = false;
  neighbor.refreshing = [];
}

/** FQDN capability: the host name, with its domain when there is one. */
function hostname(capabilities: { code: number; value?: unknown }[]): string | null {
  const value = capabilities.find((capability) => capability.code === 73)?.value as
    | { hostname?: string; domain?: string }
    | undefined;
  if (!value?.hostname) return null;
  return value.domain ? `${value.hostname}.${value.domain}` : value.hostname;
}

/** Somebody of whom nothing but the endpoints is known, and maybe the AS. `at`: epoch ms. */
export function newNeighbor(
  id: number,
  endpoints: Pick<SessionEndpoints, 'remoteAddress' | 'localAddress' | 'localPort'>,
  asn: number | null,
  at: number,
): Neighbor {
  return {
    id,
    remoteAddress: endpoints.remoteAddress,
    localAddress: endpoints.localAddress,
    localPort: endpoints.localPort,
    asn,
    localAsn: null,
    routerId: null,
    hostname: null,
    state: 'idle',
    session: 0,
    stateSince: at,
    establishedAt: null,
    negotiated: null,
    sent: null,
    received: null,
    auth: 'none',
    lastDown: null,
    flaps: 0,
    synced: false,
    endOfRib: [],
    lastUpdateAt: null,
    staleUntil: null,
    refreshing: [],
    restored: false,
    counters: {
      updates: 0,
      withdraws: 0,
      announcements: 0,
      endOfRib: 0,
      notifications: 0,
      routeRefresh: 0,
      malformed: 0,
      refused: 0,
    },
    routes: { ipv4: 0, ipv6: 0, stale: 0 },
    staleRoutes: { 4: 0, 6: 0 },
    node: null,
    bgpPeer: null,
    matchText: 'no session yet',
  };
}
