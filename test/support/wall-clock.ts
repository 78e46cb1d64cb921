/** The machine's clock, set by a test. */
import { onTestFinished, vi } from 'vitest';
import { wallOffset } from '../../src/clock.ts';
import { until } from './wait.ts';

const realNow = Date.now;

/** From now on, and to the end of the test, the wall clock is `ms` ahead of the machine's. */
export async function setWallClock(ms: number): Promise<void> {
  vi.spyOn(Date, 'now').mockImplementation(() => realNow() + ms);
  onTestFinished(async () => {
    vi.restoreAllMocks();
    await until('steady time and wall time are the same', () => wallOffset() === 0, { every: 1 });
  });
  await until('the wall clock is set', () => Math.abs(wallOffset() - ms) < 10, { every: 1 });
}
