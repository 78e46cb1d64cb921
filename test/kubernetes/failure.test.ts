import { describe, expect, it } from 'vitest';
import { failureOf, wordsFor } from '../../src/kubernetes/failure.ts';

describe('an answer that is a no', () => {
  it.each<[string, number, unknown, { 'retry-after'?: string }, object]>([
    [
      'says what the Status says',
      403,
      { message: 'pods is forbidden' },
      {},
      { message: 'pods is forbidden', retryAfter: 0 },
    ],
    ['says its number when there is no Status', 502, undefined, {}, { message: 'HTTP status 502' }],
    ['is cut to a sane length', 500, { message: 'x'.repeat(10_000) }, {}, { message: 'x'.repeat(500) }],
    ['says when to come back in a header', 429, {}, { 'retry-after': '3' }, { retryAfter: 3000 }],
    ['or in the Status', 429, { details: { retryAfterSeconds: 2 } }, {}, { retryAfter: 2000 }],
    [
      'a date in that header is no number of seconds',
      503,
      {},
      { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' },
      { retryAfter: 0 },
    ],
  ])('%s', (_, status, body, headers, expected) => {
    expect(failureOf(status, body, headers)).toMatchObject({ status, ...expected });
  });
});

describe('an error of the system in words', () => {
  const coded = (message: string, code: string) => Object.assign(new Error(message), { code });
  it.each<[Error, string]>([
    [
      coded('connect ECONNREFUSED 10.0.0.1:6443', 'ECONNREFUSED'),
      'nobody listens there (connect ECONNREFUSED 10.0.0.1:6443)',
    ],
    [coded('getaddrinfo ENOTFOUND api', 'ENOTFOUND'), 'its name cannot be resolved (getaddrinfo ENOTFOUND api)'],
    [coded('aborted', 'ECONNRESET'), 'the connection was cut'],
    [
      new AggregateError([coded('connect ECONNREFUSED ::1:6443', 'ECONNREFUSED')]),
      'nobody listens there (connect ECONNREFUSED ::1:6443)',
    ],
    [new Error('outer', { cause: new Error('inner') }), 'outer: inner'],
  ])('%s', (error, words) => {
    expect(wordsFor(error)).toBe(words);
  });
});
