/** What the API needs from the rest: read-only views, and a few commands. */
import type { VerdictView } from '../checks/types.ts';
import type { ClockStatus } from '../clock.ts';
import type { DiagnosisView } from '../diagnoses/types.ts';
import type { TableUse } from '../events.ts';
import type { Feed } from '../feed.ts';
import type { L2View } from '../l2/watch.ts';
import type { Resources } from '../metallb/objects/resources.ts';
import type { ExpectationTable, ExpectOptions } from '../metallb/types.ts';
import type { OverlayAccess } from '../overlay/overlay.ts';
import type { RibView } from '../rib/types.ts';
import type { DatabaseUsage } from '../store/retention.ts';
import type { StoreQueries } from '../store/types.ts';

export interface HttpOptions {
  /** `address:port`, IPv6 in brackets. */
  listen: string;
  /** Bearer tokens; empty = none needed (loopback only). */
  tokens: { token: string; scopes: ('read' | 'operate' | 'admin')[] }[];
  /** Reads without a token even off loopback. */
  public: boolean;
  /** Origins allowed besides our own. */
  cors: string[];
}

/** One source of expectations and how fresh it is. */
export interface SourceStatus {
  name: string;
  kind: 'manifests' | 'kubernetes' | 'overlay';
  synced: boolean;
  /** epoch ms at which the objects were known to be what the source has. */
  readAt: number | null;
  objects: number;
  /** What is wrong now; the last good state is in force. */
  problems: { file: string; line?: number; path?: string; text: string }[];
  /** How far each kind of object is; null where a source does not go by kinds. */
  kinds: KindStatus[] | null;
}

/** One kind of object that is watched in a cluster. */
export interface KindStatus {
  /** `ConfigMap/bgpextras` where one object of a kind is watched. */
  kind: string;
  apiVersion: string;
  /** forbidden: no RBAC rule; absent: the cluster does not have the kind. */
  state: 'synced' | 'syncing' | 'forbidden' | 'absent' | 'failing';
  objects: number;
  /** epoch ms; when the state began. */
  since: number;
  /** What is wrong and what to do about it. */
  text: string | null;
}

/** An address that no neighbor is configured for. */
export interface StrangerAddress {
  address: string;
  connections: number;
  /** epoch ms */
  firstAt: number;
  lastAt: number;
}

/** Connections from such addresses. */
export interface StrangersStatus {
  /** Connections since the start. */
  connections: number;
  /** The latest first. */
  addresses: StrangerAddress[];
}

/** Queues, threads and gaps for `/status`; see collector.ts. */
export interface CollectorStatus {
  version: string;
  collector: string;
  startedAt: number;
  /** Highest seq applied to the RIB, and highest seq that is durable. */
  seq: number;
  watermark: number;
  /** Highest seq that the readable tables have. */
  tablesSeq: number;
  /** `gap`: what the journal lacks so far; null while only the readable tables are late. */
  degraded: { code: string; text: string; since: number; gap: { from: number; to: number } | null } | null;
  /** Ranges of seq that could not be stored. */
  gaps: { from: number; to: number; at: number; reason: string }[];
  /** Ranges of seq that a run may have published and then lost when it was killed: nobody can resume from there. */
  leftOut: readonly { from: number; to: number }[];
  threads: {
    speaker: {
      sessions: number;
      connections: number;
      /** Connections reset since the start, because there were too many. */
      refused: number;
      paused: boolean;
      unacknowledgedBatches: number;
      loopDelayMs: number;
    };
    collector: { loopDelayMs: number };
    store: { queuedBatches: number; queuedBytes: number; lastCommitMs: number; databaseBytes: number };
  };
  clock: ClockStatus;
  /** The limit of open files, and what is wrong with it. */
  descriptors: { limit: number | null; text: string | null };
  strangers: StrangersStatus;
  tables: TableUse[];
  /** How large the database is, and what its bound deleted. */
  database: DatabaseUsage;
  /** Open findings that have a row of their own. */
  findings: { listed: number };
  listening: string[];
  sources: SourceStatus[];
  asn: number;
  routerId: string;
}

export type LatencyKind = 'advertise' | 'withdraw';

/** What was measured of one node; seconds. The quantiles are of its latest measurements. */
export interface LatencyFigures {
  count: number;
  p50: number;
  p99: number;
  last: number;
  /** epoch ms of the last UPDATE that was measured. */
  lastAt: number;
}

/** How long speakers take from a change of an object to the UPDATE that it asks for. */
export interface LatencyView {
  /** null: nothing was measured. */
  figures(node: string, kind: LatencyKind): LatencyFigures | null;
  /** Calls `observer` for every measurement from now on. */
  subscribe(observer: (kind: LatencyKind, node: string, seconds: number) => void): void;
}

export interface ApiDeps {
  http: HttpOptions;
  rib: RibView;
  verdicts: VerdictView;
  diagnoses: DiagnosisView;
  expectations: () => ExpectationTable | null;
  /** Do sessions of this BGPPeer come to this collector? */
  standsFor: (bgpPeer: string) => boolean;
  /** The objects that the expectations come from. */
  resources: () => Resources | null;
  /** How expectations are worked out. */
  expect: ExpectOptions;
  /** Null: layer 2 is not watched. */
  l2: L2View | null;
  /** Hand-written rules. */
  overlay: OverlayAccess;
  queries: StoreQueries;
  latency: LatencyView;
  /** Tells, for each turn with changes, how long the first of them took from the socket to the table, in seconds. */
  processing: { subscribe(observer: (seconds: number) => void): void };
  feed: Feed;
  status: () => CollectorStatus;
  /** ROUTE-REFRESH; false when the neighbor is not established. */
  refresh: (neighbor: number) => boolean;
  /** Cease / Administrative Reset. */
  reset: (neighbor: number, text: string) => boolean;
  now: () => number;
}
