/**
 * Holds what happened until it is durable, then publishes it: what a client saw is never taken back by a crash. What
 * becomes durable within a few milliseconds is published together, in frames of a bounded size, and the next frame waits
 * until the listeners have taken the one before.
 */

import type { Feed, FeedFrame } from '../feed.ts';
import { type ChangeList, ChangeReader } from '../rib/change-log.ts';
import type { Neighbor, StoredChange } from '../rib/types.ts';
import type { VerdictChange } from '../verdicts/types.ts';

/** Minimum time between the first of what a frame has and the frame, ms. */
export const frameIntervalMs = 20;
/** Changes, and changes of verdicts, of one frame. */
export const maxFrameChanges = 500;
/** Changes held back until they are durable; beyond it live clients read them from the database. */
export const maxHeldChanges = 500_000;
/** Held even when nobody listens, so that the next client misses nothing under ordinary load. */
const alwaysHeldChanges = 5_000;
/** Changes of verdicts held back; beyond it clients are told of a gap. */
export const maxHeldVerdicts = 20_000;

interface Pending {
  firstSeq: number;
  seq: number;
  changes: ChangeReader | undefined;
  /** Changes that were published already. */
  published: number;
  /** It had changes, and they were not held. */
  isGap: boolean;
  sessions: Set<Neighbor>;
  verdicts: VerdictChange[];
  /** It had changes of verdicts, and they were not held. */
  lostVerdicts: boolean;
}

export interface PublisherBounds {
  frameChanges: number;
  heldVerdicts: number;
}

export class FeedPublisher {
  /** Highest seq that is durable. */
  watermark = 0;
  readonly #feed: Feed;
  readonly #schedule: (work: () => void, delayMs: number) => void;
  readonly #bounds: PublisherBounds;
  #pending: Pending[] = [];
  #heldChanges = 0;
  #heldVerdicts = 0;
  /** A frame is scheduled, or the listeners have not taken the last one. */
  #isBusy = false;
  /** First seq of the frame that the listeners have not taken yet. */
  #publishing = Number.POSITIVE_INFINITY;

  constructor(
    feed: Feed,
    schedule: (work: () => void, delayMs: number) => void,
    bounds: PublisherBounds = { frameChanges: maxFrameChanges, heldVerdicts: maxHeldVerdicts },
  ) {
    this.#feed = feed;
    this.#schedule = schedule;
    this.#bounds = bounds;
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
    const areVerdictsHeld = this.#heldVerdicts + verdicts.length <= this.#bounds.heldVerdicts;
    const copy = changes && count > 0 && isHeld ? { buffer: changes.buffer.slice(0), count } : undefined;
    this.#heldChanges += copy?.count ?? 0;
    if (areVerdictsHeld) this.#heldVerdicts += verdicts.length;
    const added: Pending = {
      firstSeq,
      seq,
      changes: copy && new ChangeReader(copy),
      published: 0,
      isGap: count > 0 && !isHeld,
      sessions: new Set(sessions),
      verdicts: areVerdictsHeld ? verdicts : [],
      lostVerdicts: verdicts.length > 0 && !areVerdictsHeld,
    };
    const last = this.#pending.at(-1);
    if (last && isEmpty(last) && isEmpty(added)) merge(last, added);
    else this.#pending.push(added);
    this.#wake(frameIntervalMs);
  }

  /** Everything up to `seq` is durable (or, when the disk fails, as durable as it gets). */
  committed(seq: number): void {
    this.watermark = Math.max(this.watermark, seq);
    this.#wake(frameIntervalMs);
  }

  /** Everything up to this seq is published, and its ids are not looked up any more. */
  get published(): number {
    const first = this.#pending[0]?.firstSeq ?? Number.POSITIVE_INFINITY;
    return Math.min(this.watermark, first - 1, this.#publishing - 1, this.#feed.heldFrom() - 1);
  }

  #wake(delayMs: number): void {
    if (this.#isBusy || this.#pending.length === 0 || this.#pending[0]!.seq > this.watermark) return;
    this.#isBusy = true;
    this.#schedule(() => {
      this.#publishing = this.#pending[0]!.firstSeq;
      const taken = this.#feed.publish(this.#takeFrame());
      // a full frame is not merged with anything: it goes in the next turn
      const next = () => {
        this.#publishing = Number.POSITIVE_INFINITY;
        this.#isBusy = false;
        this.#wake(this.#isFull ? 0 : frameIntervalMs);
      };
      if (taken) void taken.then(next);
      else next();
    }, delayMs);
  }

  /** Is the next frame as large as it may be? */
  get #isFull(): boolean {
    let count = 0;
    for (const { seq, changes, published, verdicts } of this.#pending) {
      if (seq > this.watermark) return false;
      count += (changes ? changes.count - published : 0) + verdicts.length;
      if (count >= this.#bounds.frameChanges) return true;
    }
    return false;
  }

  /** The next durable changes, as many as a frame may have. */
  #takeFrame(): FeedFrame {
    const frame = { changes: [] as StoredChange[], verdicts: [] as VerdictChange[], sessions: new Set<Neighbor>() };
    let seq = this.#feed.seq;
    let gap = null as FeedFrame['gap'];
    let lostVerdicts = undefined as FeedFrame['lostVerdicts'];
    let room = this.#bounds.frameChanges;
    let done = 0;
    for (const one of this.#pending) {
      if (one.seq > this.watermark || room === 0) break;
      room -= this.#takeChanges(one, room, frame.changes);
      if (one.changes) {
        seq = Math.max(seq, one.changes.seq(one.published) - 1);
        break;
      }
      if (one.isGap) gap = { from: gap?.from ?? one.firstSeq, to: one.seq };
      if (one.lostVerdicts) lostVerdicts = { from: lostVerdicts?.from ?? one.firstSeq, to: one.seq };
      for (const neighbor of one.sessions) frame.sessions.add(neighbor);
      const verdicts = one.verdicts.splice(0, room);
      for (const change of verdicts) frame.verdicts.push(change);
      room -= verdicts.length;
      this.#heldVerdicts -= verdicts.length;
      seq = Math.max(seq, one.seq);
      if (one.verdicts.length > 0) {
        Object.assign(one, { isGap: false, lostVerdicts: false, sessions: new Set() });
        break;
      }
      done++;
    }
    this.#pending.splice(0, done);
    const { changes, verdicts, sessions } = frame;
    return { seq, changes, sessions: [...sessions], verdicts, gap, ...(lostVerdicts && { lostVerdicts }) };
  }

  /** Moves at most `room` changes of `one` into a frame; answers how many. */
  #takeChanges(one: Pending, room: number, changes: StoredChange[]): number {
    const { changes: held, published } = one;
    if (!held) return 0;
    const count = Math.min(room, held.count - published);
    for (let i = 0; i < count; i++) changes.push(held.get(published + i));
    one.published += count;
    this.#heldChanges -= count;
    if (one.published === held.count) one.changes = undefined;
    return count;
  }
}

/** Has it nothing that has to be held? */
const isEmpty = ({ changes, verdicts }: Pending): boolean => changes === undefined && verdicts.length === 0;

function merge(into: Pending, { seq, isGap, sessions, lostVerdicts }: Pending): void {
  into.seq = seq;
  into.isGap ||= isGap;
  into.lostVerdicts ||= lostVerdicts;
  for (const neighbor of sessions) into.sessions.add(neighbor);
}
