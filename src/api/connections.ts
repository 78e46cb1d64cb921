/**
 * Connections of HTTP clients: bounded in sum and per address, so that descriptors are left for BGP and the database.
 * A new connection takes the place of the one that has been idle for the longest. Of the
 * requests on one connection the next starts when the one before is answered, and one of all these in each turn of the
 * event loop, so that clients that pipeline do not delay the others.
 */
import type { RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { problem, problemType } from './errors.ts';
import { limits } from './limits.ts';

/** Connections of all clients, of one address, and with an answer that lasts: of a live client, or of one that waits. */
export interface ConnectionBounds {
  max: number;
  maxPerAddress: number;
  maxLasting: number;
}

interface Connection {
  address: string;
  /** Requests that are not answered yet. */
  requests: number;
  /** Starts those that have not begun. */
  readonly waiting: (() => void)[];
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
  /** Whose next request may start. */
  readonly #ready: Connection[] = [];
  #lasting = 0;

  /** `max`: connections in sum; one address leaves some of them to others, and live clients some to short answers. */
  constructor(max: number) {
    this.bounds = { max, maxPerAddress: max - Math.max(2, max >> 6), maxLasting: max - Math.max(8, max >> 5) };
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

  /** A place for an answer that lasts, as the way to give it back; undefined when only those for short answers are left. */
  takeLasting(): (() => void) | undefined {
    if (this.#lasting >= this.bounds.maxLasting) return undefined;
    this.#lasting++;
    let isTaken = true;
    return () => {
      if (isTaken) this.#lasting--;
      isTaken = false;
    };
  }

  /** Takes the place of the listeners for requests that the server has, and calls them in turn. */
  watch(server: Server): void {
    const listeners = server.listeners('request') as RequestListener[];
    server.removeAllListeners('request');
    server.on('request', (request, response) =>
      this.#receive(request.socket, response, () => {
        for (const listener of listeners) listener(request, response);
      }),
    );
    server.on('connection', (socket) => this.#admit(socket));
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
    this.#open.set(socket, { address, requests: 0, waiting: [] });
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

  #receive(socket: Socket, response: ServerResponse, start: () => void): void {
    const connection = this.#open.get(socket);
    if (!connection) return;
    this.#begin(socket);
    response.once('close', () => this.#end(socket));
    if (connection.requests > limits.pipelined) {
      refuseMore(socket, response);
      return;
    }
    // at once: Node ends the connection of a client that closes its side before it is answered
    if (connection.requests === 1) start();
    else connection.waiting.push(start);
  }

  #makeReady(connection: Connection): void {
    if (this.#ready.push(connection) === 1) setImmediate(() => this.#startNext());
  }

  #startNext(): void {
    this.#ready[0]!.waiting.shift()?.();
    this.#ready.shift();
    if (this.#ready.length > 0) setImmediate(() => this.#startNext());
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
    if (!connection) return;
    if (--connection.requests > 0) this.#makeReady(connection);
    else {
      this.#busy.delete(socket);
      this.#idle.add(socket);
    }
  }

  #forget(socket: Socket): void {
    const connection = this.#open.get(socket);
    if (!connection) return;
    connection.waiting.length = 0;
    this.#open.delete(socket);
    this.#idle.delete(socket);
    this.#busy.delete(socket);
    const left = this.#perAddress.get(connection.address)! - 1;
    if (left === 0) this.#perAddress.delete(connection.address);
    else this.#perAddress.set(connection.address, left);
  }
}

/** Answers 503 behind the answers to the requests before, and ends the connection then. */
function refuseMore(socket: Socket, response: ServerResponse): void {
  // Node would parse all octets that it has read, which may be thousands of requests: 2 ends the parsing
  const { parser } = socket as { parser?: { onIncoming: () => number } | null };
  if (parser) parser.onIncoming = () => 2;
  socket.pause();
  const text = `At most ${limits.pipelined} requests may wait on one connection`;
  response.writeHead(503, { 'content-type': problemType, 'retry-after': '1', connection: 'close' });
  response.end(JSON.stringify(problem(503, 'busy', text)));
}
