import { describe, expect, it } from 'vitest';
import { maxProbesPerSecond } from '../../src/l2/messages.ts';
import { Schedule } from '../../src/l2/schedule.ts';

const probes = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ interface: 'eth0', address: `10.0.${i >> 8}.${i & 255}` }));
/** Number of probes in each of `seconds` seconds, taken every 100 ms from `from` on. */
function perSecond(schedule: Schedule, seconds: number, from = 0): number[] {
  return Array.from({ length: seconds }, (_, second) =>
    Array.from({ length: 10 }, (_, i) => schedule.take(from + second * 1000 + i * 100).length).reduce((a, b) => a + b),
  );
}

describe('probes', () => {
  it('are sent at once, then once per round, spread over it', () => {
    const schedule = new Schedule();
    schedule.set(probes(20), 10_000);
    const [first, ...rest] = perSecond(schedule, 11);
    expect(first).toBeGreaterThanOrEqual(20);
    for (const count of rest) expect(count).toBeGreaterThanOrEqual(1);
    expect(rest.reduce((a, b) => a + b)).toBeGreaterThanOrEqual(19);
    expect(rest.reduce((a, b) => a + b)).toBeLessThanOrEqual(21);
  });
  it('are at most maxProbesPerSecond, and all are sent', () => {
    const schedule = new Schedule();
    const all = probes(3_000);
    schedule.set(all, 10_000);
    const asked = new Set<string>();
    for (let now = 0; now < 16_000; now += 100) {
      const taken = schedule.take(now);
      expect(taken.length).toBeLessThanOrEqual(maxProbesPerSecond);
      for (const { address } of taken) asked.add(address);
    }
    expect(asked.size).toBe(all.length);
  });
  it('have no burst after a pause', () => {
    const schedule = new Schedule();
    schedule.set(probes(5_000), 10_000);
    perSecond(schedule, 2);
    expect(schedule.take(3_600_000).length).toBeLessThanOrEqual(maxProbesPerSecond);
  });
  it('that are new are sent at once, the others in turn', () => {
    const schedule = new Schedule();
    schedule.set(probes(3), 60_000);
    expect(schedule.take(0)).toHaveLength(3);
    schedule.set([...probes(3), { interface: 'eth0', address: '192.0.2.1' }], 60_000);
    expect(schedule.take(100)).toEqual([{ interface: 'eth0', address: '192.0.2.1' }]);
    expect(schedule.take(200)).toEqual([]);
  });
  it('are not sent without an interval, and at once with one', () => {
    const schedule = new Schedule();
    schedule.set(probes(3), null);
    expect(perSecond(schedule, 20)).toEqual(Array(20).fill(0));
    schedule.set(probes(3), 10_000);
    expect(schedule.take(20_000)).toHaveLength(3);
  });
});
