/** Requests that do not arrive, and connections without one: their sockets are given back. */
import { once } from 'node:events';
import net from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { scene } from './support.ts';

vi.mock('../../src/api/limits.ts', async (original) => {
  const { limits } = await original<typeof import('../../src/api/limits.ts')>();
  return {
    limits: { ...limits, headersTimeout: 100, requestTimeout: 200, keepAlive: 100, connectionsCheck: 20 },
  };
});

test.each([
  ['nothing', '', ''],
  ['half of the headers', 'GET / HTTP/1.1\r\nHost: loc', '408'],
  ['half of the body', 'POST /api/v1/simulate HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\na', '408'],
  ['one request and no other', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n', '200'],
])('a client that sends %s loses its connection', { timeout: 5_000 }, async (_name, sent, answer) => {
  const { app } = await scene();
  await app.listen({ port: 0, host: '127.0.0.1' });
  const socket = net.connect((app.server.address() as net.AddressInfo).port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let received = '';
  socket.on('data', (octets) => (received += octets));
  socket.write(sent);
  await once(socket, 'close');
  expect(received).toContain(answer);
});
