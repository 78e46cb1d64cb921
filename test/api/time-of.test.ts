import { describe, expect, test } from 'vitest';
import { timeOf } from '../../src/api/time-of.ts';

const noon = Date.UTC(2026, 0, 31, 12);

describe('a time in a question', () => {
  test.each<[string, number]>([
    ['2026-01-31T12:00:00Z', noon],
    ['2026-01-31T13:00:00+01:00', noon],
    ['2026-01-31T12:00:00.5Z', noon + 500],
    ['2026-01-31T12:00:00.123456Z', noon + 123.456],
    ['2026-01-31T13:00:00.000001+01:00', noon + 0.001],
    ['2026-01-31', Date.UTC(2026, 0, 31)],
  ])('%s', (text, at) => {
    expect(timeOf('since', text)).toBeCloseTo(at, 3);
  });

  test.each(['', 'yesterday', 'foo 5', '2026-01-31T12:00', '2026-13-01T00:00:00Z', '2026-01-31T12:00:00.Z'])(
    '"%s" is invalid',
    (text) => {
      expect(() => timeOf('since', text)).toThrow(/^since: expected a time as in RFC 3339/);
    },
  );
});
