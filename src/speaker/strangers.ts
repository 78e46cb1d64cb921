/**
 * Strangers: connections from addresses without a configured neighbor. Each gets a NOTIFICATION, but no session number
 * and no record. Their sockets and memory have bounds of their own.
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

/** Open sockets of strangers; further ones are reset. */
export const maxStrangers = 64;
/** Addresses named in one report; further ones are counted only. */
export const maxStrangersNamed = 100;
/** Octets read from a stranger after its NOTIFICATION is sent: more than an OPEN has. */
export const maxFarewellBytes = 16 * 1024;

export class Strangers {
  readonly #clock: Clock;
  readonly #max: number;
  /** Strangers waiting for their answer. */
  readonly #room: WaitingRoom;
  readonly #damping = new Damping();
  /** Oldest first. */
  readonly #open = new Set<Socket>();
  #counts: StrangerCounts = { connections: 0, addresses: {} };
  #named = 0;
  /** Connections reset because too many were open. */
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

  /** Receives a connection. Calls `admit` after the pause for the address's failures: it may be configured by then. */
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

  /** Sends Cease / Connection Rejected and closes. */
  answer(socket: Socket, address: string): void {
    this.#damping.failed(address, this.#clock.now());
    socket.write(encodeMessage(cease(Subcode.connectionRejected)));
    farewell(socket, this.#clock, maxFarewellBytes);
  }

  /** Resets the oldest connection, to make room for a neighbor; returns false if none is open. */
  evict(): boolean {
    const [oldest] = this.#open;
    if (!oldest) return false;
    this.#open.delete(oldest);
    oldest.resetAndDestroy();
    return true;
  }

  /** Connections since the last call; undefined: none. */
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
