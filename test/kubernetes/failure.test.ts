import { describe, expect, it } from 'vitest';
import { failureOf, wordsFor } from '../../src/kubernetes/failure.ts';

describe('a failure response', () => {
  it.each<[string, number, unknown, { 'retry-after'?: string }, object]>([
    [
      'has the message of the Status',
      403,
      { message: 'pods is forbidden' },
      {},
      { message: 'pods is forbidden', retryAfter: 0 },
    ],
    ['has its HTTP status without a Status', 502, undefined, {}, { message: 'HTTP status 502' }],
    ['has a message of limited length', 500, { message: 'x'.repeat(10_000) }, {}, { message: 'x'.repeat(500) }],
    ['has a delay from a header', 429, {}, { 'retry-after': '3' }, { retryAfter: 3000 }],
    ['has a delay from the Status', 429, { details: { retryAfterSeconds: 2 } }, {}, { retryAfter: 2000 }],
    ['ignores a date in that header', 503, {}, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }, { retryAfter: 0 }],
  ])('%s', (_, status, body, headers, expected) => {
    expect(failureOf(status, body, headers)).toMatchObject({ status, ...expected });
  });
});

describe('the description of a system error', () => {
  const coded = (message: string, code: string) => Object.assign(new Error(message), { code });
  it.each<[Error, string]>([
    [
      coded('connect ECONNREFUSED 10.0.0.1:6443', 'ECONNREFUSED'),
      'connection refused (connect ECONNREFUSED 10.0.0.1:6443)',
    ],
    [coded('getaddrinfo ENOTFOUND api', 'ENOTFOUND'), 'cannot resolve the host name (getaddrinfo ENOTFOUND api)'],
    [coded('aborted', 'ECONNRESET'), 'connection reset'],
    [
      new AggregateError([coded('connect ECONNREFUSED ::1:6443', 'ECONNREFUSED')]),
      'connection refused (connect ECONNREFUSED ::1:6443)',
    ],
    [new Error('outer', { cause: new Error('inner') }), 'outer: inner'],
  ])('%s', (error, words) => {
    expect(wordsFor(error)).toBe(words);
  });
});
