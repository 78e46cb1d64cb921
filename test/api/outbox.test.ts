import { describe, expect, test } from 'vitest';
import { limits } from '../../src/api/limits.ts';
import { control, type KeyedMessage, MessageBatch } from '../../src/api/stream/batch.ts';
import { Clients } from '../../src/api/stream/clients.ts';
import { Outbox, type Transport } from '../../src/api/stream/outbox.ts';

/** A connection whose other end reads when told to. */
class Pipe implements Transport {
  buffered = 0;
  sent: string[] = [];
  seqs: (number | null)[] = [];
  closed: number | undefined;
  #waiting: (() => void)[] = [];

  send(octets: Buffer, seq: number | null, sent: () => void): void {
    this.sent.push(octets.toString());
    this.seqs.push(seq);
    this.buffered += octets.length;
    this.#waiting.push(sent);
  }

  close(code: number): void {
    this.closed = code;
  }

  /** The client reads everything. */
  read(): void {
    this.buffered = 0;
    for (const sent of this.#waiting.splice(0)) sent();
  }

  /** Messages, arrays opened. */
  get messages(): { type: string; n?: number }[] {
    return this.sent.flatMap((text) => JSON.parse(text));
  }
}

function opened(isResumable = true, clients = new Clients()) {
  const pipe = new Pipe();
  let now = 0;
  const pass = (ms: number) => {
    now += ms;
  };
  const outbox: Outbox = new Outbox(pipe, clients, { isResumable: () => isResumable, onRoom: () => pump() }, () => now);
  const pump = () => {
    while (outbox.pump());
  };
  return { pipe, clients, outbox, pass, pump };
}

const message = (seq: number, key: string, padding = 0): KeyedMessage => ({
  seq,
  key,
  text: JSON.stringify({ type: 'route', n: seq, ...(padding > 0 && { padding: 'x'.repeat(padding) }) }),
});
const batch = (...messages: KeyedMessage[]) => new MessageBatch(messages, { seq: messages.at(-1)!.seq });
/** A batch of `count` messages about `keys` things, that is `octets` large. */
const large = (from: number, octets: number, { count = 100, keys = 100 } = {}) =>
  batch(
    ...Array.from({ length: count }, (_, i) => message(from + i, `k${(from + i) % keys}`, Math.ceil(octets / count))),
  );
const stalled = (pipe: Pipe) => {
  pipe.buffered = limits.socketBytes + 1;
};

describe('a client that keeps up', () => {
  test('gets one message as it is and several as an array', () => {
    const { pipe, outbox, pump } = opened();
    outbox.push(batch(message(1, 'a')));
    outbox.push(batch(message(2, 'a'), message(3, 'b')));
    pump();
    expect(pipe.sent).toEqual(['{"type":"route","n":1}', '[{"type":"route","n":2},{"type":"route","n":3}]']);
    expect(pipe.seqs).toEqual([1, 3]);
  });

  test('may not resume from what it sees while something is behind', () => {
    const { pipe, outbox, pump } = opened(false);
    outbox.push(batch(message(7, 'a')));
    pump();
    expect(pipe.seqs).toEqual([null]);
  });

  test('waits for a batch that is not ready, and gets those behind it after it', () => {
    const { pipe, outbox, pump } = opened();
    const late = new MessageBatch([message(1, 'a')], { seq: 1, isReady: false });
    outbox.push(late);
    outbox.push(batch(message(2, 'a')));
    pump();
    expect(pipe.sent).toEqual([]);
    late.resolve(['"now"']);
    expect(pipe.sent).toEqual(['"now"', '{"type":"route","n":2}']);
  });

  test('shares the octets with others that wait for the same', () => {
    const clients = new Clients();
    const [one, other] = [opened(true, clients), opened(true, clients)];
    const shared = large(1, 10_000);
    for (const { outbox } of [one, other]) outbox.push(shared);
    expect(clients.octets).toBe(shared.octets);
    one.pump();
    one.pipe.read();
    expect(clients.octets).toBe(shared.octets);
    other.outbox.gone();
    expect(clients.octets).toBe(0);
  });
});

describe('a client that does not keep up', () => {
  test('is sent nothing while its socket is full, and goes on where it was', () => {
    const { pipe, outbox, pump } = opened();
    stalled(pipe);
    for (let i = 1; i <= 10; i++) outbox.push(batch(message(i, 'a')));
    pump();
    expect(pipe.sent).toEqual([]);
    pipe.read();
    pump();
    expect(pipe.messages).toHaveLength(10);
  });

  test('gets the last message about each thing when too much waits', () => {
    const { pipe, clients, outbox, pump } = opened();
    stalled(pipe);
    outbox.push(control({ type: 'pong' }));
    for (let i = 0; i < 8; i++) outbox.push(large(1 + 100 * i, limits.outboxBytes / 8));
    pipe.read();
    pump();
    while (outbox.length > 0) pipe.read();
    expect(pipe.messages[0]).toEqual({ type: 'pong' });
    expect(pipe.messages.slice(1).map(({ n }) => n)).toEqual(Array.from({ length: 100 }, (_, i) => 701 + i));
    expect(clients.dropped).toEqual({ coalesced: 700, gap: 0, 'closed-slow': 0 });
  });

  /** More about different things than an outbox holds. */
  const overrun = ({ pipe, outbox }: ReturnType<typeof opened>) => {
    stalled(pipe);
    for (let i = 0; i < 9; i++) outbox.push(large(1 + 100 * i, limits.outboxBytes / 8, { keys: 10_000 }));
  };

  test('is told of a gap when that does not help', () => {
    const slow = opened();
    overrun(slow);
    slow.pipe.read();
    slow.pump();
    const [gap] = slow.pipe.messages;
    expect(gap).toEqual({ type: 'gap', from: 1, to: expect.any(Number), reason: 'slow-client' });
    expect(slow.clients.dropped.gap).toBeGreaterThan(0);
    expect(slow.pipe.closed).toBeUndefined();
  });

  test('is closed with 1013 at the second gap in a row, but not after it has caught up', () => {
    const slow = opened();
    overrun(slow);
    overrun(slow);
    expect(slow.pipe.closed).toBe(1013);
    expect(slow.clients.dropped['closed-slow']).toBe(1);

    const uneven = opened();
    overrun(uneven);
    while (uneven.outbox.length > 0) {
      uneven.pipe.read();
      uneven.pump();
    }
    uneven.pipe.read();
    overrun(uneven);
    expect(uneven.pipe.closed).toBeUndefined();
  });

  test('is closed when nothing moves for too long', () => {
    const { pipe, outbox, pass } = opened();
    stalled(pipe);
    outbox.push(batch(message(1, 'a')));
    pass(limits.stall);
    outbox.checkStall();
    expect(pipe.closed).toBeUndefined();
    pass(1);
    outbox.checkStall();
    expect(pipe.closed).toBe(1013);
    expect(pipe.messages).toEqual([{ type: 'gap', from: 1, to: 1, reason: 'slow-client' }]);
  });

  test('is not stalled by having had nothing to read', () => {
    const { pipe, outbox, pass, pump } = opened();
    outbox.push(batch(message(1, 'a')));
    pump();
    pipe.read();
    pass(10 * limits.stall);
    outbox.push(large(2, limits.socketBytes + 1));
    pump();
    outbox.checkStall();
    expect(pipe.closed).toBeUndefined();
  });

  test('resolves what waits for room when it is closed', async () => {
    const { pipe, outbox, pump } = opened();
    stalled(pipe);
    const room = outbox.drained();
    outbox.close();
    await room;
    outbox.push(batch(message(1, 'a')));
    pump();
    expect(pipe.sent).toEqual([]);
  });
});
