import { describe, expect, it } from 'vitest';
import { defaultTimes, maxRetryAfter, retryDelay } from '../../src/kubernetes/clock.ts';

describe('the delay before a retry', () => {
  it.each<[string, { failures: number; random: number; asked?: number }, number]>([
    ['is short after the first failure', { failures: 1, random: 1 }, 500],
    ['doubles', { failures: 2, random: 1 }, 1_000],
    ['doubles again', { failures: 4, random: 1 }, 4_000],
    ['has a maximum', { failures: 20, random: 1 }, 30_000],
    ['has a maximum after any number of failures', { failures: 1e9, random: 1 }, 30_000],
    ['is half random, so that not all retry together', { failures: 4, random: 0 }, 2_000],
    ['is at least what the server asks for', { failures: 1, random: 1, asked: 7_000 }, 7_000],
    ['ignores a shorter time that the server asks for', { failures: 4, random: 1, asked: 1_000 }, 4_000],
    ['is at most maxRetryAfter if the server asks for days', { failures: 1, random: 1, asked: 1e9 }, maxRetryAfter],
  ])('%s', (_, { failures, random, asked }, ms) => {
    expect(retryDelay(failures, defaultTimes, random, asked)).toBe(ms);
  });
});
