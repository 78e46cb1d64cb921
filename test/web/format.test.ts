import { expect, test } from 'vitest';
import {
  formatAbsolute,
  formatAsPath,
  formatClock,
  formatDuration,
  formatRelative,
  parseTime,
  plural,
} from '../../web/src/format.ts';

const [s, min, h, d] = [1_000, 60_000, 3_600_000, 86_400_000];

test.each([
  [-5 * s, '0 s'],
  [0, '0 s'],
  [59.9 * s, '59 s'],
  [90 * s, '1 min'],
  [3 * h, '3 h'],
  [3 * h + 20 * min, '3 h 20 min'],
  [5 * d + 4 * h + 59 * min, '5 d 4 h'],
])('%i ms is %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [0, 'now'],
  [-12 * s, '12 s ago'],
  [-(h + 20 * min), '1 h ago'],
  [16 * s, 'in 16 s'],
])('%i ms from now is %s', (distance, text) => {
  expect(formatRelative(1e12 + distance, 1e12)).toBe(text);
});

test('an absolute time has its UTC offset', () => {
  const at = Date.parse('2026-05-04T12:00:00.123Z');
  const text = formatAbsolute(at);
  expect(text).toMatch(/^2026-05-0[345] \d\d:\d\d:00\.123 [+-]\d\d:\d\d$/);
  expect(Date.parse(text.replace(' ', 'T').replace(' ', ''))).toBe(at);
  expect(text).toContain(formatClock(at));
});

test.each([
  [[], ''],
  [[64512], '64512'],
  [[64512, [65010, 65011]], '64512 {65010,65011}'],
])('formats AS path %j as %j', (path, text) => {
  expect(formatAsPath(path)).toBe(text);
});

test.each([
  [0, '0 routes'],
  [1, '1 route'],
  [1234, '1,234 routes'],
])('%i: %s', (n, text) => {
  expect(plural(n, 'route')).toBe(text);
});

test.each([
  ['2026-05-04T12:00:00.000Z', Date.parse('2026-05-04T12:00:00Z')],
  ['1970-01-01T00:00:00.000Z', null],
  [null, null],
  [undefined, null],
])('parses the time %j as %j', (text, at) => {
  expect(parseTime(text)).toBe(at);
});
