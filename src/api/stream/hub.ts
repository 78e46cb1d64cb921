/** All live clients together: one ear on the feed, one heartbeat, one catching up at a time. */
import type { FeedFrame } from '../../feed.ts';
import type { ApiDeps } from '../deps.ts';
import { limits } from '../limits.ts';
import { StreamClient } from './client.ts';
import type { Clients } from './clients.ts';
import { SharedFrame } from './items.ts';
import type { Transport } from './outbox.ts';

export class Hub {
  readonly #deps: ApiDeps;
  readonly #clients: Clients;
  readonly #open = new Set<StreamClient>();
  #unsubscribe: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** The slice that is being worked on. */
  #turn: Promise<unknown> = Promise.resolve();
  /** epoch ms of the last heartbeat. */
  #beatAt = 0;
  /** Of the last frame. */
  #seq = 0;

  constructor(deps: ApiDeps, clients: Clients) {
    this.#deps = deps;
    this.#clients = clients;
  }

  /** A client for a new connection; undefined when there are as many as there may be. */
  join(transport: Transport): StreamClient | undefined {
    if (this.#open.size >= limits.streamClients) return undefined;
    const whole: Transport = {
      get buffered() {
        return transport.buffered;
      },
      send: (text, seq, sent) => transport.send(text, seq, sent),
      // what is closed by us is gone at once: the other side may take its time to notice
      close: (code, reason) => {
        this.leave(client);
        transport.close(code, reason);
      },
    };
    const client = new StreamClient(this.#deps, whole, this.#clients, (work) => this.#inTurn(work));
    this.#open.add(client);
    this.#clients.size = this.#open.size;
    if (this.#open.size === 1) this.#listen();
    return client;
  }

  /** The connection of a client is gone. */
  leave(client: StreamClient): void {
    client.end();
    const wasOpen = this.#open.delete(client);
    this.#clients.size = this.#open.size;
    if (wasOpen && this.#open.size === 0) this.#rest();
  }

  /** Closes those that make no progress; a heartbeat to the others when it is time. */
  tick(): void {
    const now = this.#deps.now();
    const isTime = now - this.#beatAt >= limits.heartbeat;
    if (isTime) this.#beatAt = now;
    for (const client of this.#open) {
      client.checkStall();
      if (isTime) client.beat(now);
    }
  }

  /** Ends all connections: the server goes away. */
  close(): void {
    for (const client of this.#open) client.close(1001, 'the collector stops');
  }

  #listen(): void {
    this.#seq = this.#deps.feed.seq;
    this.#unsubscribe = this.#deps.feed.subscribe((frame) => this.#publish(frame));
    this.#beatAt = this.#deps.now();
    this.#timer = setInterval(() => this.tick(), limits.streamTick);
  }

  #rest(): void {
    this.#unsubscribe?.();
    clearInterval(this.#timer);
  }

  #publish(frame: FeedFrame): void {
    const shared = new SharedFrame(frame, this.#deps.rib);
    for (const client of this.#open) client.onFrame(shared, this.#seq);
    this.#seq = frame.seq;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}
