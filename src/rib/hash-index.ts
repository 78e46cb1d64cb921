/**
 * Hash → id: open addressing over one typed array, with the hash beside each id, so that growing and deleting look at
 * no key. At most half full, at least an eighth.
 */

/** Longest probe. A keyed hash does not reach it by chance: a table that does takes a new key. */
export const maxProbes = 256;

const smallest = 1 << 10;

export class HashIndex {
  count = 0;
  /** Pairs of id + 1 (0 = free) and hash. */
  #slots = new Uint32Array(smallest * 2);
  /** Of positions in `#slots`. */
  #mask = smallest * 2 - 1;

  /** The first slot at or behind that of `hash`, or behind `slot`, with an entry of this hash; -1 = no more. */
  find(hash: number, slot = (hash << 1) - 2): number {
    const slots = this.#slots;
    const mask = this.#mask;
    for (let s = (slot + 2) & mask; slots[s] !== 0; s = (s + 2) & mask) if (slots[s + 1] === hash) return s;
    return -1;
  }

  id(slot: number): number {
    return this.#slots[slot]! - 1;
  }

  /** Adds an entry; false when its probe is longer than `maxProbes`. */
  add(hash: number, id: number): boolean {
    if (++this.count * 4 > this.#slots.length) this.#resize(this.#slots.length * 2);
    return this.#place(hash, id + 1) <= maxProbes;
  }

  delete(hash: number, id: number): void {
    const mask = this.#mask;
    const slots = this.#slots;
    let hole = (hash << 1) & mask;
    for (; slots[hole] !== id + 1; hole = (hole + 2) & mask) if (slots[hole] === 0) return;
    // entries behind the hole move up, unless that would put them before their own slot
    for (let s = (hole + 2) & mask; slots[s] !== 0; s = (s + 2) & mask) {
      if (((s - (slots[s + 1]! << 1)) & mask) < ((s - hole) & mask)) continue;
      slots[hole] = slots[s]!;
      slots[hole + 1] = slots[s + 1]!;
      hole = s;
    }
    slots[hole] = 0;
    if (--this.count * 16 < slots.length && slots.length > smallest * 2) this.#resize(slots.length / 2);
  }

  #place(hash: number, entry: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = (hash << 1) & mask;
    let probes = 1;
    for (; slots[slot] !== 0; probes++) slot = (slot + 2) & mask;
    slots[slot] = entry;
    slots[slot + 1] = hash;
    return probes;
  }

  #resize(length: number): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(length);
    this.#mask = length - 1;
    for (let s = 0; s < old.length; s += 2) if (old[s] !== 0) this.#place(old[s + 1]!, old[s]!);
  }
}
