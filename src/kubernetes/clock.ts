/** The clock and the timeouts of watches. */
import { setTimeout } from 'node:timers/promises';
import { steadyNow } from '../clock.ts';

export interface WatchClock {
  /** epoch ms */
  now(): number;
  /** Resolves after `ms`; rejects when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  /** 0 ≤ x < 1, for jitter. */
  random(): number;
}

export const systemClock: WatchClock = {
  now: steadyNow,
  wait: (ms, signal) => setTimeout(ms, undefined, { signal }),
  random: Math.random,
};

/** Timeouts and delays, ms. */
export interface Times {
  /** Maximum time from a request to its response headers, including connecting and an exec plugin. */
  answer: number;
  /**
   * Maximum time without data on an open response. API servers send a bookmark about every minute, so this detects
   * half-open connections.
   */
  silence: number;
  /** Minimum lifetime of a watch that we ask the API server for; the maximum is twice that. */
  watch: number;
  /** Minimum and maximum delay before a retry; doubles with each failure. */
  minRetry: number;
  maxRetry: number;
  /** Interval between checks for a forbidden or absent kind. */
  lookAgain: number;
  /** Maximum time that the first snapshot waits for failing kinds that are not essential. */
  patience: number;
  /** Quiet time after a change before a snapshot, and the maximum delay under a stream of changes. */
  quiet: number;
  maxQuiet: number;
}

export const defaultTimes: Times = {
  answer: 60_000,
  silence: 90_000,
  watch: 300_000,
  minRetry: 500,
  maxRetry: 30_000,
  lookAgain: 60_000,
  patience: 30_000,
  quiet: 50,
  maxQuiet: 500,
};

/** A longer Retry-After counts as this, ms. */
export const maxRetryAfter = 300_000;

/**
 * Delay before a retry after this number of failures in a row, ms. Exponential with jitter, so that watches that failed
 * together do not retry together; at least the time that the server asked for.
 */
export function retryDelay(failures: number, { minRetry, maxRetry }: Times, random: number, asked = 0): number {
  const ceiling = Math.min(maxRetry, minRetry * 2 ** Math.min(failures - 1, 20));
  return Math.max(ceiling * (0.5 + random / 2), Math.min(asked, maxRetryAfter));
}
