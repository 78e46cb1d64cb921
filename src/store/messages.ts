/** What the collector and the store thread say to each other. Plain data; big things are transferred. */

import type { Verdict, VerdictWord } from '../checks/types.ts';
import type { Batch } from '../events.ts';
import type { ExpectedRoute } from '../metallb/types.ts';
import type { AttributeSlice } from '../rib/attribute-table.ts';
import type { ChangeList } from '../rib/change-log.ts';
import type { NlriSlice } from '../rib/nlri-table.ts';
import type { NeighborEvent } from '../rib/rib.ts';
import type { Neighbor } from '../rib/types.ts';
import type { DatabaseFiles } from './files.ts';
import type { HistoryCommand } from './history.ts';

/** One applied batch, or (without `batch`) one that the journal already has. */
export interface Append {
  kind: 'append';
  firstSeq: number;
  lastSeq: number;
  /** epoch ms */
  at: number;
  batch: Batch | undefined;
  changes: ChangeList;
  /** NLRIs and attribute sets that appeared for the first time. */
  nlris: NlriSlice | undefined;
  attributes: AttributeSlice | undefined;
  neighbors: Neighbor[];
  /** Neighbors that made room for others. */
  forgotten: number[];
  events: NeighborEvent[];
  /** A piece of the whole table, sent to a database that was opened again: replaces the routes with these keys. */
  replaces?: KeyRange;
}

/** Keys of `routes` (neighbor * 2^32 + prefix), both included; the last piece ends at `lastKey`. */
export interface KeyRange {
  first: number;
  last: number;
}
export const lastKey = Number.MAX_SAFE_INTEGER;

/** A finding's life: opened or changed (`until` null), or closed. */
export interface FindingWrite {
  id: number;
  /** epoch ms */
  since: number;
  until: number | null;
  verdict: Verdict;
  /** What the verdict was before, and what it is behind it; null = none. */
  from: VerdictWord | null;
  to: VerdictWord | null;
}

/** Rows of these prefixes (or of all), and of these nodes, are replaced by `rows`. */
export interface ExpectationsWrite {
  kind: 'expectations';
  prefixes: string[] | 'all';
  nodes: string[];
  rows: ExpectedRoute[];
  /** epoch ms */
  at: number;
}

export type StoreCommand =
  | Append
  /** `forgotten`: ids of neighbors that are no longer known. */
  | { kind: 'neighbors'; neighbors: Neighbor[]; forgotten: number[] }
  | { kind: 'findings'; findings: FindingWrite[] }
  | ExpectationsWrite
  | HistoryCommand
  /** Writes what waits and ends the thread. `isWhole`: the run ends, and all that it published is stored. */
  | { kind: 'stop'; isWhole: boolean };

/** A range of seq that the journal lacks; `at`: epoch ms. */
export interface Gap {
  from: number;
  to: number;
  at: number;
  reason: string;
}

export type StoreMessage =
  | {
      kind: 'committed';
      seq: number;
      batches: number;
      commitMs: number;
      queued: { batches: number; bytes: number };
      databaseBytes: number;
    }
  | { kind: 'tables'; seq: number }
  /** Storing fails; the range is lost from the journal, and everything goes on in memory. */
  | { kind: 'degraded'; code: string; text: string; firstSeq: number; lastSeq: number; batches: number }
  /** Storing works again; `gap`: what the journal lacks, null when only the tables were late. */
  | { kind: 'recovered'; gap: Gap | null }
  /** The thread has the database open; `files` tells whether the paths still lead to it. */
  | { kind: 'opened'; files: DatabaseFiles }
  /** The thread cannot go on with this database, and ends. */
  | { kind: 'failed'; code: string; text: string }
  | { kind: 'stopped' };

/** Buffers of a command that can be transferred instead of copied. */
export function transferables(command: StoreCommand): ArrayBuffer[] {
  if (command.kind !== 'append') return [];
  const { batch, changes, nlris, attributes } = command;
  const buffers = [changes.buffer];
  if (batch) buffers.push(batch.bytes.buffer as ArrayBuffer);
  if (nlris) buffers.push(nlris.words.buffer, nlris.meta.buffer, nlris.wide.buffer);
  if (nlris?.pathIds) buffers.push(nlris.pathIds.buffer);
  if (attributes) buffers.push(attributes.lengths.buffer, attributes.bytes.buffer);
  return buffers;
}
