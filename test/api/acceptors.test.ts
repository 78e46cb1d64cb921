import { once } from 'node:events';
import { createServer } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { addAcceptors } from '../../src/api/acceptors.ts';
import { libc } from '../../src/libc.ts';

const clients = 64;

/** Turns of the event loop until `clients` connections, all made in one turn, are accepted. */
async function turnsToAccept(library: typeof libc): Promise<number> {
  const server = createServer();
  let accepted = 0;
  server.on('connection', () => accepted++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = addAcceptors(server, library);
  const { port } = server.address() as AddressInfo;
  const sockets = Array.from({ length: clients }, () => net.connect(port, '127.0.0.1'));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  let turns = 0;
  for (; accepted < clients; turns++) await turn();
  return turns;
}

it('accepts many connections in one turn of the event loop', async () => {
  expect(await turnsToAccept(libc)).toBeLessThan(clients / 4);
});

it('accepts one connection per turn without libc', async () => {
  expect(await turnsToAccept(null)).toBeGreaterThanOrEqual(clients - 1);
});

it('stops listening before the connections of the server end', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = addAcceptors(server, libc);
  const open = net.connect(port, '127.0.0.1');
  onTestFinished(() => void open.destroy());
  await once(server, 'connection');
  close();
  server.close();
  await turn();
  const [error] = await once(net.connect(port, '127.0.0.1'), 'error');
  expect((error as NodeJS.ErrnoException).code).toBe('ECONNREFUSED');
});
