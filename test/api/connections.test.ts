/** More connections of clients than there is room for. */
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Connections } from '../../src/api/connections.ts';
import { limits } from '../../src/api/limits.ts';
import { until } from '../support/wait.ts';
import { scene } from './support.ts';

/** A server for eight connections, four of one address. Requests for `/wait` stay unanswered. */
async function serve() {
  const connections = new Connections(8);
  const waiting: http.ServerResponse[] = [];
  const server = http.createServer((request, response) => {
    if (request.url === '/wait') waiting.push(response);
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
  return { connections, waiting, open };
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

test('of one address the connections beyond its bound close its own', async () => {
  const { connections, open } = await serve();
  const other = await open('127.0.0.9');
  await until('it is accepted', () => connections.size === 1);
  const own = [];
  for (let i = 0; i < 5; i++) own.push(await open('127.0.0.2'));
  await own[0]!.closed;
  expect(connections).toMatchObject({ size: 5, evicted: 1, refused: 0 });
  expect(other.socket.destroyed).toBe(false);
});

test('busy connections stay, and new ones are reset', async () => {
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

test('requests pipelined beyond their bound are answered 503', async () => {
  const held = Promise.withResolvers<never>();
  let asked = 0;
  const { app } = await scene((deps) => {
    deps.queries.changes = () => {
      if (++asked === limits.pipelined) setTimeout(() => held.reject(new Error('no database')));
      return held.promise;
    };
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const socket = net.connect((app.server.address() as net.AddressInfo).port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let received = '';
  socket.on('data', (octets) => (received += octets));
  const count = limits.pipelined + 3;
  const last = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
  socket.write('GET /api/v1/changes HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(count - 1) + last);
  await once(socket, 'close');
  expect(received.match(/(?<=HTTP\/1.1 )\d+/g)).toEqual([
    ...Array<string>(limits.pipelined).fill('500'),
    ...Array<string>(3).fill('503'),
  ]);
});
