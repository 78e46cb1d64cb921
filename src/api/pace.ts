/** Clients that take their answers too slowly: an answer keeps memory for as long as it is not taken. */
import type { ServerResponse } from 'node:http';
import { finished } from 'node:stream';
import { limits } from './limits.ts';

/** What libuv counts: Node's own timers take a write that is accepted in part for progress, however slow. */
interface Handle {
  bytesWritten: number;
  writeQueueSize: number;
}

/**
 * Destroys the connection when its client takes nothing for `limits.stall` ms while something waits, or so little that
 * it falls behind `limits.minRate` for as long.
 */
export function keepPace(raw: ServerResponse): void {
  let looked = performance.now();
  let taken = takenOf(raw);
  let patience: number = limits.stall;
  const timer = setInterval(() => {
    const now = performance.now();
    const octets = takenOf(raw);
    // after a pause of our own the client had no chance to be quicker
    const elapsed = Math.min(now - looked, 2 * limits.streamTick);
    const earned = ((octets - taken) / limits.minRate) * 1_000;
    patience = raw.writableLength === 0 ? limits.stall : Math.min(limits.stall, patience - elapsed + earned);
    looked = now;
    taken = octets;
    if (patience <= 0) raw.destroy();
  }, limits.streamTick).unref();
  finished(raw, () => clearInterval(timer));
}

/** Octets of the connection that the kernel has taken. */
function takenOf({ socket }: ServerResponse): number {
  const handle = (socket as unknown as { _handle?: Handle | null } | null)?._handle;
  return handle ? handle.bytesWritten - handle.writeQueueSize : 0;
}
