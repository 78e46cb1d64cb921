import { expect, onTestFinished, test } from 'vitest';
import { limits } from '../../src/api/limits.ts';
import { Clients } from '../../src/api/stream/clients.ts';
import { Hub } from '../../src/api/stream/hub.ts';
import type { Transport } from '../../src/api/stream/outbox.ts';
import { collectorStatus, epoch, epochOfFakes, fakeDeps, neighbor } from '../support/fake-views.ts';

/** A hub under a clock of its own, and what its clients are sent. */
function opened() {
  let now = epoch;
  const deps = fakeDeps({ now: () => now });
  deps.rib.neighbors.set(1, neighbor(1));
  const clients = new Clients();
  const hub = new Hub(deps, clients);
  onTestFinished(() => hub.close());
  const join = () => {
    const wire = { buffered: 0, sent: [] as string[], closed: undefined as number | undefined };
    const transport: Transport = {
      get buffered() {
        return wire.buffered;
      },
      send: (octets, _, sent) => {
        wire.sent.push(octets.toString());
        sent();
      },
      close: (code) => {
        wire.closed = code;
      },
    };
    const client = hub.join(transport);
    client?.subscribe({ type: 'subscribe', id: 'a', verdicts: true });
    return { wire, client };
  };
  const pass = (ms: number) => {
    now += ms;
    hub.tick();
  };
  const publish = async (count: number) => {
    const changes = Array.from({ length: count }, (_, i) => deps.rib.announce(1, `10.0.${i}.0/24`));
    await deps.feed.publish({ seq: deps.rib.seq, changes, sessions: [], verdicts: [], gap: null });
    await new Promise(setImmediate);
  };
  return { hub, clients, deps, join, pass, publish };
}

test('a heartbeat comes when it is time, with a seq to resume from', async () => {
  const { join, pass, publish } = opened();
  const { wire } = join();
  await publish(2);
  wire.sent.length = 0;
  pass(limits.heartbeat - 1);
  expect(wire.sent).toEqual([]);
  pass(1);
  expect(wire.sent).toEqual([
    `{"type":"heartbeat","seq":2,"at":"2026-01-01T00:00:15.000000Z","epoch":"${epochOfFakes}"}`,
  ]);
});

test('a client with something waiting gets no heartbeat: its seq would not be one to resume from', async () => {
  const { join, pass, publish } = opened();
  const { wire } = join();
  wire.sent.length = 0;
  wire.buffered = limits.socketBytes + 1;
  await publish(1);
  pass(limits.heartbeat);
  expect(wire.sent).toEqual([]);
});

test('a subscription that is still catching up does not move the seq to resume from', async () => {
  const { deps, join, pass, publish } = opened();
  const { wire, client } = join();
  await publish(2);
  pass(limits.heartbeat);
  // a snapshot only ends once what it shows is durable
  deps.status = () => collectorStatus({ watermark: 2 });
  deps.rib.announce(1, '10.1.0.0/24');
  client?.subscribe({ type: 'subscribe', id: 'b', snapshot: true });
  wire.sent.length = 0;
  pass(limits.heartbeat);
  expect(wire.sent).toEqual([
    `{"type":"heartbeat","seq":2,"at":"2026-01-01T00:00:30.000000Z","epoch":"${epochOfFakes}"}`,
  ]);
});

test('what everybody wants is serialised once', async () => {
  const { join, publish } = opened();
  const wires = [join(), join()].map(({ wire }) => wire);
  const stringify = JSON.stringify;
  let calls = 0;
  JSON.stringify = ((...args: Parameters<typeof stringify>) => {
    calls++;
    return stringify(...args);
  }) as typeof stringify;
  onTestFinished(() => {
    JSON.stringify = stringify;
  });
  await publish(3);
  expect(calls).toBe(3);
  expect(wires[0]?.sent.at(-1)).toBe(wires[1]?.sent.at(-1));
});

test('nobody listens to the feed while there is no client', () => {
  const { deps, hub, clients, join } = opened();
  expect(deps.feed.hasListeners).toBe(false);
  const { client } = join();
  expect(deps.feed.hasListeners).toBe(true);
  expect(clients.size).toBe(1);
  hub.leave(client!);
  expect(deps.feed.hasListeners).toBe(false);
  expect(clients.size).toBe(0);
});

test('there are only so many clients', () => {
  const { clients, join } = opened();
  for (let i = 0; i < limits.streamClients; i++) expect(join().client).toBeDefined();
  expect(join().client).toBeUndefined();
  expect(clients.size).toBe(limits.streamClients);
});

test('when the server goes, all clients are told and gone', () => {
  const { hub, clients, join } = opened();
  const wires = [join(), join()].map(({ wire }) => wire);
  hub.close();
  expect(wires.map(({ closed }) => closed)).toEqual([1001, 1001]);
  expect(clients.size).toBe(0);
});
