/** Steady time and wall time when the machine's clock is set. */
import { describe, expect, it } from 'vitest';
import { fromWall, JumpWatch, minJumpMs, steadyNow, toWall } from '../src/clock.ts';
import { formatTime } from '../src/rib/time.ts';
import { fromMicros, toMicros } from '../src/store/database.ts';
import { setWallClock } from './support/wall-clock.ts';

const hour = 3_600_000;

describe('when the wall clock is set', () => {
  it.each([hour, -hour, -2 * hour])('steady time continues (%d ms)', async (ms) => {
    const before = steadyNow();
    await setWallClock(ms);
    const passed = steadyNow() - before;
    expect(passed).toBeGreaterThanOrEqual(0);
    expect(passed).toBeLessThan(hour);
  });

  it.each<[string, (at: number) => number]>([
    ['text', (at) => Date.parse(formatTime(at))],
    ['microseconds of the database', (at) => toMicros(at) / 1000],
    ['wall time', toWall],
  ])('%s follows it, also for earlier timestamps', async (_, shown) => {
    const at = Math.floor(steadyNow());
    expect(shown(at)).toBe(at);
    await setWallClock(-hour);
    expect(Math.abs(shown(at) - (at - hour))).toBeLessThan(10);
  });

  it.each<[string, (at: number) => number]>([
    ['the database', (at) => fromMicros(toMicros(at))],
    ['a question', (at) => fromWall(Date.parse(formatTime(at)))],
  ])('times survive a round trip through %s', async (_, thereAndBack) => {
    await setWallClock(-hour);
    const at = Math.floor(steadyNow());
    expect(thereAndBack(at)).toBe(at);
  });
});

describe('a jump of the wall clock', () => {
  it.each<[string, number[], (number | undefined)[], number]>([
    ['is reported once', [0, -hour, -hour], [undefined, -hour, undefined], 1],
    ['back and forward counts as two', [-hour, 0], [-hour, hour], 2],
    ['below minJumpMs does not count', [minJumpMs - 1, 0, 1 - minJumpMs], [undefined, undefined, undefined], 0],
    ['in small steps is reported when they add up', [600, 1_200], [undefined, 1_200], 1],
  ])('%s', (_, offsets, told, jumps) => {
    let offset = 0;
    const watch = new JumpWatch(() => offset);
    const looks = offsets.map((ms, i) => {
      offset = ms;
      return watch.look(1_000 + i);
    });
    expect(looks).toEqual(told);
    expect(watch.status.jumps).toBe(jumps);
    const last = told.findLastIndex((byMs) => byMs !== undefined);
    expect(watch.status.lastJump).toEqual(last < 0 ? null : { at: 1_000 + last, byMs: told[last] });
  });
});
