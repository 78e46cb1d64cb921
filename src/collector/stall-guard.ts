/**
 * After this process stood still (SIGSTOP, a frozen container), everything that time decides is due at once, while what
 * neighbors sent meanwhile waits unread. Decisions wait until it is read.
 */

/** Ticks this far apart mean that the process stood still, ms. */
export const stallMs = 2_000;
/** How long decisions wait then, ms. */
export const settleMs = 1_000;

export class StallGuard {
  #tickedAt: number;
  #settledAt = 0;

  constructor(now: number) {
    this.#tickedAt = now;
  }

  /** May time decide anything at `now` (epoch ms)? Asked at every tick. */
  mayDecide(now: number): boolean {
    if (now - this.#tickedAt > stallMs) this.#settledAt = now + settleMs;
    this.#tickedAt = now;
    return now >= this.#settledAt;
  }
}
