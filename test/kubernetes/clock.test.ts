import { describe, expect, it } from 'vitest';
import { defaultTimes, maxRetryAfter, retryDelay } from '../../src/kubernetes/clock.ts';

describe('the wait before another attempt', () => {
  it.each<[string, { failures: number; random: number; asked?: number }, number]>([
    ['is short after the first failure', { failures: 1, random: 1 }, 500],
    ['doubles', { failures: 2, random: 1 }, 1_000],
    ['and doubles', { failures: 4, random: 1 }, 4_000],
    ['has an end', { failures: 20, random: 1 }, 30_000],
    ['however often it failed', { failures: 1e9, random: 1 }, 30_000],
    ['is half chance, so that not all come back at once', { failures: 4, random: 0 }, 2_000],
    ['is what the server asks for when that is longer', { failures: 1, random: 1, asked: 7_000 }, 7_000],
    ['is not what the server asks for when that is shorter', { failures: 4, random: 1, asked: 1_000 }, 4_000],
    ['is never what a server asks for that asks for days', { failures: 1, random: 1, asked: 1e9 }, maxRetryAfter],
  ])('%s', (_, { failures, random, asked }, ms) => {
    expect(retryDelay(failures, defaultTimes, random, asked)).toBe(ms);
  });
});
