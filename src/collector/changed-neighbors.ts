/** Neighbors whose node or BGPPeer became another one, each written as it is when its turn comes, and forgotten ones. */
import type { Neighbor } from '../rib/types.ts';
import type { StorePiece } from '../store/messages.ts';
import type { PieceSource } from './pieces.ts';

/** A neighbor is a few kilobytes. */
const maxNeighborsPerPiece = 100;
/** The events of each may have to go with it. */
const maxForgottenPerPiece = 100;

export class ChangedNeighbors implements PieceSource {
  readonly #known: ReadonlyMap<number, Neighbor>;
  readonly #changed = new Set<number>();
  readonly #forgotten = new Set<number>();

  /** @param known the neighbors that there are; one that was forgotten meanwhile is not written. */
  constructor(known: ReadonlyMap<number, Neighbor>) {
    this.#known = known;
  }

  get isBusy(): boolean {
    return this.#changed.size + this.#forgotten.size > 0;
  }

  add(neighbors: readonly Neighbor[]): void {
    for (const { id } of neighbors) this.#changed.add(id);
  }

  forget(ids: readonly number[]): void {
    for (const id of ids) this.#forgotten.add(id);
  }

  take(): StorePiece | undefined {
    const neighbors: Neighbor[] = [];
    for (const id of this.#changed) {
      if (neighbors.length === maxNeighborsPerPiece) break;
      this.#changed.delete(id);
      const neighbor = this.#known.get(id);
      if (neighbor) neighbors.push(neighbor);
    }
    const forgotten = [...this.#forgotten].slice(0, maxForgottenPerPiece);
    for (const id of forgotten) this.#forgotten.delete(id);
    return neighbors.length + forgotten.length > 0 ? { kind: 'neighbors', neighbors, forgotten } : undefined;
  }
}
