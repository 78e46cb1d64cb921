/** Requests of every kind, readers that stop, and connections that do nothing. */
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { limits } from '../../../src/api/limits.ts';
import { until } from '../../support/wait.ts';
import { leakKey } from '../addresses.ts';
import { isDocumented, type OpenApi, randomRequest } from '../fuzz.ts';
import type { World } from '../world.ts';
import { range, type Scenario } from './scenario.ts';

const fuzzers = 4;
const fuzzMs = 8_000;

/** Live clients that stay while a scenario needs connections: 512 descriptors allow some more than 200 to HTTP. */
const clientsBeside = 150;

/** Runs `work` while some live clients are away. */
const withRoom =
  (work: Scenario['run']): Scenario['run'] =>
  async (world) => {
    await world.clients.limit(clientsBeside);
    try {
      await work(world);
    } finally {
      await world.clients.limit();
    }
  };

export const apiFuzz: Scenario = {
  name: 'api-fuzz',
  what: 'random requests, legal and illegal, over everything in the OpenAPI document, for 8 s',
  run: withRoom(async (world) => {
    const { product, random } = world;
    const api = await product.get<OpenApi>('/api/v1/openapi.json');
    const end = performance.now() + fuzzMs;
    const fuzz = async (): Promise<void> => {
      while (performance.now() < end && !world.hasDied) {
        const { method, path, documented, body, contentType } = randomRequest(api, random);
        const init = body === undefined ? {} : { body, headers: { 'content-type': contentType! } };
        const status = await answered(world, method, path, init);
        if (status !== null && !isDocumented(status, documented))
          world.fail(
            'documented answers',
            `${method} ${path.slice(0, 300)} answered ${status}, not one of ${documented} (body ${body?.slice(0, 80)})`,
          );
      }
    };
    await Promise.all(range(0, fuzzers).map(fuzz));
    await world.request('PUT', '/api/v1/expectations/overlay', {
      body: '{"rules":[]}',
      headers: { 'content-type': 'application/json' },
    });
  }),
};

/** The status of an answer whose body is not awaited to its end when it is a stream. */
async function answered(world: World, method: string, path: string, init: RequestInit): Promise<number | null> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), 15_000);
  try {
    const answer = await fetch(`${world.product.url}${path}`, { method, signal: abort.signal, ...init });
    const seen = String(answer.status);
    world.answers.set(seen, (world.answers.get(seen) ?? 0) + 1);
    if (answer.headers.get('content-type')?.startsWith('text/event-stream')) abort.abort();
    else await answer.arrayBuffer();
    return answer.status;
  } catch (error) {
    if (!world.hasDied)
      world.fail(
        'documented answers',
        `${method} ${path.slice(0, 300)}: ${(error as Error).message} ${(error as Error).cause ?? ''}`,
      );
    return null;
  } finally {
    clearTimeout(timer);
  }
}

/** Where readers that stop connect from. */
const stalledReader = '127.8.0.1';

/** Their connections that the collector has not closed: those it knows as established. */
function stalledConnections(): number {
  const remote = ` ${Buffer.from(stalledReader.split('.').map(Number).reverse()).toString('hex').toUpperCase()}:`;
  const established = '01';
  return readFileSync('/proc/self/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , peer, state]) => ` ${peer}`.startsWith(remote) && state === established).length;
}

/** A connection that asks for `path` and reads nothing. */
function stall(url: string, path: string): net.Socket {
  const { hostname, port } = new URL(url);
  const socket = net.connect({ host: hostname, port: Number(port), localAddress: stalledReader });
  socket.on('error', () => {});
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
  socket.pause();
  return socket;
}

export const stalledExports: Scenario = {
  name: 'stalled-exports',
  what: '20 exports of many rows whose readers stop: the collector ends them and gives their memory back',
  run: withRoom(async ({ product, speakers, random, fail }) => {
    const session = random.integer(0, 199);
    await speakers.announce([session], leakKey(session), 40_000);
    await until('the routes are known', async () => (await product.status()).rib.routes >= 40_000);
    const paths = [
      '/api/v1/routes?limit=all&format=ndjson',
      '/api/v1/routes?limit=10000',
      '/api/v1/changes?limit=all&format=csv',
    ];
    const sockets = range(0, 20).map((i) => stall(product.url, paths[i % paths.length]!));
    await until('they are connected', () => stalledConnections() >= 15);
    // the kernel buffers some megabytes of each, which take their time on a busy machine
    const timeout = limits.stall * 9;
    await until('they are ended', () => stalledConnections() === 0, { timeout }).catch((error: Error) =>
      fail('scenario', `stalled exports were still open after ${timeout / 1_000} s: ${error.message}`),
    );
    for (const socket of sockets) socket.destroy();
    await speakers.withdraw([session], leakKey(session), 40_000);
  }),
};

export const idleConnections: Scenario = {
  name: 'idle-connections',
  what: '600 HTTP connections that say nothing, with 512 descriptors',
  run: withRoom(async ({ product, random }) => {
    const { hostname, port } = new URL(product.url);
    const sockets = range(0, 600).map(() => net.connect({ host: hostname, port: Number(port) }));
    for (const socket of sockets) socket.on('error', () => {});
    await delay(random.integer(3_000, 5_000));
    for (const socket of sockets) socket.destroy();
  }),
};

export const liveAbuse: Scenario = {
  name: 'live-abuse',
  what: '20 live clients with 64 subscriptions each, tiny messages, malformed messages, floods of pings',
  run: withRoom(async ({ product, random }) => {
    const sockets = range(0, 20).map(
      () => new WebSocket(`${product.url.replace('http', 'ws')}/api/v1/stream`, { perMessageDeflate: false }),
    );
    for (const socket of sockets) {
      socket.on('error', () => {});
      const kind = random.integer(0, 2);
      socket.on('open', () => {
        for (let i = 0; i < 64; i++)
          socket.send(
            JSON.stringify({
              type: 'subscribe',
              id: `s${i}`,
              filter: { originAsn: 64512, prefix: `10.0.0.${i}/32` },
              snapshot: true,
            }),
          );
        for (let i = 0; i < 20_000 && kind === 0; i++) socket.send('{"type":"ping"}');
        for (let i = 0; i < 20_000 && kind === 1; i++) socket.send('x');
        if (kind === 2) socket.send('['.repeat(60_000));
      });
    }
    await delay(6_000);
    for (const socket of sockets) socket.terminate();
  }),
};
