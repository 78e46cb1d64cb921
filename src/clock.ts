/**
 * Two clocks. Steady time is epoch milliseconds that never jump: the wall clock at the start of the process plus what
 * CLOCK_MONOTONIC counted since. Everything inside uses it: stamps, timers, deadlines. Wall time follows corrections of
 * the machine's clock. Text, database rows and times from outside carry it; they are converted where they enter or leave.
 */
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';

/** A wall clock that is further from where steady time expects it was set, ms. Below are rounding and slewing. */
const maxDriftMs = 20;
/** A change of the wall clock above this is logged and shown in the status, ms. */
export const minJumpMs = 1_000;
/** Reads of the two clocks that are further apart than this cannot be compared: the thread was suspended between them. */
const maxReadMs = 1;
/** The clocks are compared again after this, ms: a million rows are written in a second. */
const compareEveryMs = 1;

/** Steady time at hrtime 0. All threads share hrtime, and inherit this from the main thread. */
const anchorKey = 'peerglass.clock';
const anchor = (getEnvironmentData(anchorKey) as number | undefined) ?? Date.now() - hrtimeMs();
if (isMainThread) setEnvironmentData(anchorKey, anchor);
/** performance.now() starts with each thread, but is cheaper to read than hrtime. */
const origin = anchor + hrtimeMs() - performance.now();

let offset = 0;
let comparedAt = Number.NEGATIVE_INFINITY;

function hrtimeMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

/** Steady time: epoch ms with a fraction down to µs. */
export function steadyNow(): number {
  return origin + performance.now();
}

/** What the wall clock is ahead of steady time, ms; 0 until the wall clock is set. */
export function wallOffset(): number {
  const before = steadyNow();
  if (before - comparedAt < compareEveryMs) return offset;
  const drift = Math.round(Date.now() - before);
  const after = steadyNow();
  if (after - before > maxReadMs) return offset;
  comparedAt = after;
  if (Math.abs(drift - offset) > maxDriftMs) offset = Math.abs(drift) > maxDriftMs ? drift : 0;
  return offset;
}

/** Steady time → wall time as the machine's clock shows it now. Both epoch ms. */
export const toWall = (at: number): number => at + wallOffset();
/** Wall time → steady time. Both epoch ms. */
export const fromWall = (at: number): number => at - wallOffset();

/** The wall clock as `/status` shows it. */
export interface ClockStatus {
  /** Wall time minus steady time, ms. */
  offsetMs: number;
  /** How often the wall clock was set by more than `minJumpMs`. */
  jumps: number;
  /** The last time that it was set: steady time, and by how much (ms, negative = back). */
  lastJump: { at: number; byMs: number } | null;
}

/** Notices that the wall clock was set. */
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

  /** Compares the clocks. Returns by how much the wall clock was set since the last look, ms; undefined if it was not. */
  look(now: number): number | undefined {
    const offsetMs = this.#offset();
    const byMs = offsetMs - this.#status.offsetMs;
    if (Math.abs(byMs) < minJumpMs) return undefined;
    this.#status = { offsetMs, jumps: this.#status.jumps + 1, lastJump: { at: now, byMs } };
    return byMs;
  }
}
