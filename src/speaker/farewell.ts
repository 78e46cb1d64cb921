/**
 * Closes a connection so that the last NOTIFICATION arrives. A close(2) with unread octets in the receive buffer sends
 * RST, and the remote kernel then discards what its process has not read. So: send FIN, and keep reading for a moment.
 */
import type { Socket } from 'node:net';
import type { Clock } from './clock.ts';

/** Time for the remote side to answer our FIN with its own, ms. */
export const lingerMs = 1_000;

/**
 * Sends FIN after pending writes. Destroys the socket when the remote side has closed too, after `lingerMs`, or after
 * more than `maxBytes` from the remote side.
 */
export function farewell(socket: Socket, clock: Clock, maxBytes = Number.POSITIVE_INFINITY): void {
  if (socket.destroyed) return;
  socket.removeAllListeners('data');
  const forget = clock.after(lingerMs, () => socket.destroy());
  socket.once('close', forget);
  socket.once('end', () => socket.destroy());
  let read = 0;
  socket.on('data', (chunk: Uint8Array) => {
    read += chunk.length;
    if (read > maxBytes) socket.destroy();
  });
  socket.end();
  socket.resume();
}
