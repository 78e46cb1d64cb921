/** Many live clients: what they share, and the bounds on all of them together. */

import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ServerMessage, SubscribeMessage } from '../../src/api/schemas.ts';
import { Clients } from '../../src/api/stream/clients.ts';
import { Hub } from '../../src/api/stream/hub.ts';
import type { Transport } from '../../src/api/stream/outbox.ts';
import type { FeedFrame } from '../../src/feed.ts';
import type { StoredChange } from '../../src/rib/types.ts';
import { fakeDeps, neighbor, verdict } from '../support/fake-views.ts';
import { brief } from './support.ts';

vi.mock('../../src/api/limits.ts', async (original) => {
  const { limits } = await original<typeof import('../../src/api/limits.ts')>();
  const small = {
    allSubscriptions: 5,
    batchMessages: 4,
    catchUps: 1,
    catchUpLag: 5,
    catchUpTime: 10,
    lagTime: 10,
    socketBytes: 10_000,
    lagBytes: 10_000,
    outboxBytes: 20_000,
    allOutboxBytes: 40_000,
    recentChanges: 6,
    rawBytes: 10,
    receivedMessages: { size: 5, perSecond: 0 },
    receivedBytes: { size: 1_000, perSecond: 0 },
    invalidMessages: { size: 2, perSecond: 0 },
  };
  return { limits: { ...limits, ...small } };
});

/** A client whose socket never has room once it is `stalled`. */
class Wire implements Transport {
  stalled = false;
  sent: Buffer[] = [];
  closed: number | undefined;

  get buffered(): number {
    return this.stalled ? 1e9 : 0;
  }

  send(octets: Buffer, _: number | null, sent: () => void): void {
    this.sent.push(octets);
    if (!this.stalled) setImmediate(sent);
  }

  close(code: number): void {
    this.closed = code;
  }

  get messages(): ServerMessage[] {
    return this.sent.flatMap((octets) => JSON.parse(octets.toString()));
  }

  has(type: ServerMessage['type']): boolean {
    return this.messages.some((message) => message.type === type);
  }
}

function opened() {
  const deps = fakeDeps();
  deps.rib.neighbors.set(1, neighbor(1));
  const clients = new Clients();
  const hub = new Hub(deps, clients);
  onTestFinished(() => hub.close());
  const join = (some: Partial<SubscribeMessage> = {}) => {
    const wire = new Wire();
    const client = hub.join(wire)!;
    client.subscribe({ type: 'subscribe', id: 'a', ...some });
    return { wire, client };
  };
  const publish = (changes: StoredChange[], more: Partial<FeedFrame> = {}) => {
    deps.queries.log.push(...changes);
    const seq = changes.at(-1)?.seq ?? deps.feed.seq;
    return deps.feed.publish({ seq, changes, sessions: [], verdicts: [], gap: null, ...more });
  };
  const announce = (count: number, communities: string[] = [], from = 0) =>
    Array.from({ length: count }, (_, i) => deps.rib.announce(1, `10.0.${from + i}.0/24`, { communities }));
  return { deps, hub, clients, join, publish, announce };
}

const until = (isTrue: () => boolean) => vi.waitFor(() => expect(isTrue()).toBe(true), { interval: 1, timeout: 5_000 });
/** About 2,000 octets. */
const longPath = Array.from({ length: 100 }, (_, i) => `64512:${10_000 + i}`);

describe('equal subscriptions', () => {
  test('are one channel, whatever the order of their keys, and get the same octets', async () => {
    const { hub, join, publish, announce } = opened();
    const wires = [
      join({ filter: { family: 4, node: ['node-1', 'node-2'] } }),
      join({ filter: { node: ['node-2', 'node-1'], family: 4 } }),
    ].map(({ wire }) => wire);
    expect(hub.channels.size).toBe(1);
    await publish(announce(2));
    await until(() => wires.every((wire) => wire.has('route')));
    expect(wires[0]!.sent.at(-1)).toBe(wires[1]!.sent.at(-1));
    for (const { wire } of [join()]) expect(wire.has('subscribed')).toBe(true);
    expect(hub.channels.size).toBe(2);
  });

  test('share snapshots: one for the first, one for those that came while it was made', async () => {
    const { deps, join, publish, announce } = opened();
    await publish(announce(20));
    const walk = vi.spyOn(deps.rib, 'walk');
    const first = join({ snapshot: true }).wire;
    await until(() => first.has('snapshot_end'));
    const once = walk.mock.calls.length;
    const wires = Array.from({ length: 4 }, () => join({ snapshot: true }).wire);
    await until(() => wires.every((wire) => wire.has('snapshot_end')));
    expect(walk.mock.calls.length).toBeLessThanOrEqual(3 * once);
    for (const wire of wires) expect(wire.messages.filter(({ type }) => type === 'route')).toHaveLength(20);
  });

  test('share a replay from the same seq', async () => {
    const { deps, join, publish, announce } = opened();
    await publish(announce(20));
    join();
    const read = vi.spyOn(deps.queries, 'changes');
    const wires = Array.from({ length: 4 }, () => join({ resumeFrom: 5 }).wire);
    await until(() => wires.every((wire) => wire.messages.filter(({ type }) => type === 'route').length === 15));
    expect(read.mock.calls.length).toBeLessThanOrEqual(4);
  });

  test('a slow client does not hold up the others in a snapshot', async () => {
    const { join, publish, announce } = opened();
    await publish(announce(20, longPath));
    const slow = join({ snapshot: true });
    slow.wire.stalled = true;
    const fast = [join({ snapshot: true }), join({ snapshot: true })].map(({ wire }) => wire);
    await until(() => fast.every((wire) => wire.has('snapshot_end')));
    slow.wire.stalled = false;
    slow.client.outbox.pump();
    await until(() => slow.wire.has('snapshot_end') || slow.wire.closed === 1013);
  });
});

describe('the bounds on all clients', () => {
  test('there are only so many subscriptions on all connections', async () => {
    const { clients, join } = opened();
    const joined = Array.from({ length: 5 }, () => join());
    expect(() => join()).toThrow(/At most 5/);
    joined[0]!.client.close(1000, '');
    expect(clients.subscriptions).toBe(4);
    join();
  });

  test('the fullest outboxes are emptied when all together hold too much, and told of a gap', async () => {
    const { clients, join, publish, announce } = opened();
    // different filters share nothing
    const stalled = [1, 2, 3, 4].map((i) =>
      join({ filter: { family: 4, match: undefined, node: [`node-${i}`, 'node-1'] } }),
    );
    for (const { wire } of stalled) wire.stalled = true;
    for (let i = 0; i < 20; i++) await publish(announce(2, longPath, 2 * i));
    expect(clients.octets).toBeLessThanOrEqual(60_000);
    for (const { wire, client } of stalled) {
      wire.stalled = false;
      while (client.outbox.pump());
      expect(wire.closed ?? 1013).toBe(1013);
      expect(wire.has('gap')).toBe(true);
    }
  });

  test('a stalled client holds the feed up for a moment, and no longer', async () => {
    const { join, publish, announce } = opened();
    const slow = join({ filter: { family: 4 } });
    slow.wire.stalled = true;
    const fast = join().wire;
    for (let i = 0; i < 5; i++) await publish(announce(5, longPath));
    await until(() => fast.messages.filter(({ type }) => type === 'route').length === 25);
  });
});

describe('a client that sends too much is closed with 1008', () => {
  const cases: [string, number, (client: ReturnType<ReturnType<typeof opened>['join']>['client']) => void][] = [
    ['messages', 6, (client) => client.receive('{"type":"ping"}')],
    ['invalid messages', 3, (client) => client.receive('{')],
    ['octets', 11, (client) => void client.takes(100)],
  ];
  test.each(cases)('%s', (_, count, send) => {
    const { wire, client } = opened().join();
    for (let i = 1; i < count; i++) send(client);
    expect(wire.closed).toBeUndefined();
    send(client);
    expect(wire.closed).toBe(1008);
    const sent = wire.sent.length;
    send(client);
    expect(wire.sent).toHaveLength(sent);
  });
});

test('a client is told when more verdicts changed than could be held', async () => {
  const { join, publish } = opened();
  const [wanting, other] = [join({ verdicts: true }).wire, join().wire];
  await publish([], {
    seq: 9,
    verdicts: [{ from: null, to: 'ok', verdict: verdict() }],
    lostVerdicts: { from: 2, to: 9 },
  });
  expect(wanting.messages.slice(1).map(brief)).toEqual(['verdict null→ok 10.0.0.1/32', 'gap 2–9 verdicts-dropped']);
  expect(other.messages.slice(1)).toEqual([]);
});

test('a seq that a client may have only a part of is told again as a whole', async () => {
  const { deps, join, publish, announce } = opened();
  const torn = announce(6).map((change) => ({ ...change, seq: 2 }));
  deps.rib.seq = 2;
  await publish(torn.slice(0, 3), { seq: 1 });
  await publish(torn.slice(3), { seq: 2 });
  const { wire } = join({ resumeFrom: 2 });
  await until(() => wire.messages.filter(({ type }) => type === 'route').length === 6);
});

test('BGP messages are left out beyond their bound', async () => {
  const { deps, join, publish, announce } = opened();
  const { wire } = join({ includeRaw: true });
  const changes = announce(2);
  for (const { seq, at } of changes)
    deps.queries.stored.push({ seq, at, session: 1, neighbor: 1, type: 2, raw: new Uint8Array(8), problems: [] });
  await publish(changes);
  await until(() => wire.has('route'));
  const routes = wire.messages.filter(({ type }) => type === 'route');
  expect(routes.map((route) => 'raw' in route)).toEqual([true, false]);
});
