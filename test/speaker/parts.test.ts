/** Parts of the speaker that need no socket or thread. */
import { describe, expect, test } from 'vitest';
import { type Batch, RecordKind, records } from '../../src/events.ts';
import { Damping, maxRemembered } from '../../src/speaker/damping.ts';
import { ConfiguredNeighbors } from '../../src/speaker/neighbors.ts';
import { BatchOutbox, flushAtBytes, highWaterBytes, lowWaterBytes } from '../../src/speaker/outbox.ts';
import { Timer } from '../../src/speaker/timer.ts';
import { ManualClock } from '../support/manual-clock.ts';

describe('Timer', () => {
  const setUp = () => {
    const clock = new ManualClock(0);
    const fired: number[] = [];
    const timer = new Timer(clock, () => fired.push(clock.now()));
    return { clock, fired, timer };
  };

  test('fires once', async () => {
    const { clock, fired, timer } = setUp();
    timer.start(1000);
    await clock.advance(5000);
    expect(fired).toEqual([1000]);
    expect(timer.running).toBe(false);
  });

  test('restarted a thousand times, it uses one system timer', async () => {
    const { clock, fired, timer } = setUp();
    timer.start(3000);
    for (let i = 0; i < 1000; i++) {
      await clock.advance(10);
      timer.touch(clock.now());
      expect(clock.pending).toBe(1);
    }
    await clock.advance(5000);
    expect(fired).toEqual([13_000]);
  });

  test('a shorter time counts from now', async () => {
    const { clock, fired, timer } = setUp();
    timer.start(240_000);
    timer.start(9000);
    await clock.advance(240_000);
    expect(fired).toEqual([9000]);
  });

  test('when stopped, neither fires nor restarts', async () => {
    const { clock, fired, timer } = setUp();
    timer.start(1000);
    timer.stop();
    timer.touch(clock.now());
    await clock.advance(5000);
    expect(fired).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});

describe('Damping', () => {
  test('after three failures the pause doubles up to five seconds', () => {
    const damping = new Damping();
    const pauses = Array.from({ length: 10 }, (_, i) => {
      damping.failed('192.0.2.1', i);
      return damping.pause('192.0.2.1', i);
    });
    expect(pauses).toEqual([0, 0, 0, 250, 500, 1000, 2000, 4000, 5000, 5000]);
    expect(damping.pause('192.0.2.2', 10)).toBe(0);
  });

  test('forgets failures after a minute without a new one', () => {
    const damping = new Damping();
    for (let i = 0; i < 9; i++) damping.failed('192.0.2.1', 0);
    expect(damping.pause('192.0.2.1', 59_999)).toBe(5000);
    expect(damping.pause('192.0.2.1', 60_000)).toBe(0);
  });

  test('reports the first failure of an interval, with the number left out before', () => {
    const damping = new Damping();
    const reports = [0, 1000, 2000, 10_000, 10_500, 20_000].map((now) => {
      damping.failed('192.0.2.1', now);
      return damping.report('192.0.2.1', now);
    });
    expect(reports).toEqual([0, undefined, undefined, 2, undefined, 1]);
  });

  test('remembers a bounded number of addresses', () => {
    const damping = new Damping();
    for (let n = 0; n < 5; n++) damping.failed('victim', 0);
    for (let i = 0; i < maxRemembered; i++) damping.failed(`spoof ${i}`, 1);
    expect(damping.pause('victim', 1)).toBe(0);
  });
});

describe('BatchOutbox', () => {
  const setUp = () => {
    const clock = new ManualClock();
    const batches: Batch[] = [];
    const pressure: boolean[] = [];
    const outbox = new BatchOutbox(
      clock,
      (batch) => batches.push(batch),
      (full) => pressure.push(full),
    );
    const write = (octets: number): void => outbox.message(7, 1.5, new Uint8Array(octets), 0, octets);
    return { batches, pressure, outbox, write };
  };

  test('records wait briefly for others', async () => {
    const { batches, write } = setUp();
    write(100);
    write(100);
    expect(batches).toEqual([]);
    await expect.poll(() => batches.length).toBe(1);
    expect([...records(batches[0]!)].map(() => 1)).toEqual([1, 1]);
    const [first] = records(batches[0]!);
    expect(first).toMatchObject({ kind: RecordKind.message, session: 7, at: 1.5 });
  });

  test('sends a large batch at once', () => {
    const { batches, write } = setUp();
    for (let written = 0; written < flushAtBytes; written += 4096) write(4096);
    expect(batches).toHaveLength(1);
  });

  test('counts small batches by the memory that they occupy', () => {
    const { batches, outbox, write } = setUp();
    for (let i = 0; i < 100; i++) {
      write(10);
      outbox.flush();
    }
    expect(outbox.unacknowledgedBytes).toBe(batches.reduce((sum, { bytes }) => sum + bytes.buffer.byteLength, 0));
  });

  test('signals pressure above the high-water mark until enough is acknowledged', () => {
    const { batches, pressure, outbox, write } = setUp();
    while (pressure.length === 0) write(4096);
    expect(outbox.unacknowledgedBytes).toBeGreaterThanOrEqual(highWaterBytes);
    const count = batches.length;
    let acknowledged = 0;
    while (pressure.length === 1) {
      outbox.acknowledge(1);
      acknowledged++;
    }
    expect(pressure).toEqual([true, false]);
    expect(outbox.unacknowledgedBytes).toBeLessThanOrEqual(lowWaterBytes);
    expect(acknowledged).toBeLessThan(count);
    outbox.acknowledge(count - acknowledged);
    expect([outbox.unacknowledgedBytes, outbox.unacknowledgedBatches]).toEqual([0, 0]);
  });
});

test.each([
  ['192.0.2.7', 'host'],
  ['192.0.2.8', 'range'],
  ['198.51.100.1', undefined],
  ['fe80::1%eth0', 'link-local'],
  ['2001:db8::1', undefined],
])('%s belongs to neighbor %s', (address, name) => {
  const neighbors = ConfiguredNeighbors.install(
    [
      { range: '192.0.2.0/24', asn: 'any', bgpPeer: 'range' },
      { range: '192.0.2.7/32', asn: 'any', bgpPeer: 'host' },
      { range: 'fe80::/10', asn: 'any', bgpPeer: 'link-local' },
    ],
    [],
  );
  expect(neighbors.match(address)?.configs[0]?.bgpPeer).toBe(name);
});
