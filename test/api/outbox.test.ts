import { describe, expect, test } from 'vitest';
import { limits } from '../../src/api/limits.ts';
import { Clients } from '../../src/api/stream/clients.ts';
import { control, type Item } from '../../src/api/stream/items.ts';
import { Outbox, type Transport } from '../../src/api/stream/outbox.ts';

/** A connection whose other end reads when told to. */
class Pipe implements Transport {
  buffered = 0;
  sent: string[] = [];
  seqs: (number | null)[] = [];
  closed: number | undefined;
  #waiting: (() => void)[] = [];

  send(text: string, seq: number | null, sent: () => void): void {
    this.sent.push(text);
    this.seqs.push(seq);
    this.buffered += text.length;
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

function opened(isResumable = true) {
  const pipe = new Pipe();
  const clients = new Clients();
  let now = 0;
  const pass = (ms: number) => {
    now += ms;
  };
  const outbox = new Outbox(
    pipe,
    clients,
    () => isResumable,
    () => now,
  );
  return { pipe, clients, outbox, pass };
}

const item = (seq: number, key = `k${seq}`): Item => ({ seq, key, text: JSON.stringify({ type: 'route', n: seq }) });
const items = (from: number, count: number, keys = count) =>
  Array.from({ length: count }, (_, i) => item(from + i, `k${i % keys}`));
const stalled = (pipe: Pipe) => {
  pipe.buffered = limits.socketBytes + 1;
};

describe('a client that keeps up', () => {
  test('gets one message as it is and several as an array', () => {
    const { pipe, outbox } = opened();
    outbox.push([item(1)]);
    outbox.push([item(2), item(3)]);
    expect(pipe.sent).toEqual(['{"type":"route","n":1}', '[{"type":"route","n":2},{"type":"route","n":3}]']);
    expect(pipe.seqs).toEqual([1, 3]);
  });

  test('never gets half of a seq at the end of a batch', () => {
    const { pipe, outbox } = opened();
    const torn = [...items(1, limits.batchMessages - 1), ...[1, 2, 3].map((i) => item(limits.batchMessages, `x${i}`))];
    outbox.push([...torn, item(limits.batchMessages + 1)]);
    expect(pipe.seqs).toEqual([limits.batchMessages, limits.batchMessages + 1]);
  });

  test('may not resume from what it sees while something is behind', () => {
    const { pipe, outbox } = opened(false);
    outbox.push([item(7)]);
    expect(pipe.seqs).toEqual([null]);
  });

  test('gets everything in order across many turns', async () => {
    const { pipe, outbox } = opened();
    outbox.push(items(1, 9_000));
    while (outbox.length > 0) {
      await new Promise(setImmediate);
      pipe.read();
    }
    expect(pipe.messages.map(({ n }) => n)).toEqual(Array.from({ length: 9_000 }, (_, i) => i + 1));
  });

  test('waits for an item that is not ready, and gets those behind it after it', () => {
    const { pipe, outbox } = opened();
    let text: string | undefined;
    outbox.push([
      {
        seq: 1,
        key: 'a',
        get text() {
          return text;
        },
      },
      item(2),
    ]);
    expect(pipe.sent).toEqual([]);
    text = '"now"';
    outbox.pump();
    expect(pipe.sent).toEqual(['["now",{"type":"route","n":2}]']);
  });
});

describe('a client that does not keep up', () => {
  test('is sent nothing while its socket is full, and goes on where it was', () => {
    const { pipe, outbox } = opened();
    stalled(pipe);
    outbox.push(items(1, 10));
    expect(pipe.sent).toEqual([]);
    expect(outbox.pushWhole('[]', 11)).toBe(false);
    pipe.read();
    outbox.pump();
    expect(pipe.messages).toHaveLength(10);
  });

  test('gets the last word about each thing when too much waits', async () => {
    const { pipe, clients, outbox } = opened();
    stalled(pipe);
    outbox.push([control({ type: 'pong' })]);
    outbox.push(items(1, limits.outboxMessages, 100));
    pipe.read();
    outbox.pump();
    expect(pipe.messages[0]).toEqual({ type: 'pong' });
    expect(pipe.messages.slice(1).map(({ n }) => n)).toEqual(
      Array.from({ length: 100 }, (_, i) => limits.outboxMessages - 99 + i),
    );
    expect(clients.dropped).toEqual({ coalesced: limits.outboxMessages - 100, gap: 0, 'closed-slow': 0 });
  });

  test('is told of a gap when that does not help', () => {
    const { pipe, clients, outbox } = opened();
    stalled(pipe);
    outbox.push(items(1, 1));
    outbox.push(items(2, limits.outboxMessages));
    pipe.read();
    outbox.pump();
    expect(pipe.messages).toEqual([{ type: 'gap', from: 1, to: limits.outboxMessages + 1, reason: 'slow-client' }]);
    expect(clients.dropped).toMatchObject({ coalesced: 1, gap: limits.outboxMessages });
    expect(pipe.closed).toBeUndefined();
  });

  test('is closed with 1013 at the second gap in a row, but not after it has caught up', () => {
    const overrun = ({ pipe, outbox }: ReturnType<typeof opened>) => {
      stalled(pipe);
      outbox.push(items(1, 1));
      outbox.push(items(2, limits.outboxMessages));
    };
    const slow = opened();
    overrun(slow);
    overrun(slow);
    expect(slow.pipe.closed).toBe(1013);
    expect(slow.clients.dropped['closed-slow']).toBe(1);

    const uneven = opened();
    overrun(uneven);
    uneven.pipe.read();
    uneven.outbox.pump();
    uneven.pipe.read();
    overrun(uneven);
    expect(uneven.pipe.closed).toBeUndefined();
  });

  test('is closed when nothing moves for too long', () => {
    const { pipe, outbox, pass } = opened();
    stalled(pipe);
    outbox.push([item(1)]);
    pass(limits.stall);
    outbox.checkStall();
    expect(pipe.closed).toBeUndefined();
    pass(1);
    outbox.checkStall();
    expect(pipe.closed).toBe(1013);
    expect(pipe.messages).toEqual([{ type: 'gap', from: 1, to: 1, reason: 'slow-client' }]);
  });

  test('is not stalled by having had nothing to read', () => {
    const { pipe, outbox, pass } = opened();
    outbox.push([item(1)]);
    pipe.read();
    pass(10 * limits.stall);
    outbox.push([{ seq: 2, key: 'large', text: 'x'.repeat(limits.socketBytes + 1) }]);
    outbox.checkStall();
    expect(pipe.closed).toBeUndefined();
  });

  test('lets go of whoever waits for room when it is closed', async () => {
    const { pipe, outbox } = opened();
    stalled(pipe);
    const room = outbox.drained();
    outbox.close();
    await room;
    outbox.push([item(1)]);
    expect(pipe.sent).toEqual([]);
  });
});
