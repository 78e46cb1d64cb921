import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ServerMessage } from '../../src/api/schemas.ts';
import {
  firstRetry,
  longestRetry,
  protocols,
  resumeWindow,
  type Socket,
  Stream,
  silenceLimit,
} from '../../web/src/client.ts';
import type { Connection, Message } from '../../web/src/model.ts';

/** A WebSocket whose other end is the test. */
class FakeSocket implements Socket {
  sent: unknown[] = [];
  closed = false;
  onopen: Socket['onopen'] = null;
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.closed = true;
  }
  accept(): void {
    this.onopen?.call(this as never, {} as Event);
  }
  say(message: ServerMessage | ServerMessage[]): void {
    this.onmessage?.call(this as never, { data: JSON.stringify(message) } as MessageEvent);
  }
  drop(code = 1006): void {
    this.onclose?.call(this as never, { code, reason: '' } as CloseEvent);
  }
}

const start = Date.parse('2026-05-04T12:00:00Z');
let sockets: FakeSocket[];
let messages: Message[];
let stream: Stream;
const socket = () => sockets.at(-1)!;
const states = () => messages.flatMap((message) => (message.type === 'connection' ? [message.connection] : []));
const state = (): Connection => states().at(-1)!;
const heartbeat = (seq: number): ServerMessage => ({ type: 'heartbeat', seq, at: '2026-05-04T12:00:00Z' });

beforeEach(() => {
  vi.useFakeTimers({ now: start });
  sockets = [];
  messages = [];
  stream = new Stream({
    open: () => {
      sockets.push(new FakeSocket());
      return socket();
    },
    receive: (batch) => messages.push(...batch),
    now: () => Date.now(),
    random: () => 0.5,
  });
  stream.subscribe({ id: 'page', verdicts: true });
  stream.connect();
});
afterEach(() => {
  stream.close();
  vi.useRealTimers();
});

test('connects, subscribes and hands over one message or many', () => {
  expect(state().state).toBe('connecting');
  socket().accept();
  expect(state().state).toBe('live');
  expect(socket().sent).toEqual([{ type: 'subscribe', id: 'page', verdicts: true }]);
  socket().say(heartbeat(1));
  socket().say([heartbeat(2), heartbeat(3)]);
  expect(messages.filter((message) => message.type === 'heartbeat')).toHaveLength(3);
});

test('a view that comes later subscribes, another filter replaces it, and it unsubscribes when it goes', () => {
  socket().accept();
  stream.subscribe({ id: 'live', filter: { node: 'a' } });
  stream.subscribe({ id: 'live', filter: { node: 'b' } });
  stream.unsubscribe('live');
  expect(socket().sent.slice(1)).toEqual([
    { type: 'subscribe', id: 'live', filter: { node: 'a' } },
    { type: 'subscribe', id: 'live', filter: { node: 'b' } },
    { type: 'unsubscribe', id: 'live' },
  ]);
});

describe('after the connection is lost', () => {
  beforeEach(() => {
    socket().accept();
    socket().say(heartbeat(100));
    socket().drop();
  });

  test('it says so, and when it tries again', () => {
    expect(state()).toMatchObject({ state: 'lost', retryAt: start + firstRetry });
  });

  test('it tries again, more and more slowly, but never gives up', () => {
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      const before = Date.now();
      const count = sockets.length;
      while (sockets.length === count) vi.advanceTimersByTime(50);
      waits.push(Date.now() - before);
      socket().drop();
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, longestRetry, longestRetry, longestRetry]);
  });

  test('it goes on from the last seq seen', () => {
    vi.advanceTimersByTime(firstRetry);
    socket().accept();
    expect(socket().sent).toEqual([{ type: 'subscribe', id: 'page', verdicts: true, resumeFrom: 100 }]);
  });

  test('it names the epoch that the last seq came with', () => {
    vi.advanceTimersByTime(firstRetry);
    socket().accept();
    socket().say({ ...heartbeat(120), epoch: 'e1' } as ServerMessage);
    socket().drop();
    vi.advanceTimersByTime(firstRetry);
    socket().accept();
    expect(socket().sent).toMatchObject([{ resumeFrom: 120, epoch: 'e1' }]);
  });

  test('it forgets the seq of a database that is gone', () => {
    vi.advanceTimersByTime(firstRetry);
    socket().accept();
    socket().say({ type: 'subscribed', id: 'page', seq: 7, epoch: 'e2' });
    socket().say({ type: 'gap', id: 'page', from: 101, to: 101, reason: 'resume-unknown' });
    socket().say({ type: 'snapshot_end', id: 'page', seq: 7, epoch: 'e2' });
    socket().say({ type: 'heartbeat', seq: 8, at: '2026-05-04T12:00:00Z', epoch: 'e2' });
    socket().drop();
    vi.advanceTimersByTime(firstRetry);
    socket().accept();
    expect(socket().sent).toMatchObject([{ resumeFrom: 8, epoch: 'e2' }]);
  });

  test('a replay that is interrupted goes on from where it was', () => {
    vi.advanceTimersByTime(firstRetry);
    socket().accept();
    socket().say({ type: 'subscribed', id: 'page', seq: 900 });
    socket().drop();
    vi.advanceTimersByTime(firstRetry);
    socket().accept();
    expect(socket().sent).toMatchObject([{ resumeFrom: 100 }]);
  });

  test('a long absence is marked instead of replayed', () => {
    vi.advanceTimersByTime(firstRetry);
    vi.setSystemTime(start + resumeWindow + 1);
    socket().accept();
    expect(socket().sent).toEqual([{ type: 'subscribe', id: 'page', verdicts: true }]);
    socket().say({ type: 'subscribed', id: 'page', seq: 900 });
    expect(messages).toContainEqual({ type: 'away', from: 101, to: 900 });
  });

  test('it tries at once when asked', () => {
    stream.connect();
    expect(sockets).toHaveLength(2);
  });

  test('it stays away once closed', () => {
    stream.close();
    vi.advanceTimersByTime(longestRetry * 10);
    expect(sockets).toHaveLength(1);
  });
});

test('a connection on which nothing is heard is given up', () => {
  socket().accept();
  vi.advanceTimersByTime(silenceLimit - 1);
  socket().say(heartbeat(1));
  vi.advanceTimersByTime(silenceLimit - 1);
  expect(state().state).toBe('live');
  vi.advanceTimersByTime(1);
  expect(state()).toMatchObject({ state: 'lost', text: expect.stringContaining('Nothing was heard') });
  expect(sockets[0]?.closed).toBe(true);
});

test('a server that closes because the page is slow is quoted', () => {
  socket().accept();
  socket().drop(1013);
  expect(state().text).toContain('too slow');
});

test.each([
  ['', ['peerglass.v1']],
  ['abc', ['peerglass.v1', 'bearer.YWJj']],
  ['ÿþ?>', ['peerglass.v1', `bearer.${Buffer.from('ÿþ?>').toString('base64url')}`]],
])('token %j travels as a subprotocol', (token, offered) => {
  expect(protocols(token)).toEqual(offered);
});
