/**
 * Closing so that the last NOTIFICATION arrives. A close(2) with unread octets in the receive buffer sends RST, and
 * the other side's kernel then throws away what it had not read: so FIN first, and read on for a moment.
 */
import type { Socket } from 'node:net';
import type { Clock } from './clock.ts';

/** How long the other side has to answer our FIN with its own, ms. */
export const lingerMs = 1_000;

/**
 * Sends FIN after what was written, then destroys the socket once the other side closed too, or `lingerMs` later, or
 * once it has sent more than `maxBytes`.
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
