/** Questions that the database answers ("then"). All run on the reader thread: promises, bounded, never in the writer's way. */

import type { Verdict } from '../checks/types.ts';
import type { UpdateProblem } from '../events.ts';
import type { ChangeAction } from '../rib/types.ts';

/** One change as stored; `attributes` and `previous` are interned ids (+1, 0 = none) that RibView.attributes() decodes. */
export interface StoredChange {
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
  /** Interned NLRIs (all path ids of one prefix). */
  nlris?: number[];
  /** At most this many; never splits the changes of one seq. */
  limit: number;
  /** Newest first. */
  reverse?: boolean;
}

export interface ChangeAnswer {
  changes: StoredChange[];
  /** seq up to which everything asked for is in `changes`; continue from here. */
  through: number;
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
}
