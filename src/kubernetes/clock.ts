/** Time and chance as watches see them, and how long they wait for what. */
import { setTimeout } from 'node:timers/promises';
import { steadyNow } from '../clock.ts';

export interface WatchClock {
  /** epoch ms */
  now(): number;
  /** Resolves after `ms`, or rejects when the signal says so. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  /** 0 ≤ x < 1, for jitter. */
  random(): number;
}

export const systemClock: WatchClock = {
  now: steadyNow,
  wait: (ms, signal) => setTimeout(ms, undefined, { signal }),
  random: Math.random,
};

/** All in ms. */
export interface Times {
  /** From a request to the head of its answer; connecting and an exec plugin are part of it. */
  answer: number;
  /**
   * Without an octet on an open answer it counts as dead. API servers send a bookmark about every minute, so a
   * connection that is half open is noticed by this.
   */
  silence: number;
  /** The API server is asked to end a watch after so long, up to twice that. */
  watch: number;
  /** Shortest and longest wait before another attempt; doubles from one to the next. */
  retryLeast: number;
  retryMost: number;
  /** How often a kind that is forbidden or absent is looked for again. */
  lookAgain: number;
  /** How long the first state waits for kinds that fail and are not essential. */
  patience: number;
  /** Quiet time after a change before it is passed on, and the longest that a stream of changes can put it off. */
  quiet: number;
  mostQuiet: number;
}

export const defaultTimes: Times = {
  answer: 60_000,
  silence: 90_000,
  watch: 300_000,
  retryLeast: 500,
  retryMost: 30_000,
  lookAgain: 60_000,
  patience: 30_000,
  quiet: 50,
  mostQuiet: 500,
};

/** Longest Retry-After that is heeded, ms. */
export const maxRetryAfter = 300_000;

/**
 * How long to wait after so many failures in a row, ms: exponential with jitter, so that what was cut off together
 * does not come back together. What the server asks for counts when it is more.
 */
export function retryDelay(failures: number, { retryLeast, retryMost }: Times, random: number, asked = 0): number {
  const ceiling = Math.min(retryMost, retryLeast * 2 ** Math.min(failures - 1, 20));
  return Math.max(ceiling * (0.5 + random / 2), Math.min(asked, maxRetryAfter));
}
