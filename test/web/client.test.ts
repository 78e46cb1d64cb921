import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ServerMessage } from '../../src/api/schemas.ts';
import {
  maxResumeAge,
  maxRetryDelay,
  maxSilence,
  minRetryDelay,
  protocols,
  type Socket,
  Stream,
} from '../../web/src/client.ts';
import type { Connection, Message } from '../../web/src/model.ts';

/** A WebSocket with the test as its server. */
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

test('connects, subscribes and receives single messages and batches', () => {
  expect(state().state).toBe('connecting');
  socket().accept();
  expect(state().state).toBe('live');
  expect(socket().sent).toEqual([{ type: 'subscribe', id: 'page', verdicts: true }]);
  socket().say(heartbeat(1));
  socket().say([heartbeat(2), heartbeat(3)]);
  expect(messages.filter((message) => message.type === 'heartbeat')).toHaveLength(3);
});

test('subscribes, replaces and unsubscribes while connected', () => {
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

  test('reports the state and the time of the next attempt', () => {
    expect(state()).toMatchObject({ state: 'lost', retryAt: start + minRetryDelay });
  });

  test('retries with growing delays and never gives up', () => {
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      const before = Date.now();
      const count = sockets.length;
      while (sockets.length === count) vi.advanceTimersByTime(50);
      waits.push(Date.now() - before);
      socket().drop();
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, maxRetryDelay, maxRetryDelay, maxRetryDelay]);
  });

  test('resumes from the last seq received', () => {
    vi.advanceTimersByTime(minRetryDelay);
    socket().accept();
    expect(socket().sent).toEqual([{ type: 'subscribe', id: 'page', verdicts: true, resumeFrom: 100 }]);
  });

  test('resumes with the epoch of the last seq', () => {
    vi.advanceTimersByTime(minRetryDelay);
    socket().accept();
    socket().say({ ...heartbeat(120), epoch: 'e1' } as ServerMessage);
    socket().drop();
    vi.advanceTimersByTime(minRetryDelay);
    socket().accept();
    expect(socket().sent).toMatchObject([{ resumeFrom: 120, epoch: 'e1' }]);
  });

  test('forgets the seq of another database', () => {
    vi.advanceTimersByTime(minRetryDelay);
    socket().accept();
    socket().say({ type: 'subscribed', id: 'page', seq: 7, epoch: 'e2' });
    socket().say({ type: 'gap', id: 'page', from: 101, to: 101, reason: 'resume-unknown' });
    socket().say({ type: 'snapshot_end', id: 'page', seq: 7, epoch: 'e2' });
    socket().say({ type: 'heartbeat', seq: 8, at: '2026-05-04T12:00:00Z', epoch: 'e2' });
    socket().drop();
    vi.advanceTimersByTime(minRetryDelay);
    socket().accept();
    expect(socket().sent).toMatchObject([{ resumeFrom: 8, epoch: 'e2' }]);
  });

  test('resumes an interrupted replay from the same seq', () => {
    vi.advanceTimersByTime(minRetryDelay);
    socket().accept();
    socket().say({ type: 'subscribed', id: 'page', seq: 900 });
    socket().drop();
    vi.advanceTimersByTime(minRetryDelay);
    socket().accept();
    expect(socket().sent).toMatchObject([{ resumeFrom: 100 }]);
  });

  test('reports the missed range after a long break instead of resuming', () => {
    vi.advanceTimersByTime(minRetryDelay);
    vi.setSystemTime(start + maxResumeAge + 1);
    socket().accept();
    expect(socket().sent).toEqual([{ type: 'subscribe', id: 'page', verdicts: true }]);
    socket().say({ type: 'subscribed', id: 'page', seq: 900 });
    expect(messages).toContainEqual({ type: 'away', from: 101, to: 900 });
  });

  test('connects immediately on request', () => {
    stream.connect();
    expect(sockets).toHaveLength(2);
  });

  test('does not reconnect after close()', () => {
    stream.close();
    vi.advanceTimersByTime(maxRetryDelay * 10);
    expect(sockets).toHaveLength(1);
  });
});

test('closes a silent connection', () => {
  socket().accept();
  vi.advanceTimersByTime(maxSilence - 1);
  socket().say(heartbeat(1));
  vi.advanceTimersByTime(maxSilence - 1);
  expect(state().state).toBe('live');
  vi.advanceTimersByTime(1);
  expect(state()).toMatchObject({ state: 'lost', text: 'No message from the collector for 40 s' });
  expect(sockets[0]?.closed).toBe(true);
});

test('names a slow page as the reason of close code 1013', () => {
  socket().accept();
  socket().drop(1013);
  expect(state().text).toContain('too slow');
});

test.each([
  ['', ['peerglass.v1']],
  ['abc', ['peerglass.v1', 'bearer.YWJj']],
  ['ÿþ?>', ['peerglass.v1', `bearer.${Buffer.from('ÿþ?>').toString('base64url')}`]],
])('sends the token %j as a subprotocol', (token, offered) => {
  expect(protocols(token)).toEqual(offered);
});
