/**
 * Hands committed changes to live clients. What is published here is durable: a client that resumes by seq after a
 * crash of ours never sees the future taken back.
 */
import type { VerdictChange } from './checks/types.ts';
import type { Neighbor } from './rib/types.ts';
import type { Epochs } from './store/runs.ts';
import type { StoredChange } from './store/types.ts';

/** One frame: everything that became durable in one turn, in order of seq. */
export interface FeedFrame {
  /** Highest seq in the frame; also the watermark. */
  seq: number;
  changes: StoredChange[];
  /** Neighbors whose session changed state. */
  sessions: Neighbor[];
  verdicts: VerdictChange[];
  /** Changes of this range were not held for the feed (it stalled, or nobody listened yet): read them from the database. */
  gap: { from: number; to: number } | null;
}

export type FeedListener = (frame: FeedFrame) => void;

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

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  /** Calls `listener` for every frame from now on, synchronously; answers the way to stop. */
  subscribe(listener: FeedListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  publish(frame: FeedFrame): void {
    this.seq = Math.max(this.seq, frame.seq);
    for (const listener of this.#listeners) listener(frame);
  }
}
