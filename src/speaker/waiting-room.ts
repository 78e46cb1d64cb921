/** Connections that are answered later (damping.ts): accepted, unread, few. */
import type { Socket } from 'node:net';
import type { Clock } from './clock.ts';
import { Tally } from './tally.ts';

const maxWaiting = 1024;
const maxWaitingPerAddress = 2;

export class WaitingRoom {
  readonly #clock: Clock;
  readonly #waiting = new Set<Socket>();
  readonly #perAddress = new Tally();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `next` in `ms` if the connection is still there then. One too many is reset without a word. */
  enter(socket: Socket, address: string, ms: number, next: () => void): void {
    if (this.#waiting.size >= maxWaiting || this.#perAddress.of(address) >= maxWaitingPerAddress) {
      socket.resetAndDestroy();
      return;
    }
    this.#waiting.add(socket);
    this.#perAddress.add(address);
    const leave = (): void => {
      forget();
      socket.off('close', leave);
      this.#waiting.delete(socket);
      this.#perAddress.remove(address);
    };
    const forget = this.#clock.after(ms, () => {
      leave();
      next();
    });
    socket.once('close', leave);
  }

  /** Sends everybody home. */
  close(): void {
    for (const socket of this.#waiting) socket.destroy();
  }
}
