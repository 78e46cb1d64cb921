/** The live clients, for their bound, for `/status` and for the metrics. */

/** Why something was not delivered to a client. */
export type DropReason = 'coalesced' | 'gap' | 'closed-slow';

export interface LiveClient {
  /** Ends the connection; `code` as in RFC 6455 §7.4. */
  close(code: number, reason: string): void;
}

export class Clients {
  readonly #clients = new Set<LiveClient>();
  /** Messages by reason that were not delivered, since the start. */
  readonly dropped: Record<DropReason, number> = { coalesced: 0, gap: 0, 'closed-slow': 0 };

  get size(): number {
    return this.#clients.size;
  }

  add(client: LiveClient): void {
    this.#clients.add(client);
  }

  delete(client: LiveClient): void {
    this.#clients.delete(client);
  }

  [Symbol.iterator](): IterableIterator<LiveClient> {
    return this.#clients.values();
  }
}
