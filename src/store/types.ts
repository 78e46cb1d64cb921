/** Questions that the database answers ("then"). All run on the reader thread: promises, bounded, never in the writer's way. */

import type { UpdateProblem } from '../events.ts';
import type { DifferenceAction, SessionSet } from '../metallb/answers/differences.ts';
import type { ObjectRef } from '../metallb/types.ts';
import type { NeighborEvent, StoredChange } from '../rib/types.ts';
import type { Verdict } from '../verdicts/types.ts';
import type { HistoryKind } from './database-size.ts';
import type { FieldChange, ObjectAction, Occasion } from './history.ts';

export interface ChangeQuery {
  /** Changes with seq > since. */
  since: number;
  /** Changes with seq ≤ until. */
  until?: number;
  /** epoch ms */
  from?: number;
  to?: number;
  neighbor?: number;
  /** Canonical. */
  prefix?: string;
  /** Its interned NLRIs (all path ids); those that the RIB gave up are found by the prefix. */
  nlris?: number[];
  /** At most this many. Without `skip`, all changes of the last seq are added. */
  limit: number;
  /** Passes over this many of the changes after `since`, or with `reverse` from `until` down. */
  skip?: number;
  /** Newest first. */
  reverse?: boolean;
}

export interface ChangeAnswer {
  changes: StoredChange[];
  /** Continue with this as `since`, or as `until` with `reverse`, … */
  through: number;
  /** … and pass over this many: a page may end amid the changes of one seq. */
  skip: number;
  /** Oldest seq that the database still has; a smaller `since` means a gap. */
  oldest: number;
  /** Nothing more at present. */
  complete: boolean;
}

/** A neighbor event with the id that the store gave it. */
export interface NeighborEventRow extends NeighborEvent {
  id: number;
}

export interface StoredMessage {
  seq: number;
  at: number;
  session: number;
  neighbor: number | null;
  /** BGP message type code. */
  type: number;
  raw: Uint8Array;
  problems: UpdateProblem[];
}

export interface FindingRow {
  id: number;
  since: number;
  until: number | null;
  verdict: Verdict;
}

export const timelineKinds = ['object', 'expectation', 'session', 'route', 'verdict'] as const;
export type TimelineKind = (typeof timelineKinds)[number];

/** Where a page of a timeline ended: µs, rank of the kind, number within it; and where the long scans go on. */
export interface TimelinePosition {
  at: number;
  rank: number;
  id: number;
  /** Session events with an id up to this, records with a seq up to this. */
  event: number;
  seq: number;
}

export interface TimelineQuery {
  /** Canonical. */
  prefix: string;
  /** Its interned NLRIs (all path ids). */
  nlris: number[];
  /** Neighbors that have it or should have it now; those of the past are found. */
  neighbors: number[];
  /** Kind and key of the objects that its expectations come from now. */
  objects: [kind: string, key: string][];
  kinds: TimelineKind[];
  /** epoch ms, both included. */
  since?: number;
  until?: number;
  node?: string;
  bgpPeer?: string;
  /** Only what these neighbors did. */
  only?: number[];
  after?: TimelinePosition;
  limit: number;
}

/** A change of an object, or `times` of them in a row. */
export interface ObjectChangeRow {
  kind: 'object';
  id: number;
  /** epoch ms */
  at: number;
  lastAt: number;
  times: number;
  occasion: Exclude<Occasion, 'first'>;
  action: ObjectAction;
  object: ObjectRef;
  source: string;
  resourceVersion: string | null;
  manager: string | null;
  fields: FieldChange[];
  moreFields: number;
}

export type TimelineRow =
  | ObjectChangeRow
  | {
      kind: 'expectation';
      id: number;
      at: number;
      action: DifferenceAction;
      fields: string[];
      occasion: Occasion;
      sessions: SessionSet;
      /** Object changes that bear on it. */
      because: ObjectChangeRow[];
      moreBecause: number;
    }
  /** So many prefixes changed that not all were recorded: whether this one did is not known. */
  | { kind: 'expectation'; id: number; at: number; action: 'not-recorded'; prefixes: number }
  | {
      kind: 'session';
      id: number;
      seq: number;
      at: number;
      neighbor: number;
      session: number;
      /** established, down */
      event: string;
      from: string | null;
      to: string | null;
      code: string | null;
      text: string | null;
    }
  | { kind: 'route'; change: StoredChange }
  | {
      kind: 'verdict';
      id: number;
      at: number;
      /** null = none; `restart` = a restart ended it. */
      from: string | null;
      to: string | null;
      /** The finding that began, or that ended. */
      verdict: Verdict;
      ended: boolean;
    };

export interface TimelineAnswer {
  /** Newest first. */
  rows: TimelineRow[];
  /** null = there are no more. */
  next: TimelinePosition | null;
}

/** Stored changes of routes, read in the thread that has the database open. */
export interface ChangeSource {
  changes(query: ChangeQuery): ChangeAnswer;
}

export interface StoreQueries {
  changes(query: ChangeQuery): Promise<ChangeAnswer>;
  neighborEvents(query: { neighbor?: number; before?: number; limit: number }): Promise<NeighborEventRow[]>;
  messages(query: {
    since: number;
    until?: number;
    neighbor?: number;
    malformed?: boolean;
    limit: number;
  }): Promise<{ messages: StoredMessage[]; through: number; complete: boolean }>;
  findings(query: { open?: boolean; before?: number; prefix?: string; limit: number }): Promise<FindingRow[]>;
  timeline(query: TimelineQuery): Promise<TimelineAnswer>;
}

/** One kind of history, for `/status`. Times are epoch ms. */
export interface KindUsage {
  kind: HistoryKind;
  bytes: number;
  /** Time of the oldest row; null = there is none. */
  oldestAt: number | null;
  /** What was deleted because the database was too large; null = nothing yet. */
  trimmed: { at: number; bytes: number; through: number } | null;
}

export interface DatabaseUsage {
  bytesInUse: number;
  /** The file and its write-ahead log. */
  bytesOnDisk: number;
  /** null = no bound. */
  maxBytes: number | null;
  /** The present state alone, which a restart needs, is larger than the bound allows. */
  isOverBound: boolean;
  history: KindUsage[];
}
