/** What failed transactions were to write of neighbors and sessions: the newest of each, until writing works again. */
import type { Neighbor, NeighborEvent } from '../rib/types.ts';
import { type News, unpackNews } from './messages.ts';

/** Session events that are kept meanwhile; the oldest go first. */
export const maxOwedEvents = 10_000;

export class Owed {
  readonly #neighbors = new Map<number, Neighbor>();
  readonly #forgotten = new Set<number>();
  #events: NeighborEvent[] = [];

  add(packed: Uint8Array | undefined): void {
    const { neighbors, forgotten, events } = unpackNews(packed);
    for (const neighbor of neighbors) this.#neighbors.set(neighbor.id, neighbor);
    for (const id of forgotten) {
      this.#forgotten.add(id);
      this.#neighbors.delete(id);
    }
    this.#events = [...this.#events, ...events].slice(-maxOwedEvents);
  }

  get news(): News {
    return { neighbors: [...this.#neighbors.values()], forgotten: [...this.#forgotten], events: this.#events };
  }
}
