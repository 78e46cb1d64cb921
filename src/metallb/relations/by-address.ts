/** Things by their addresses: which of them lie in a block, in O(log n). */
import { type Address, type Cidr, compareAddresses, covers } from './cidr.ts';

export class ByAddress<T> {
  readonly #sorted: readonly { readonly address: Address; readonly item: T }[];

  constructor(items: Iterable<{ readonly address: Address; readonly item: T }>) {
    this.#sorted = [...items].sort((a, b) => compareAddresses(a.address, b.address));
  }

  /** Those with an address in the block, by address, each once. */
  within(block: Cidr): T[] {
    const first = { family: block.family, value: block.first };
    let low = 0;
    for (let high = this.#sorted.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (compareAddresses(this.#sorted[middle]!.address, first) < 0) low = middle + 1;
      else high = middle;
    }
    const found = new Set<T>();
    for (let i = low; i < this.#sorted.length && covers(block, this.#sorted[i]!.address); i++)
      found.add(this.#sorted[i]!.item);
    return [...found];
  }
}
