/**
 * Holds what happened until it is durable, then publishes it: what a client saw is never taken back by a crash. Frames
 * are merged for a few milliseconds, since one frame of a hundred changes costs what one frame of one change does.
 */
import type { VerdictChange } from '../checks/types.ts';
import type { Feed } from '../feed.ts';
import { type ChangeList, ChangeReader } from '../rib/change-log.ts';
import type { Neighbor } from '../rib/types.ts';

/** Least time between two frames. */
export const frameIntervalMs = 20;
/** Changes held back until they are durable; beyond it live clients are told of a gap. */
export const maxHeldChanges = 500_000;
/** Held even when nobody listens, so that whoever comes next misses nothing under ordinary load. */
const alwaysHeldChanges = 5_000;

interface Pending {
  firstSeq: number;
  seq: number;
  changes: ChangeList | undefined;
  /** It had changes, and they were not held. */
  isGap: boolean;
  sessions: Neighbor[];
  verdicts: VerdictChange[];
}

export class Publisher {
  /** Highest seq that is durable. */
  watermark = 0;
  readonly #feed: Feed;
  readonly #schedule: (work: () => void, delayMs: number) => void;
  #pending: Pending[] = [];
  #heldChanges = 0;
  #isScheduled = false;

  constructor(feed: Feed, schedule: (work: () => void, delayMs: number) => void) {
    this.#feed = feed;
    this.#schedule = schedule;
  }

  /** Adds what one turn did. The buffer of `changes` is copied: it goes on to the store. */
  add(
    firstSeq: number,
    seq: number,
    changes: ChangeList | undefined,
    sessions: Neighbor[],
    verdicts: VerdictChange[],
  ): void {
    const count = changes?.count ?? 0;
    if (count === 0 && sessions.length === 0 && verdicts.length === 0) return;
    const isHeld = this.#heldChanges + count <= (this.#feed.hasListeners ? maxHeldChanges : alwaysHeldChanges);
    const copy = changes && count > 0 && isHeld ? { buffer: changes.buffer.slice(0), count } : undefined;
    this.#heldChanges += copy?.count ?? 0;
    this.#pending.push({ firstSeq, seq, changes: copy, isGap: count > 0 && !isHeld, sessions, verdicts });
    this.#wake();
  }

  /** Everything up to `seq` is durable (or, when the disk fails, as durable as it gets). */
  committed(seq: number): void {
    this.watermark = Math.max(this.watermark, seq);
    this.#wake();
  }

  /** Everything up to this seq is published. */
  get published(): number {
    const [first] = this.#pending;
    return first ? Math.min(first.firstSeq - 1, this.watermark) : this.watermark;
  }

  #wake(): void {
    if (this.#isScheduled || this.#pending.length === 0 || this.#pending[0]!.seq > this.watermark) return;
    this.#isScheduled = true;
    this.#schedule(() => {
      this.#isScheduled = false;
      this.#publish();
    }, frameIntervalMs);
  }

  #publish(): void {
    let ready = 0;
    while (ready < this.#pending.length && this.#pending[ready]!.seq <= this.watermark) ready++;
    const frames = this.#pending.splice(0, ready);
    if (frames.length === 0) return;
    for (const frame of frames) this.#heldChanges -= frame.changes?.count ?? 0;
    const gaps = frames.filter(({ isGap }) => isGap);
    this.#feed.publish({
      seq: frames.at(-1)!.seq,
      changes: frames.flatMap(({ changes }) => (changes ? new ChangeReader(changes).toArray() : [])),
      sessions: [...new Set(frames.flatMap(({ sessions }) => sessions))],
      verdicts: frames.flatMap(({ verdicts }) => verdicts),
      gap: gaps.length === 0 ? null : { from: gaps[0]!.firstSeq, to: gaps.at(-1)!.seq },
    });
    this.#wake();
  }
}
