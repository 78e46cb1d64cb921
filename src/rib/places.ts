/**
 * Places in dense columns for ids that come, go and are never given again: 16 ids in a row share a chunk, chunks stand
 * without holes between them. What a column takes depends on how many ids are in use, not on the highest.
 */
const chunkBits = 4;
export const chunkSize = 1 << chunkBits;

export class Places {
  /** Ids in use. */
  count = 0;
  /** Chunk number (id >>> chunkBits) → first place of the chunk. */
  readonly #starts = new Map<number, number>();
  /** By position of the chunk: its number, and how many of its ids are in use. */
  readonly #numbers: number[] = [];
  readonly #used: number[] = [];
  #lastNumber = -1;
  #lastStart = 0;

  /** Places that columns must have. */
  get length(): number {
    return this.#numbers.length << chunkBits;
  }

  /** Place of an id whose chunk is in use, whether the id itself is or not; else -1. */
  of(id: number): number {
    const number = id >>> chunkBits;
    if (number !== this.#lastNumber) {
      const start = this.#starts.get(number);
      if (start === undefined) return -1;
      this.#lastNumber = number;
      this.#lastStart = start;
    }
    return this.#lastStart + (id & (chunkSize - 1));
  }

  /** Place for an id that was not in use. Columns grow to `length` first. */
  add(id: number): number {
    this.count++;
    let place = this.of(id);
    if (place < 0) {
      const number = id >>> chunkBits;
      this.#lastNumber = number;
      this.#lastStart = this.#numbers.length << chunkBits;
      this.#starts.set(number, this.#lastStart);
      this.#numbers.push(number);
      this.#used.push(0);
      place = this.#lastStart + (id & (chunkSize - 1));
    }
    this.#used[place >>> chunkBits]!++;
    return place;
  }

  /**
   * Gives back the place of an id that was in use. When it was the last of its chunk, the last chunk moves there:
   * then `move` is called with the first place of both, and `length` is less by a chunk.
   */
  delete(id: number, move: (from: number, to: number) => void): void {
    this.count--;
    const start = this.of(id) & ~(chunkSize - 1);
    const at = start >>> chunkBits;
    if (--this.#used[at]! > 0) return;
    this.#starts.delete(id >>> chunkBits);
    this.#lastNumber = -1;
    const number = this.#numbers.pop()!;
    const used = this.#used.pop()!;
    if (at < this.#numbers.length) {
      this.#numbers[at] = number;
      this.#used[at] = used;
      this.#starts.set(number, start);
    }
    move(this.#numbers.length << chunkBits, start);
  }

  /** First ids of all chunks, ascending, as of now. */
  chunks(): Uint32Array {
    const ids = new Uint32Array(this.#numbers.length);
    for (let i = 0; i < ids.length; i++) ids[i] = this.#numbers[i]! << chunkBits;
    return ids.sort();
  }
}

type Column = Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

const smallestColumn = 1 << 8;

/** `column`, or a copy that is twice as long where `length` does not fit, half as long where a quarter would do. */
export function fitted<T extends Column>(column: T, length: number): T {
  let size = column.length;
  while (size < length) size *= 2;
  if (length * 4 < size && size > smallestColumn) size /= 2;
  if (size === column.length) return column;
  const copy = new (column.constructor as new (n: number) => T)(size);
  copy.set(column.subarray(0, Math.min(size, column.length)));
  return copy;
}
