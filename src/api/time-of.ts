/** Times in questions. */
import { fromWall } from '../clock.ts';
import { ApiError } from './errors.ts';

/** RFC 3339, or its date alone. `Date.parse` would take "foo 5" for a day in May. */
const rfc3339 = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?$/i;

/** Steady time, epoch ms; a date alone is its first moment, UTC. Anything else is a 400 that says what parameter `name` expects. */
export function timeOf(name: string, text: string, expected = 'a time as in RFC 3339'): number {
  const fraction = /\.\d+/.exec(text)?.[0] ?? '';
  // Date.parse drops microseconds, which our own answers have
  const at = rfc3339.test(text)
    ? fromWall(Date.parse(text.replace(fraction, '')) + Number(`0${fraction}`) * 1_000)
    : Number.NaN;
  if (Number.isNaN(at))
    throw new ApiError(400, 'invalid-request', `${name}: expected ${expected}, such as 2026-01-31T12:00:00Z`);
  return at;
}
