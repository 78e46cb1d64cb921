/** A set of small numbers that is emptied at no cost. */
export class Marks {
  #stamps = new Uint32Array(1 << 10);
  #stamp = 1;

  clear(): void {
    this.#stamp++;
  }

  /** Adds a number; false when it is there already. */
  add(n: number): boolean {
    if (n >= this.#stamps.length) {
      const larger = new Uint32Array(Math.max(n + 1, this.#stamps.length * 2));
      larger.set(this.#stamps);
      this.#stamps = larger;
    }
    if (this.#stamps[n] === this.#stamp) return false;
    this.#stamps[n] = this.#stamp;
    return true;
  }
}
