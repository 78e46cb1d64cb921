/** Answers bounded in octets, exports in number, and clients in how slowly they may read. */
import { once } from 'node:events';
import net from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { ChangeAnswer } from '../../src/store/types.ts';
import { neighbor } from '../support/fake-views.ts';
import { until } from '../support/wait.ts';
import { type Scene, scene } from './support.ts';

vi.mock('../../src/api/limits.ts', async (original) => {
  const { limits } = await original<typeof import('../../src/api/limits.ts')>();
  const bounds = { answerBytes: 100_000, objectBytes: 100_000, pieceBytes: 8_000, exports: 2, heldBodies: 200_000 };
  const times = { stall: 300, streamTick: 20, minRate: 1_000_000 };
  return { limits: { ...limits, ...bounds, ...times, unsentBytes: 13_000_000, smallAnswer: 10_000 } };
});

const count = 100;

/** Routes of as many neighbors, with attributes of `octets` octets each. */
function withRoutes(octets: number, { prefixes = count, routes = count } = {}): Promise<Scene> {
  return scene(({ rib }) => {
    for (let i = 0; i < routes; i++) {
      const unknown = [{ code: 99, flags: 192, raw: i.toString(16).padStart(2 * octets, '0') }];
      rib.announce(10 + i, `10.0.${i % prefixes}.0/24`, { unknown } as never);
      rib.neighbors.set(10 + i, neighbor(10 + i));
    }
  });
}

/** Sends a GET and reads nothing; answers the server's socket, too. */
async function ask({ app }: Scene, path: string): Promise<{ client: net.Socket; socket: net.Socket }> {
  await app.listen({ port: 0, host: '127.0.0.1' });
  const accepted = once(app.server, 'connection');
  const client = net.connect((app.server.address() as net.AddressInfo).port, '127.0.0.1').pause();
  client.on('error', () => {});
  onTestFinished(() => void client.destroy());
  client.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  const [socket] = (await accepted) as [net.Socket];
  return { client, socket };
}

interface Answer {
  body: string;
  headers: Record<string, unknown>;
}

test.each(['json', 'ndjson'])('a page as %s ends early, and the next ones have the rest', async (format) => {
  const { app } = await withRoutes(4_000);
  const seen = new Set<string>();
  let pages = 0;
  let url: string | undefined = `/api/v1/routes?limit=1000&format=${format}`;
  while (url !== undefined) {
    const answer: Answer = await app.inject(url);
    pages++;
    expect(answer.body.length).toBeLessThan(150_000);
    for (const [prefix] of answer.body.matchAll(/10\.0\.\d+\.0\/24/g)) seen.add(prefix);
    const link = /<(.*)>/.exec(String(answer.headers['link']))?.[1];
    const cursor = /"nextCursor":"([^"]+)"/.exec(answer.body)?.[1];
    url = link ?? (cursor && `/api/v1/routes?limit=1000&cursor=${cursor}`);
  }
  expect(seen.size).toBe(count);
  expect(pages).toBeGreaterThan(5);
});

test('one prefix of many neighbors is cut, and says so', async () => {
  const { get } = await withRoutes(4_000, { prefixes: 1 });
  const { body } = await get('/api/v1/prefixes/10.0.0.0%2F24');
  expect(body.data).toMatchObject({ truncated: true });
  expect(body.data.cells.length).toBeGreaterThan(5);
  expect(body.data.cells.length).toBeLessThan(20);
});

test('exports beyond the bound are answered 503, until one ends', async () => {
  const held = Promise.withResolvers<ChangeAnswer>();
  const { get } = await scene((deps) => {
    deps.queries.changes = () => held.promise;
  });
  const path = '/api/v1/changes?limit=all&format=ndjson';
  const running = [get(path), get(path)];
  expect(await get(path)).toMatchObject({ status: 503, body: { code: 'busy' } });
  held.resolve({ changes: [], through: 0, skip: 0, complete: true, oldest: 0 });
  expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200]);
  expect((await get(path)).status).toBe(200);
});

// more than the kernel buffers
const large = { routes: 2 };
test.each([
  ['an export', '/api/v1/routes?limit=all&format=ndjson', 0],
  ['a page', '/api/v1/routes?limit=1&format=ndjson', 0],
  ['more of an export than a few octets at a time', '/api/v1/routes?limit=all&format=ndjson', 10],
])('a client that does not take %s loses its connection', { timeout: 10_000 }, async (_name, path, octets) => {
  const { client, socket } = await ask(await withRoutes(6_000_000, large), path);
  const trickle = setInterval(() => octets > 0 && client.read(octets), 5);
  onTestFinished(() => clearInterval(trickle));
  await once(socket, 'close');
});

test('a large answer is refused while others have not taken theirs', async () => {
  const one = await withRoutes(6_000_000, large);
  const path = '/api/v1/routes?limit=1&format=ndjson';
  const { socket } = await ask(one, path);
  await until('it waits to be taken', () => socket.writableLength > 0);
  expect((await one.get(path)).status).toBe(503);
  expect((await one.get('/healthz')).status).toBe(200);
});

test.each([
  ['POST', '/api/v1/simulate', 'Content-Length: 1000000'],
  ['POST', '/api/v1/simulate', 'Transfer-Encoding: chunked'],
  ['PUT', '/api/v1/expectations/overlay', 'Content-Length: 1000000'],
])('a body that arrives while %s %s (%s) holds many octets is refused', async (method, path, length) => {
  const { app } = await scene();
  await app.listen({ port: 0, host: '127.0.0.1' });
  const accepted = once(app.server, 'connection');
  const slow = net.connect((app.server.address() as net.AddressInfo).port, '127.0.0.1');
  onTestFinished(() => void slow.destroy());
  const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${length}\r\n\r\n`;
  slow.write(`${head}${length.includes('chunked') ? '249f0\r\n' : ''}${' '.repeat(150_000)}`);
  const [socket] = (await accepted) as [net.Socket];
  await until('it arrived', () => socket.bytesRead > 150_000);
  const other = (octets: number) =>
    app.inject({
      method: 'POST',
      url: '/api/v1/simulate',
      headers: { 'content-type': 'application/json', 'content-length': String(octets) },
      payload: `${' '.repeat(octets - 2)}{}`,
    });
  expect((await other(100_000)).statusCode).toBe(503);
  expect((await other(1_000)).statusCode).not.toBe(503);
  slow.destroy();
  await until('its octets are given back', async () => (await other(100_000)).statusCode !== 503);
});
