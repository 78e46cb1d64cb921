/** What the RIB shows to everybody else: plain JSON and a read-only view. */

import type { DownReason, Negotiated, OpenSummary, SessionState } from '../events.ts';
import type { Family, Prefix } from '../ip.ts';
import type { PathAttributes } from '../wire/attributes/index.ts';

export type AttributesJson = PathAttributes;

export interface NeighborRef {
  id: number;
  address: string;
  asn: number | null;
  routerId: string | null;
  node: string | null;
}

/** A received route, as REST and the feed show it. */
export interface RouteJson extends AttributesJson {
  prefix: string;
  family: Family;
  pathId: number;
  neighbor: NeighborRef;
  stale: boolean;
  staleUntil: string | null;
  /** Last time it came over the wire, identical or not. */
  receivedAt: string;
  firstSeenAt: string;
  lastChangedAt: string;
  seq: number;
}

/** One remote, over all its sessions. */
export interface Neighbor {
  id: number;
  remoteAddress: string;
  localAddress: string;
  localPort: number;
  asn: number | null;
  localAsn: number | null;
  routerId: string | null;
  /** FQDN capability (73), or null. */
  hostname: string | null;
  state: SessionState;
  /** Session number of the present or last TCP life; 0 = none yet. */
  session: number;
  /** epoch ms of the last state change. */
  stateSince: number;
  establishedAt: number | null;
  negotiated: Negotiated | null;
  sent: OpenSummary | null;
  received: OpenSummary | null;
  auth: 'md5' | 'none' | 'unsupported';
  lastDown: (DownReason & { at: number }) | null;
  /** Times that it left established. */
  flaps: number;
  /** The initial table is in (End-of-RIB, or quiet). */
  synced: boolean;
  /** Families whose End-of-RIB came in this session. */
  endOfRib: Family[];
  /** epoch ms of the last UPDATE that came. */
  lastUpdateAt: number | null;
  /** epoch ms until which stale routes are kept. */
  staleUntil: number | null;
  /** Families between the two marks of an enhanced route refresh (RFC 7313): stale until it ends. */
  refreshing: Family[];
  /** Its stale routes come from the database of an earlier run, not from a graceful restart. */
  restored: boolean;
  counters: {
    updates: number;
    withdraws: number;
    announcements: number;
    endOfRib: number;
    notifications: number;
    routeRefresh: number;
    malformed: number;
    refused: number;
  };
  routes: { ipv4: number; ipv6: number; stale: number };
  /** Of `routes.stale`, by family. */
  staleRoutes: Record<Family, number>;
  /** Filled in by session matching. */
  node: string | null;
  bgpPeer: string | null;
  /** Why node and bgpPeer are what they are, or are not known. */
  matchText: string;
}

export const changeActions = ['announced', 'replaced', 'withdrawn', 'stale', 'refreshed'] as const;
/** `stale`: kept under graceful restart; `refreshed`: a stale route confirmed by an identical announcement. */
export type ChangeAction = (typeof changeActions)[number];

/** A handle on one route in the RIB: cheap, valid until the next batch is applied. */
export interface RouteHandle {
  neighbor: number;
  /** Interned NLRI (prefix and path id). */
  nlri: number;
  /** Interned attribute set + 1; never 0 for a present route. */
  attributes: number;
}

/** Read-only view of the live RIB. All methods are synchronous and answer for "now". */
export interface RibView {
  /** Highest seq applied. */
  readonly seq: number;
  readonly neighbors: ReadonlyMap<number, Neighbor>;
  readonly routeCount: number;
  readonly prefixCount: number;
  readonly attributeSetCount: number;
  /** Full JSON of one route. */
  json(handle: RouteHandle): RouteJson;
  /** Decoded attributes, cached by id. `attributes` as in RouteHandle. */
  attributes(attributes: number): AttributesJson;
  prefixText(nlri: number): string;
  pathId(nlri: number): number;
  family(nlri: number): Family;
  /** Routes for exactly this canonical prefix, over all neighbors or one. */
  exact(prefix: string, neighbor?: number): RouteHandle[];
  isStale(handle: RouteHandle): boolean;
  /** Interned ids of a prefix, one per path identifier, present or not; empty when it was never seen. */
  nlris(prefix: Prefix): number[];
  /** The longest prefix that covers `prefix` (itself included) and that somebody has, or undefined. */
  longest(prefix: string, neighbor?: number): string | undefined;
  /** Prefixes present that cover `prefix`, itself included, shortest first. */
  covering(prefix: string): string[];
  /**
   * Walks routes ordered by (family, prefix, path id, neighbor), starting behind `after`, calling `visit` until it
   * answers false. `within`: only prefixes inside it (itself included).
   */
  walk(
    options: { neighbor?: number; within?: string; family?: Family; after?: RouteCursor },
    visit: (handle: RouteHandle) => boolean,
  ): void;
}

/** Routes by interned ids, without making a handle: what the checks, which look at every route, go through. */
export interface RouteIndex {
  /** Attribute set of one route as in RouteHandle; 0 = no such route. */
  attributesOf(neighbor: number, nlri: number): number;
  /** NLRIs of a neighbor's routes in no particular order. May be walked in pieces while batches are applied in between. */
  nlrisOf(neighbor: number): Iterable<number>;
}

/** Position in `walk` order. */
export interface RouteCursor {
  prefix: string;
  pathId: number;
  neighbor: number;
}

/** What the ids of a change stand for. */
export interface ChangeNames {
  prefix: string;
  family: Family;
  pathId: number;
  /** null = none */
  attributes: AttributesJson | null;
  previous: AttributesJson | null;
}

/** One change as stored; `attributes` and `previous` are interned ids (+1, 0 = none). */
export interface StoredChange {
  /** Of a change that was read from the database. Left out: the RIB has all of its ids (rib/names.ts). */
  names?: ChangeNames;
  seq: number;
  /** epoch ms, fraction = µs. */
  at: number;
  action: ChangeAction;
  neighbor: number;
  nlri: number;
  attributes: number;
  previous: number;
}

/** What happened to a neighbor or its session. */
export interface NeighborEvent {
  seq: number;
  at: number;
  neighbor: number;
  session: number;
  /** state | established | down | refused | malformed | end-of-rib | swept | route-refresh … */
  kind: string;
  from: string | null;
  to: string | null;
  code: string | null;
  text: string | null;
  /** The whole typed event as JSON. */
  detail: unknown;
}
