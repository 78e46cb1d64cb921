/** What the collector reports of itself and its sources, for `/status` and the metrics. */
import type { ClockStatus } from '../clock.ts';
import type { TableUse } from '../events.ts';
import type { KindStatus } from '../kubernetes/kinds.ts';
import type { DatabaseUsage } from '../store/types.ts';

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
