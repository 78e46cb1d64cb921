/** Connections from unconfigured addresses, and delayed connections, with fake sockets. */
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { maxReportsPerSecond, ReportBudget } from '../../src/speaker/damping.ts';
import { maxFarewellBytes, maxStrangersNamed, Strangers } from '../../src/speaker/strangers.ts';
import { maxDelayedPerAddress, WaitingRoom } from '../../src/speaker/waiting-room.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** Records what was done to the socket, one word each. */
class FakeSocket extends EventEmitter {
  destroyed = false;
  written = '';
  fate: 'open' | 'reset' | 'destroyed' = 'open';
  write = (bytes: Uint8Array): boolean => (this.written += Buffer.from(bytes.subarray(18)).toString('hex')) !== '';
  end = (): void => {};
  resume = (): void => {};
  resetAndDestroy = (): void => this.#close('reset');
  destroy = (): void => this.#close('destroyed');

  #close(fate: 'reset' | 'destroyed'): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.fate = fate;
    this.emit('close');
  }
}

function scene({ max }: { max?: number } = {}) {
  const clock = new ManualClock();
  const strangers = new Strangers(clock, max);
  const knock = (address: string): FakeSocket => {
    const fake = new FakeSocket();
    const socket = fake as unknown as Socket;
    strangers.receive(socket, address, () => strangers.answer(socket, address));
    return fake;
  };
  return { clock, strangers, knock };
}

describe('a stranger', () => {
  test('gets Cease / Connection Rejected and is closed a moment later', async () => {
    const { clock, strangers, knock } = scene();
    const socket = knock('192.0.2.66');
    expect(socket.written).toBe('030605');
    await clock.advance(2_000);
    expect(socket.fate).toBe('destroyed');
    expect(strangers.size).toBe(0);
  });

  test('that reconnects at once waits longer each time', async () => {
    const { clock, knock } = scene();
    for (let i = 0; i < 4; i++) knock('192.0.2.66');
    await clock.advance(2_000);
    const late = knock('192.0.2.66');
    expect(late.written).toBe('');
    await clock.advance(5_000);
    expect(late.written).toBe('030605');
  });

  test('that keeps sending instead of reading its answer is closed after maxFarewellBytes', () => {
    const { knock } = scene();
    const socket = knock('192.0.2.66');
    socket.emit('data', new Uint8Array(maxFarewellBytes));
    expect(socket.fate).toBe('open');
    socket.emit('data', new Uint8Array(1));
    expect(socket.fate).toBe('destroyed');
  });
});

describe('strangers', () => {
  test('beyond maxStrangers are reset', () => {
    const { strangers, knock } = scene({ max: 3 });
    const sockets = [1, 2, 3, 4, 5].map((host) => knock(`192.0.2.${host}`));
    expect(sockets.map(({ fate }) => fate)).toEqual(['open', 'open', 'open', 'reset', 'reset']);
    expect(strangers).toMatchObject({ size: 3, max: 3, overflows: 2 });
  });

  test('are evicted for a neighbor, oldest first', () => {
    const { strangers, knock } = scene();
    const sockets = [1, 2].map((host) => knock(`192.0.2.${host}`));
    expect([strangers.evict(), sockets.map(({ fate }) => fate)]).toEqual([true, ['reset', 'open']]);
    expect([strangers.evict(), strangers.evict()]).toEqual([true, false]);
  });

  test('are counted by address; a flood names only the first maxStrangersNamed addresses', () => {
    const { strangers, knock } = scene({ max: 1 });
    expect(strangers.take()).toBeUndefined();
    for (const host of [1, 2, 1]) knock(`192.0.2.${host}`);
    expect(strangers.take()).toEqual({ connections: 3, addresses: { '192.0.2.1': 2, '192.0.2.2': 1 } });
    for (let i = 0; i < maxStrangersNamed + 5; i++) knock(`198.51.100.${i}`);
    const { connections, addresses } = strangers.take()!;
    expect(connections).toBe(maxStrangersNamed + 5);
    expect(Object.keys(addresses)).toHaveLength(maxStrangersNamed);
  });
});

describe('delayed connections', () => {
  test.each<[string, [address: string, range: string][], string]>([
    ['two of one address', Array(3).fill(['192.0.2.1', 'a']), 'open open reset'],
    ['maxDelayedPerRange of one range', [1, 2, 3, 4].map((host) => [`192.0.2.${host}`, 'a']), 'open open open reset'],
    [
      'maxDelayed in total, of which one range leaves some for others',
      [1, 2, 3, 4, 5, 6].map((host) => [`192.0.2.${host}`, host < 5 ? 'a' : 'b']),
      'open open open reset open reset',
    ],
  ])('are %s', (_, arrivals, expected) => {
    const room = new WaitingRoom(new ManualClock(), 4, 3);
    const fates = arrivals.map(([address, range]) => {
      const socket = new FakeSocket();
      room.enter(socket as unknown as Socket, address, range, 1_000, () => {});
      return socket.fate;
    });
    expect(fates.join(' ')).toBe(expected);
    expect(room.size).toBe(fates.filter((fate) => fate === 'open').length);
    expect(maxDelayedPerAddress).toBe(2);
  });
});

test('connections without an OPEN from any number of addresses write at most maxReportBurst events at once', async () => {
  const clock = new ManualClock();
  const budget = new ReportBudget(3);
  const reported = (times: number) => Array.from({ length: times }, () => budget.take(clock.now()));
  expect(reported(5)).toEqual([true, true, true, false, false]);
  await clock.advance(1_000 / maxReportsPerSecond);
  expect(reported(2)).toEqual([true, false]);
});
