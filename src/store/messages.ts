/**
 * What the collector and the store thread say to each other. Plain data; large things are transferred. Batches are
 * acknowledged by `committed`; everything else comes in pieces of bounded size, one at a time, each acknowledged by
 * `written`.
 */

import type { Batch } from '../events.ts';
import type { AttributeSlice } from '../rib/attribute-table.ts';
import type { ChangeList } from '../rib/change-log.ts';
import type { NlriSlice } from '../rib/nlri-table.ts';
import type { Neighbor, NeighborEvent } from '../rib/types.ts';
import type { VerdictWord } from '../verdicts/types.ts';
import type { DatabaseFiles } from './files.ts';
import type { HistoryCommand } from './history.ts';
import type { DatabaseUsage } from './types.ts';

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
  /** What it says of neighbors and sessions, as `packNews` wrote it; undefined = nothing. */
  news: Uint8Array | undefined;
  /** A piece of the whole table, sent to a database that was opened again: replaces the routes with these keys. */
  replaces?: KeyRange;
}

/** What a batch says of neighbors and sessions. */
export interface News {
  neighbors: Neighbor[];
  /** Neighbors that made room for others. */
  forgotten: number[];
  events: NeighborEvent[];
}

/** Keys of `routes` (neighbor * 2^32 + prefix), both included; the last piece ends at `lastKey`. */
export interface KeyRange {
  first: number;
  last: number;
}
export const lastKey = Number.MAX_SAFE_INTEGER;

/** As octets, which wait outside the heap of the store thread and are handed over without a copy. */
export function packNews(news: News): Uint8Array | undefined {
  const { neighbors, forgotten, events } = news;
  return neighbors.length + forgotten.length + events.length === 0 ? undefined : utf8.encode(JSON.stringify(news));
}

export function unpackNews(packed: Uint8Array | undefined): News {
  return packed ? (JSON.parse(text.decode(packed)) as News) : { neighbors: [], forgotten: [], events: [] };
}

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** Rows of one piece, and octets (roughly: a row is never split). */
export const maxPieceRows = 500;
export const maxPieceBytes = 512 * 1024;

/** A step in the life of a finding. */
export interface FindingWrite {
  id: number;
  /** epoch ms at which it ended; null = it is open. */
  until: number | null;
  /** What the verdict is after it; null = none, or the finding is open. */
  to: VerdictWord | null;
  /** The finding itself; left out when only its end is new. */
  row?: FindingColumns;
}

export interface FindingColumns {
  /** epoch ms */
  since: number;
  prefix: string;
  neighbor: number | null;
  node: string | null;
  bgpPeer: string | null;
  word: VerdictWord;
  reason: string;
  /** The verdict as JSON. */
  verdict: string;
  /** What the verdict was before; null = none. */
  from: VerdictWord | null;
}

/** Rows of these prefixes (or of all), and of these nodes, are replaced by `rows`. */
export interface ExpectationsWrite {
  kind: 'expectations';
  prefixes: string[] | 'all';
  nodes: string[];
  /** `expected`: the route as JSON. */
  rows: { node: string; bgpPeer: string; prefix: string; expected: string }[];
  /** epoch ms */
  at: number;
}

/** Ids that the RIB gave up. */
export interface FreedWrite {
  kind: 'freed';
  /** No change with a higher seq speaks of them. */
  seq: number;
  /** Everything that stopped being used up to this seq was told by now. */
  through: number;
  nlris: readonly number[];
  sets: readonly number[];
}

/** Everything that waits in the collector until the store has written the piece before it. */
export type StorePiece =
  | FreedWrite
  /** `forgotten`: ids of neighbors that are no longer known. */
  | { kind: 'neighbors'; neighbors: Neighbor[]; forgotten: number[] }
  | { kind: 'findings'; findings: FindingWrite[] }
  | ExpectationsWrite
  | HistoryCommand;

export type StoreCommand =
  | Append
  | StorePiece
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
    }
  /** How large the database is; at most once a second. */
  | { kind: 'usage'; usage: DatabaseUsage }
  /** A piece is durable: the next one may come. */
  | { kind: 'written' }
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
  const { batch, changes, nlris, attributes, news } = command;
  const buffers = [changes.buffer];
  if (batch) buffers.push(batch.bytes.buffer as ArrayBuffer);
  if (news) buffers.push(news.buffer as ArrayBuffer);
  if (nlris) buffers.push(nlris.words.buffer, nlris.meta.buffer, nlris.wide.buffer);
  if (nlris?.pathIds) buffers.push(nlris.pathIds.buffer);
  if (attributes) buffers.push(attributes.lengths.buffer, attributes.bytes.buffer);
  return buffers;
}
