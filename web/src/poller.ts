/** Polls what the feed does not carry: counters, queues, sources. Reads neighbors only while a view uses them. */
import type { Envelope, Neighbor, Page, Status, Summary } from '../../src/api/schemas.ts';
import type { Rest } from './client.ts';
import type { Message } from './model.ts';

/** Above this many neighbors, only every sixth refresh reads their counters. The feed carries their states. */
export const manyNeighbors = 200;

export class Poller {
  readonly #rest: Pick<Rest, 'get'>;
  readonly #dispatch: (messages: readonly Message[]) => void;
  #round = 0;
  #neighborCount = 0;
  #neighborWatchers = 0;

  constructor(rest: Pick<Rest, 'get'>, dispatch: (messages: readonly Message[]) => void) {
    this.#rest = rest;
    this.#dispatch = dispatch;
  }

  async refresh(): Promise<void> {
    const [status, summary] = await Promise.all([
      this.#rest.get<Envelope<Status>>('/status'),
      this.#rest.get<Envelope<Summary>>('/checks/summary'),
    ]);
    this.#dispatch([
      { type: 'status', status: status.data },
      { type: 'summary', summary: summary.data },
    ]);
    if (this.#neighborWatchers === 0) return;
    if (this.#round++ % 6 === 0 || this.#neighborCount <= manyNeighbors) await this.#readNeighbors();
  }

  /** Keeps neighbors current until the returned function is called. */
  watchNeighbors(): () => void {
    // a failed read shows in the state of the feed
    if (this.#neighborWatchers++ === 0) void this.#readNeighbors().catch(() => {});
    return () => void this.#neighborWatchers--;
  }

  async #readNeighbors(): Promise<void> {
    const { data } = await this.#rest.get<Page<Neighbor>>('/neighbors', { limit: 10_000 });
    this.#neighborCount = data.length;
    this.#dispatch([{ type: 'neighbors', neighbors: data }]);
  }
}
