/** Which entry of `bgp.neighbors` an address belongs to. */
import { canonicalAddress, contains, type Prefix, parsePrefix } from '../ip.ts';
import type { OwnNeighbor } from './types.ts';

export class Ranges {
  /** Longest range first. */
  readonly #entries: readonly { entry: OwnNeighbor; range: Prefix }[];

  constructor(entries: readonly OwnNeighbor[]) {
    this.#entries = entries
      .map((entry) => ({ entry, range: parsePrefix(entry.range)! }))
      .sort((a, b) => b.range.length - a.range.length);
  }

  /** The entry with the longest range that contains the host. */
  entryOf(host: Prefix | undefined): OwnNeighbor | undefined {
    return host && this.#entries.find(({ range }) => contains(range, host))?.entry;
  }

  /** Entries for a single address, with that address. */
  *single(): Generator<{ entry: OwnNeighbor; address: string }> {
    for (const { entry, range } of this.#entries)
      if (range.length === (range.family === 4 ? 32 : 128))
        yield { entry, address: entry.range.slice(0, entry.range.indexOf('/')) };
  }
}

/** Canonical, without interface; the IPv4 address of a mapped one, which is what a socket for both families tells. */
export function plainAddress(address: string): string {
  const plain = address.replace(/%.*$/, '');
  return (canonicalAddress(plain) ?? plain).replace(/^::ffff:(?=\d+\.)/, '');
}

/** The host prefix of an address, however it is written. */
export const hostOf = (address: string): Prefix | undefined => parsePrefix(plainAddress(address));
