/**
 * Strangers: connections from addresses that no neighbor is configured for. They get the right answer and leave
 * nothing behind: no session number, no record. What they take of sockets and memory is bounded apart from neighbors.
 */
import type { Socket } from 'node:net';
import type { StrangerCounts } from '../events.ts';
import { Subcode } from '../wire/iana.ts';
import { encodeMessage } from '../wire/message.ts';
import { cease } from '../wire/notification.ts';
import type { Clock } from './clock.ts';
import { Damping } from './damping.ts';
import { farewell } from './farewell.ts';
import { WaitingRoom } from './waiting-room.ts';

/** Sockets of strangers open at once; more are reset. */
export const maxStrangers = 64;
/** Addresses named in one report; further ones are only counted. */
export const maxStrangersNamed = 100;
/** Octets read from a stranger while its NOTIFICATION is on the way: an OPEN, and some. */
export const maxFarewellBytes = 16 * 1024;

export class Strangers {
  readonly #clock: Clock;
  readonly #max: number;
  /** Those that wait to be answered. */
  readonly #room: WaitingRoom;
  readonly #damping = new Damping();
  /** Oldest first. */
  readonly #open = new Set<Socket>();
  #counts: StrangerCounts = { connections: 0, addresses: {} };
  #named = 0;
  /** Connections that were reset because there were too many. */
  overflows = 0;

  constructor(clock: Clock, max = maxStrangers) {
    this.#clock = clock;
    this.#max = max;
    this.#room = new WaitingRoom(clock, max);
  }

  get size(): number {
    return this.#open.size;
  }

  get max(): number {
    return this.#max;
  }

  /** A connection from `address`. `admit` is called after the pause that its failures cost: it may be configured by then. */
  receive(socket: Socket, address: string, admit: () => void): void {
    this.#count(address);
    if (this.#open.size >= this.#max) {
      this.overflows++;
      socket.resetAndDestroy();
      return;
    }
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    const pause = this.#damping.pause(address, this.#clock.now());
    if (pause === 0) admit();
    else this.#room.enter(socket, address, '', pause, admit);
  }

  /** Cease / Connection Rejected. */
  answer(socket: Socket, address: string): void {
    this.#damping.failed(address, this.#clock.now());
    socket.write(encodeMessage(cease(Subcode.connectionRejected)));
    farewell(socket, this.#clock, maxFarewellBytes);
  }

  /** Ends the oldest connection, to make room for a neighbor. False: there is none. */
  evict(): boolean {
    const [oldest] = this.#open;
    if (!oldest) return false;
    this.#open.delete(oldest);
    oldest.resetAndDestroy();
    return true;
  }

  /** What came since the last call; undefined = nothing. */
  take(): StrangerCounts | undefined {
    if (this.#counts.connections === 0) return undefined;
    const counts = this.#counts;
    this.#counts = { connections: 0, addresses: {} };
    this.#named = 0;
    return counts;
  }

  close(): void {
    this.#room.close();
  }

  #count(address: string): void {
    const { addresses } = this.#counts;
    this.#counts.connections++;
    if (addresses[address] !== undefined) addresses[address]++;
    else if (this.#named < maxStrangersNamed) {
      addresses[address] = 1;
      this.#named++;
    }
  }
}
