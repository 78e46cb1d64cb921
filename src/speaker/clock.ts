/** The speaker's clock: injected, so that tests control it. */
import { steadyNow } from '../clock.ts';

export interface Clock {
  /** Steady time (src/clock.ts): epoch ms with µs in the fraction; never jumps. */
  now(): number;
  /** Calls back once after `ms`; returns a function that cancels it. */
  after(ms: number, callback: () => void): () => void;
  /** 0 ≤ x < 1, for jitter. */
  random(): number;
}

/** The system's clock. */
export function systemClock(): Clock {
  return {
    now: steadyNow,
    after(ms, callback) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    random: Math.random,
  };
}
