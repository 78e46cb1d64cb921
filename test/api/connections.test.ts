/** More connections of clients than there is room for. */
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Connections } from '../../src/api/connections.ts';
import { limits } from '../../src/api/limits.ts';
import { until } from '../support/wait.ts';
import { scene } from './support.ts';

/** A server for eight connections, six of one address. Requests for `/wait` stay unanswered. */
async function serve() {
  const connections = new Connections(8);
  const waiting: http.ServerResponse[] = [];
  const started: string[] = [];
  const server = http.createServer((request, response) => {
    started.push(request.url!);
    if (request.url!.startsWith('/wait')) waiting.push(response);
    else response.end('ok');
  });
  connections.watch(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close().closeAllConnections());
  const { port } = server.address() as net.AddressInfo;
  const open = async (from: string, request?: string) => {
    const socket = net.connect({ port, host: '127.0.0.1', localAddress: from });
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await Promise.race([once(socket, 'connect').catch(() => {}), closed]);
    if (request !== undefined) socket.write(`GET ${request} HTTP/1.1\r\nHost: a\r\n\r\n`);
    return { socket, closed };
  };
  return { connections, waiting, started, open };
}

test('an idle connection makes room for a new one, the oldest first', async () => {
  const { connections, open } = await serve();
  const idle = [];
  for (let i = 0; i < 8; i++) idle.push(await open(`127.0.0.${2 + (i % 2)}`));
  await until('all are accepted', () => connections.size === 8);
  const late = await open('127.0.0.4', '/');
  expect(String(await once(late.socket, 'data'))).toContain('200 OK');
  await idle[0]!.closed;
  expect(connections).toMatchObject({ size: 8, evicted: 1, refused: 0 });
});

test('of one address the connections beyond maxPerAddress close its own', async () => {
  const { connections, open } = await serve();
  const other = await open('127.0.0.9');
  await until('it is accepted', () => connections.size === 1);
  const own = [];
  for (let i = 0; i < 7; i++) own.push(await open('127.0.0.2'));
  await own[0]!.closed;
  expect(connections).toMatchObject({ size: 7, evicted: 1, refused: 0 });
  expect(other.socket.destroyed).toBe(false);
});

test('busy connections stay, and new ones beyond maxHttpConnections are reset', async () => {
  const { connections, waiting, open } = await serve();
  for (let i = 0; i < 8; i++) await open(`127.0.0.${2 + (i % 2)}`, '/wait');
  await until('all wait', () => waiting.length === 8);
  const late = await open('127.0.0.4', '/');
  await late.closed;
  expect(connections).toMatchObject({ size: 8, evicted: 0, refused: 1 });
  waiting[0]!.end();
  const next = await open('127.0.0.4', '/');
  expect(String(await once(next.socket, 'data'))).toContain('200 OK');
});

test('of the requests pipelined on one connection the next starts when the one before is answered', async () => {
  const { waiting, started, open } = await serve();
  await open('127.0.0.2', '/wait1 HTTP/1.1\r\nHost: a\r\n\r\nGET /wait2 HTTP/1.1\r\nHost: a\r\n\r\nGET /wait3');
  await until('the first has started', () => started.length > 0);
  const other = await open('127.0.0.3', '/other');
  expect(String(await once(other.socket, 'data'))).toContain('200 OK');
  expect(started).toEqual(['/wait1', '/other']);
  waiting[0]!.end();
  await until('the next has started', () => waiting.length === 2);
  expect(started).toEqual(['/wait1', '/other', '/wait2']);
});

test('a client that closes its side behind a request gets its answer', async () => {
  const { app } = await scene();
  await app.listen({ port: 0, host: '127.0.0.1' });
  const clients = Array.from({ length: 50 }, () =>
    net.connect((app.server.address() as net.AddressInfo).port, '127.0.0.1').setEncoding('utf8'),
  );
  for (const client of clients) client.end('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  for (const answer of await Promise.all(clients.map((client) => client.toArray())))
    expect(answer.join('')).toContain('200 OK');
});

test('live clients and clients that wait leave eight connections to short answers (maxLasting)', async () => {
  const connections = new Connections(16);
  const { app, get } = await scene(() => {}, {}, { connections });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as net.AddressInfo;
  const join = () => new WebSocket(`ws://127.0.0.1:${port}/api/v1/stream`);
  const run = async () => (await app.inject({ method: 'POST', url: '/api/v1/checks/run' })).statusCode;
  const live = join();
  await once(live, 'open');
  for (let i = 0; i < 7; i++) connections.takeLasting();
  expect(await get('/api/v1/stream/sse')).toMatchObject({ status: 503, body: { code: 'too-many-clients' } });
  expect(await run()).toBe(503);
  const [late] = (await once(join(), 'close')) as [CloseEvent];
  expect(late.code).toBe(1013);
  expect((await get('/healthz')).status).toBe(200);
  live.close();
  await until('its place is free', async () => (await run()) === 200);
});

test('the first request beyond those that may be pipelined is answered 503 and ends the connection', async () => {
  const held = Promise.withResolvers<never>();
  let asked = 0;
  const { app } = await scene((deps) => {
    deps.queries.changes = () => {
      if (++asked === 1) setTimeout(() => held.reject(new Error('no database')));
      return held.promise;
    };
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const socket = net.connect((app.server.address() as net.AddressInfo).port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let received = '';
  socket.on('data', (octets) => (received += octets));
  const count = limits.pipelined + 3;
  socket.write('GET /api/v1/changes HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(count));
  await once(socket, 'close');
  expect(received.match(/(?<=HTTP\/1.1 )\d+/g)).toEqual([...Array<string>(limits.pipelined).fill('500'), '503']);
});
