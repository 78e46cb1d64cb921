import { expect, it } from 'vitest';
import { StallGuard, settleMs, stallMs } from '../../src/collector/stall-guard.ts';

it.each<[string, number[], boolean[]]>([
  ['decides at every tick', [250, 500, 750], [true, true, true]],
  [
    'waits for what was sent meanwhile after it stood still',
    [250, 250 + stallMs + 1, 250 + stallMs + settleMs, 251 + stallMs + settleMs],
    [true, false, false, true],
  ],
  ['a late tick is no stall', [250, 250 + stallMs], [true, true]],
])('a collector %s', (_, ticks, expected) => {
  const guard = new StallGuard(0);
  expect(ticks.map((now) => guard.mayDecide(now))).toEqual(expected);
});
