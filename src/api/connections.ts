/**
 * Connections of HTTP clients: bounded in sum and per address, so that descriptors are left for BGP and the database.
 * A new connection takes the place of the one that has been idle for the longest.
 */
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { limits } from './limits.ts';

/** Connections of all clients, and of one address. */
export interface ConnectionBounds {
  max: number;
  maxPerAddress: number;
}

interface Connection {
  address: string;
  /** Requests that are not answered yet. */
  requests: number;
}

export class Connections {
  readonly bounds: ConnectionBounds;
  /** Connections reset because too many others were busy, and idle ones closed for a new one; since the start. */
  refused = 0;
  evicted = 0;
  readonly #open = new Map<Socket, Connection>();
  /** Without a request, longest idle first. */
  readonly #idle = new Set<Socket>();
  readonly #busy = new Set<Socket>();
  readonly #perAddress = new Map<string, number>();

  /** `max`: connections in sum; one address leaves some of them to others. */
  constructor(max: number) {
    this.bounds = { max, maxPerAddress: max - Math.max(4, max >> 5) };
  }

  get size(): number {
    return this.#open.size;
  }

  /** Octets of answers that no client has taken yet. */
  get unsent(): number {
    let octets = 0;
    for (const socket of this.#busy) octets += socket.writableLength;
    return octets;
  }

  /** Has this connection more requests under way than a client may pipeline? */
  isCrowded(socket: Socket): boolean {
    return (this.#open.get(socket)?.requests ?? 0) > limits.pipelined;
  }

  watch(server: Server): void {
    server.on('connection', (socket) => this.#admit(socket));
    // before Fastify's listener, whose hooks ask isCrowded
    server.prependListener('request', ({ socket }, response: ServerResponse) => {
      this.#begin(socket);
      response.once('close', () => this.#end(socket));
    });
    // a live client is busy until it goes
    server.on('upgrade', ({ socket }) => this.#begin(socket));
    // libuv has closed what waited to be accepted
    server.on('error', () => this.refused++);
  }

  #admit(socket: Socket): void {
    const address = socket.remoteAddress;
    if (address === undefined || !(this.#hasRoom(address) || this.#evict(address))) {
      this.refused++;
      socket.resetAndDestroy();
      return;
    }
    this.#open.set(socket, { address, requests: 0 });
    this.#idle.add(socket);
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
    socket.once('close', () => this.#forget(socket));
  }

  #hasRoom(address: string): boolean {
    const { max, maxPerAddress } = this.bounds;
    return this.size < max && (this.#perAddress.get(address) ?? 0) < maxPerAddress;
  }

  /** Closes the connection that has been idle for the longest: of this address when it has too many. */
  #evict(address: string): boolean {
    const isOwn = (this.#perAddress.get(address) ?? 0) >= this.bounds.maxPerAddress;
    for (const socket of this.#idle) {
      if (isOwn && this.#open.get(socket)!.address !== address) continue;
      this.#forget(socket);
      socket.destroy();
      this.evicted++;
      return true;
    }
    return false;
  }

  #begin(socket: Socket): void {
    const connection = this.#open.get(socket);
    if (!connection) return;
    connection.requests++;
    this.#idle.delete(socket);
    this.#busy.add(socket);
  }

  #end(socket: Socket): void {
    const connection = this.#open.get(socket);
    if (!connection || --connection.requests > 0) return;
    this.#busy.delete(socket);
    this.#idle.add(socket);
  }

  #forget(socket: Socket): void {
    const connection = this.#open.get(socket);
    if (!connection) return;
    this.#open.delete(socket);
    this.#idle.delete(socket);
    this.#busy.delete(socket);
    const left = this.#perAddress.get(connection.address)! - 1;
    if (left === 0) this.#perAddress.delete(connection.address);
    else this.#perAddress.set(connection.address, left);
  }
}
