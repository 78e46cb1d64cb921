/** Time as the speaker sees it: given from outside, so that tests can turn it by hand. */
import { performance } from 'node:perf_hooks';

export interface Clock {
  /** Milliseconds that never jump, from an arbitrary start. */
  monotonic(): number;
  /** Epoch milliseconds with a fraction down to µs. */
  wall(): number;
  /** Calls back once after `ms`; returns how to forget it. */
  after(ms: number, callback: () => void): () => void;
  /** 0 ≤ x < 1, for jitter. */
  random(): number;
}

/** A wall clock that went further than this from where we thought it to be was set. */
const clockStepMs = 20;

/** How often the wall clock is compared, ms. */
const compareEveryMs = 1000;

/**
 * The machine's clock. `wall` follows the monotonic clock between comparisons, since Date has whole milliseconds only,
 * and a jump of the wall clock (NTP, a suspended machine) is taken over at the next comparison.
 */
export function systemClock(): Clock {
  let offset = performance.timeOrigin;
  let comparedAt = Number.NEGATIVE_INFINITY;
  return {
    monotonic: () => performance.now(),
    wall() {
      const now = performance.now();
      if (now - comparedAt > compareEveryMs) {
        comparedAt = now;
        const drift = Date.now() - (offset + now);
        if (Math.abs(drift) > clockStepMs) offset += drift;
      }
      return offset + now;
    },
    after(ms, callback) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    random: Math.random,
  };
}
