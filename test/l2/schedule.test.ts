import { describe, expect, it } from 'vitest';
import { maxQuestionsPerSecond } from '../../src/l2/messages.ts';
import { Schedule } from '../../src/l2/schedule.ts';

const questions = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ interface: 'eth0', address: `10.0.${i >> 8}.${i & 255}` }));
/** Questions in each of `seconds` seconds, asked for every 100 ms from `from` on. */
function perSecond(schedule: Schedule, seconds: number, from = 0): number[] {
  return Array.from({ length: seconds }, (_, second) =>
    Array.from({ length: 10 }, (_, i) => schedule.take(from + second * 1000 + i * 100).length).reduce((a, b) => a + b),
  );
}

describe('questions', () => {
  it('are asked at once, and then once per round, spread over it', () => {
    const schedule = new Schedule();
    schedule.set(questions(20), 10_000);
    const [first, ...rest] = perSecond(schedule, 11);
    expect(first).toBeGreaterThanOrEqual(20);
    for (const count of rest) expect(count).toBeGreaterThanOrEqual(1);
    expect(rest.reduce((a, b) => a + b)).toBeGreaterThanOrEqual(19);
    expect(rest.reduce((a, b) => a + b)).toBeLessThanOrEqual(21);
  });
  it('are never more than so many in a second, and all of them come about', () => {
    const schedule = new Schedule();
    const all = questions(3_000);
    schedule.set(all, 10_000);
    const asked = new Set<string>();
    for (let now = 0; now < 16_000; now += 100) {
      const taken = schedule.take(now);
      expect(taken.length).toBeLessThanOrEqual(maxQuestionsPerSecond);
      for (const { address } of taken) asked.add(address);
    }
    expect(asked.size).toBe(all.length);
  });
  it('make no burst after a pause', () => {
    const schedule = new Schedule();
    schedule.set(questions(5_000), 10_000);
    perSecond(schedule, 2);
    expect(schedule.take(3_600_000).length).toBeLessThanOrEqual(maxQuestionsPerSecond);
  });
  it('that are new are asked at once, the others in their turn', () => {
    const schedule = new Schedule();
    schedule.set(questions(3), 60_000);
    expect(schedule.take(0)).toHaveLength(3);
    schedule.set([...questions(3), { interface: 'eth0', address: '192.0.2.1' }], 60_000);
    expect(schedule.take(100)).toEqual([{ interface: 'eth0', address: '192.0.2.1' }]);
    expect(schedule.take(200)).toEqual([]);
  });
  it('are not asked at all when nobody wants that, and at once when somebody does', () => {
    const schedule = new Schedule();
    schedule.set(questions(3), null);
    expect(perSecond(schedule, 20)).toEqual(Array(20).fill(0));
    schedule.set(questions(3), 10_000);
    expect(schedule.take(20_000)).toHaveLength(3);
  });
});
