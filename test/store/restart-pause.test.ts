import { expect, it } from 'vitest';
import { firstRestartMs, maxRestartMs, nextRestartPause } from '../../src/store/client.ts';

it('doubles the pause before a restart of the store thread up to maxRestartMs', () => {
  let pause = firstRestartMs;
  const pauses = Array.from({ length: 8 }, () => {
    pause = nextRestartPause(pause);
    return pause;
  });
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, maxRestartMs, maxRestartMs, maxRestartMs]);
});
