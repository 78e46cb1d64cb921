/**
 * libuv accepts one connection of a listening socket in each turn of the event loop. When 200 clients reconnect while
 * every turn has some milliseconds of other work, the last of them would wait for seconds. Each acceptor is one more
 * handle of the same socket, and so one more connection per turn.
 */
import net, { type Server } from 'node:net';
import type { Libc } from '../libc.ts';

/** Connections accepted in one turn, the server's own included. */
const acceptorCount = 16;

/** Accepts for `server`, which listens, until the returned function is called. Without libc the server accepts alone. */
export function addAcceptors(server: Server, libc: Pick<Libc, 'duplicate'> | null): () => void {
  const fd = (server as { _handle?: { fd?: number } })._handle?.fd;
  if (!libc || fd === undefined || fd < 0) return () => {};
  const acceptors = Array.from({ length: acceptorCount - 1 }, () => {
    // the options that http.Server has
    const acceptor = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      server.emit('connection', socket),
    );
    acceptor.on('error', (error) => server.emit('error', error));
    return acceptor.listen({ fd: libc.duplicate(fd) });
  });
  return () => {
    for (const acceptor of acceptors) acceptor.close();
  };
}
