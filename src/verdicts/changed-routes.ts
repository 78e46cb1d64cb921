/** Routes that changed and wait to be judged, in order of arrival. */

/** Beyond it the neighbors concerned are gone through as a whole. */
export const maxNotedRoutes = 1 << 18;

export class ChangedRoutes {
  #neighbors = new Uint32Array(1 << 10);
  #nlris = new Uint32Array(1 << 10);
  #next = 0;
  #end = 0;

  get isEmpty(): boolean {
    return this.#next === this.#end;
  }

  /** Notes a route; false when there are too many already. */
  note(neighbor: number, nlri: number): boolean {
    if (this.#end === this.#nlris.length && !this.#makeRoom()) return false;
    this.#neighbors[this.#end] = neighbor;
    this.#nlris[this.#end++] = nlri;
    return true;
  }

  /** Takes the oldest one out; false when there is none. */
  take(visit: (neighbor: number, nlri: number) => void): boolean {
    if (this.isEmpty) return false;
    const neighbor = this.#neighbors[this.#next]!;
    const nlri = this.#nlris[this.#next++]!;
    if (this.isEmpty) this.clear();
    visit(neighbor, nlri);
    return true;
  }

  clear(): void {
    this.#next = this.#end = 0;
  }

  /** Moves what waits to the front, or to arrays twice as large; false at the bound. */
  #makeRoom(): boolean {
    const waiting = this.#end - this.#next;
    // Half full at the bound: moving less than half at a time would cost more than it gains.
    if (this.#nlris.length === maxNotedRoutes && waiting > maxNotedRoutes / 2) return false;
    const capacity = waiting > this.#nlris.length / 2 ? this.#nlris.length * 2 : this.#nlris.length;
    this.#neighbors = moved(this.#neighbors, this.#next, this.#end, capacity);
    this.#nlris = moved(this.#nlris, this.#next, this.#end, capacity);
    this.#next = 0;
    this.#end = waiting;
    return true;
  }
}

function moved(
  array: Uint32Array<ArrayBuffer>,
  start: number,
  end: number,
  capacity: number,
): Uint32Array<ArrayBuffer> {
  const target = new Uint32Array(capacity);
  target.set(array.subarray(start, end));
  return target;
}
