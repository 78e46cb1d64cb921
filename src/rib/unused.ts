/** Ids that nothing uses any more, each with the seq that used it last; oldest first. */
export class Unused {
  readonly #lastUse = new Map<number, number>();

  get count(): number {
    return this.#lastUse.size;
  }

  /** Lowest seq of a last use; Infinity = none. */
  get oldest(): number {
    for (const seq of this.#lastUse.values()) return seq;
    return Number.POSITIVE_INFINITY;
  }

  /** `seq` is never less than that of a call before. */
  add(id: number, seq: number): void {
    this.#lastUse.set(id, seq);
  }

  /** It is used again; false when it is not listed. */
  delete(id: number): boolean {
    return this.#lastUse.size > 0 && this.#lastUse.delete(id);
  }

  /** Takes out at most `limit` ids that nothing has used after `seq`. */
  take(seq: number, limit: number): number[] {
    const ids: number[] = [];
    for (const [id, lastUse] of this.#lastUse) {
      if (lastUse > seq || ids.length === limit) break;
      ids.push(id);
    }
    for (const id of ids) this.#lastUse.delete(id);
    return ids;
  }
}

/** Highest id: what a change carries is an id + 1 in 32 bits. */
export const maxId = 2 ** 32 - 2;
