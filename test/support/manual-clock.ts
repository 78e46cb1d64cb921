/**
 * A clock that a test turns by hand; timers fire in the order of their time, each at its own time. Those of a few
 * milliseconds (a batch that waits for company) run by themselves, in real time.
 */
import type { Clock } from '../../src/speaker/clock.ts';

/** Timers up to this long run by themselves, ms. */
const byThemselvesMs = 20;

export class ManualClock implements Clock {
  #now: number;
  readonly #timers = new Map<symbol, { at: number; callback: () => void }>();

  /** `now`: epoch ms at the start. */
  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now = (): number => this.#now;
  /** No jitter. */
  random = (): number => 0;

  after = (ms: number, callback: () => void): (() => void) => {
    if (ms <= byThemselvesMs) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    }
    const key = Symbol();
    this.#timers.set(key, { at: this.#now + ms, callback });
    return () => void this.#timers.delete(key);
  };

  /** How many timers are set. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets `ms` pass, and between two timers whatever the event loop has to do. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      let next: [symbol, { at: number; callback: () => void }] | undefined;
      for (const entry of this.#timers) if (!next || entry[1].at < next[1].at) next = entry;
      if (!next || next[1].at > end) break;
      this.#now = Math.max(this.#now, next[1].at);
      this.#timers.delete(next[0]);
      next[1].callback();
      await new Promise(setImmediate);
    }
    this.#now = end;
    await new Promise(setImmediate);
  }
}
