/** Questions that the database answers ("then"). All run on the reader thread: promises, bounded, never in the writer's way. */

import type { Verdict } from '../checks/types.ts';
import type { UpdateProblem } from '../events.ts';
import type { Family } from '../ip.ts';
import type { DifferenceAction, SessionSet } from '../metallb/answers/differences.ts';
import type { ObjectRef } from '../metallb/types.ts';
import type { AttributesJson, ChangeAction } from '../rib/types.ts';
import type { FieldChange, ObjectAction, Occasion } from './history.ts';

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

export interface NeighborEventRow {
  id: number;
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
