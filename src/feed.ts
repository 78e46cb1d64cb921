/**
 * Hands committed changes to live clients. What is published here is durable: a client that resumes by seq after a
 * crash of ours never sees the future taken back.
 */

import type { Neighbor, StoredChange } from './rib/types.ts';
import type { Epochs } from './store/runs.ts';
import type { VerdictChange } from './verdicts/types.ts';

/** One frame: changes that became durable, in order of seq. */
export interface FeedFrame {
  /** Highest seq that is whole with this frame: there may be changes of the next one, whose rest follows. */
  seq: number;
  changes: StoredChange[];
  /** Neighbors whose session changed state. */
  sessions: Neighbor[];
  verdicts: VerdictChange[];
  /** Changes of this range were not held for the feed (it stalled, or nobody listened yet): read them from the database. */
  gap: { from: number; to: number } | null;
  /** Verdicts changed in this range, more than could be held: read them from `/checks`. */
  lostVerdicts?: { from: number; to: number };
}

/** Answers a promise when it cannot take the next frame yet. */
export type FeedListener = (frame: FeedFrame) => Promise<void> | undefined;

export class Feed {
  /** Highest seq published. */
  seq = 0;
  readonly #epochs: Epochs;
  readonly #listeners = new Set<FeedListener>();

  constructor(epochs: Epochs = { current: '', earlier: new Map() }) {
    this.#epochs = epochs;
  }

  /** Names this run of the collector in positions that clients resume from. */
  get epoch(): string {
    return this.#epochs.current;
  }

  /** Does the history of this database continue from `seq` of `epoch`? */
  continues(epoch: string, seq: number): boolean {
    return epoch === this.epoch || seq <= (this.#epochs.earlier.get(epoch) ?? -1);
  }

  /** Answers the lowest seq of which the listeners still look ids up. */
  heldFrom: () => number = () => Number.POSITIVE_INFINITY;

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  /** Calls `listener` for every frame from now on, synchronously; answers the way to stop. */
  subscribe(listener: FeedListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Answers a promise when some listener cannot take the next frame yet. */
  publish(frame: FeedFrame): Promise<unknown> | undefined {
    this.seq = Math.max(this.seq, frame.seq);
    const busy = [...this.#listeners].map((listener) => listener(frame)).filter((one) => one !== undefined);
    return busy.length > 0 ? Promise.all(busy) : undefined;
  }
}
