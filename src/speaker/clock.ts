/** Time as the speaker sees it: given from outside, so that tests can turn it by hand. */
import { steadyNow } from '../clock.ts';

export interface Clock {
  /** Steady time (src/clock.ts): epoch ms with a fraction down to µs, never jumps. */
  now(): number;
  /** Calls back once after `ms`; returns how to forget it. */
  after(ms: number, callback: () => void): () => void;
  /** 0 ≤ x < 1, for jitter. */
  random(): number;
}

/** The machine's clock. */
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
