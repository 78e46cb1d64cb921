/** A set of numbers, most of them near each other: a bit each, in pages. */
const pageBits = 10;

export class BitSet {
  readonly #pages = new Map<number, Uint32Array>();

  clear(): void {
    this.#pages.clear();
  }

  /** Adds a number; false when it is there already. */
  add(n: number): boolean {
    let page = this.#pages.get(n >>> pageBits);
    if (page === undefined) this.#pages.set(n >>> pageBits, (page = new Uint32Array(1 << (pageBits - 5))));
    const i = (n >>> 5) & (page.length - 1);
    const bit = 1 << (n & 31);
    if ((page[i]! & bit) !== 0) return false;
    page[i]! |= bit;
    return true;
  }
}
