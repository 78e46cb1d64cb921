/** Clients that stop reading: their sockets are given back. */
import { once } from 'node:events';
import net from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import WebSocket from 'ws';
import { until } from '../support/wait.ts';
import { scene } from './support.ts';

vi.mock('../../src/api/limits.ts', async (original) => {
  const { limits } = await original<typeof import('../../src/api/limits.ts')>();
  return { limits: { ...limits, stall: 100, closeGrace: 50, streamTick: 20 } };
});

/** Asks for `path` and never reads the answer. */
async function askAndStall(server: net.Server, path: string): Promise<{ closed: Promise<void>; isClosed(): boolean }> {
  const { port } = server.address() as net.AddressInfo;
  const accepted = new Promise<net.Socket>((resolve) => server.once('connection', resolve));
  const client = net.connect(port, '127.0.0.1').pause();
  client.on('error', () => {});
  onTestFinished(() => void client.destroy());
  client.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  const socket = await accepted;
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return { closed, isClosed: () => socket.destroyed };
}

test('a stalled client of server-sent events loses its socket', { timeout: 5_000 }, async () => {
  const { app, deps, publish } = await scene();
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { closed, isClosed } = await askAndStall(app.server, '/api/v1/stream/sse');
  const communities = Array.from({ length: 2_000 }, (_, i) => `64512:${i}`);
  while (deps.feed.seq < 2_000 && !isClosed()) {
    publish([deps.rib.announce(1, '10.0.0.1/32', { communities })]);
    await new Promise(setImmediate);
  }
  await closed;
  expect(isClosed()).toBe(true);
});

test('a WebSocket that was closed for being slow does not hold up the end of the server', {
  timeout: 10_000,
}, async () => {
  const { app, deps, publish } = await scene();
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as net.AddressInfo;
  const client = new WebSocket(`ws://127.0.0.1:${port}/api/v1/stream`, { perMessageDeflate: false });
  onTestFinished(() => client.terminate());
  await once(client, 'open');
  client.send(JSON.stringify({ type: 'subscribe', id: 'a', filter: {} }));
  await once(client, 'message');
  client.pause();
  const [socket] = app.websocketServer.clients;
  const communities = Array.from({ length: 2_000 }, (_, i) => `64512:${i}`);
  await until('it is closed for being slow', () => {
    publish([deps.rib.announce(1, '10.0.0.1/32', { communities })]);
    return socket!.readyState === WebSocket.CLOSING;
  });
  const ended = once(socket!, 'close');
  await app.close();
  await ended;
});
