/** Connections whose answer is delayed (damping.ts): accepted, but not read. */
import type { Socket } from 'node:net';
import type { Clock } from './clock.ts';
import { CountByKey } from './tally.ts';

/** Waiting connections: in total, per range (so that one range leaves room for others), and per address. */
export const maxDelayed = 1024;
export const maxDelayedPerRange = 512;
export const maxDelayedPerAddress = 2;

export class WaitingRoom {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #maxPerRange: number;
  readonly #waiting = new Set<Socket>();
  readonly #perAddress = new CountByKey();
  readonly #perRange = new CountByKey();
  /** Connections reset because the room was full. */
  overflows = 0;

  constructor(clock: Clock, max = maxDelayed, maxPerRange = max) {
    this.#clock = clock;
    this.#max = max;
    this.#maxPerRange = maxPerRange;
  }

  get size(): number {
    return this.#waiting.size;
  }

  get max(): number {
    return this.#max;
  }

  /**
   * Calls `next` after `ms` if the connection is still open. `range`: the range of its neighbor. Resets the connection
   * if the room is full.
   */
  enter(socket: Socket, address: string, range: string, ms: number, next: () => void): void {
    const isFull = this.#waiting.size >= this.#max || this.#perRange.of(range) >= this.#maxPerRange;
    if (isFull) this.overflows++;
    if (isFull || this.#perAddress.of(address) >= maxDelayedPerAddress) {
      socket.resetAndDestroy();
      return;
    }
    this.#waiting.add(socket);
    this.#perAddress.add(address);
    this.#perRange.add(range);
    const leave = (): void => {
      forget();
      socket.off('close', leave);
      this.#waiting.delete(socket);
      this.#perAddress.remove(address);
      this.#perRange.remove(range);
    };
    const forget = this.#clock.after(ms, () => {
      leave();
      next();
    });
    socket.once('close', leave);
  }

  /** Closes all waiting connections. */
  close(): void {
    for (const socket of this.#waiting) socket.destroy();
  }
}
