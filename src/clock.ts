/**
 * Two clocks. Steady time is epoch milliseconds that never jump: the wall clock at process start plus the elapsed
 * CLOCK_MONOTONIC. All timestamps, timers and deadlines inside use it. Wall time follows corrections of the machine's
 * clock. Text, database rows and times from outside use it and are converted where they enter or leave.
 */
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';

/** A wall clock further than this from steady time was set, ms. Smaller differences are rounding and slewing. */
const maxDriftMs = 20;
/** Larger changes of the wall clock are logged and shown in the status, ms. */
export const minJumpMs = 1_000;
/** Maximum time between the reads of both clocks, ms. If longer, the thread was suspended in between. */
const maxReadMs = 1;
/** Minimum time between two comparisons, ms, since a million rows are written per second. */
const compareIntervalMs = 1;

/** Steady time at hrtime 0. All threads share hrtime and inherit this from the main thread. */
const anchorKey = 'peerglass.clock';
const anchor = (getEnvironmentData(anchorKey) as number | undefined) ?? Date.now() - hrtimeMs();
if (isMainThread) setEnvironmentData(anchorKey, anchor);
/** performance.now() starts with each thread but is cheaper than hrtime. */
const origin = anchor + hrtimeMs() - performance.now();

let offset = 0;
let comparedAt = Number.NEGATIVE_INFINITY;

function hrtimeMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

/** Steady time: epoch ms with µs in the fraction. */
export function steadyNow(): number {
  return origin + performance.now();
}

/** Wall time minus steady time, ms; 0 until the wall clock is set. */
export function wallOffset(): number {
  const before = steadyNow();
  if (before - comparedAt < compareIntervalMs) return offset;
  const drift = Math.round(Date.now() - before);
  const after = steadyNow();
  if (after - before > maxReadMs) return offset;
  comparedAt = after;
  if (Math.abs(drift - offset) > maxDriftMs) offset = Math.abs(drift) > maxDriftMs ? drift : 0;
  return offset;
}

/** Converts steady time to current wall time. Both epoch ms. */
export const toWall = (at: number): number => at + wallOffset();
/** Converts wall time to steady time. Both epoch ms. */
export const fromWall = (at: number): number => at - wallOffset();

/** The state of the wall clock for `/status`. */
export interface ClockStatus {
  /** Wall time minus steady time, ms. */
  offsetMs: number;
  /** Number of times that the wall clock was set by more than `minJumpMs`. */
  jumps: number;
  /** The last jump: its steady time, and its size (ms, negative: back). */
  lastJump: { at: number; byMs: number } | null;
}

/** Detects jumps of the wall clock. */
export class JumpWatch {
  readonly #offset: () => number;
  #status: ClockStatus = { offsetMs: 0, jumps: 0, lastJump: null };

  constructor(offset = wallOffset) {
    this.#offset = offset;
    this.#status.offsetMs = offset();
  }

  get status(): Readonly<ClockStatus> {
    return this.#status;
  }

  /** Compares the clocks. Returns the jump since the last call, ms; undefined: none. */
  look(now: number): number | undefined {
    const offsetMs = this.#offset();
    const byMs = offsetMs - this.#status.offsetMs;
    if (Math.abs(byMs) < minJumpMs) return undefined;
    this.#status = { offsetMs, jumps: this.#status.jumps + 1, lastJump: { at: now, byMs } };
    return byMs;
  }
}
