/**
 * Hashes with a secret. Neighbors choose prefixes and attributes; without the secret they cannot choose any that
 * collide more than chance would have it.
 */
import { randomFillSync } from 'node:crypto';

/** Makes the secret of a hash: so many random 32-bit words. */
export type NewKey = (words: number) => Uint32Array;

export const randomKey: NewKey = (words) => randomFillSync(new Uint32Array(words));

/** One random word for each value of each octet. */
const octetValues = 256;
/** Octets of the longest address, of a path identifier, and one for family and length. */
const nlriOctets = 16 + 4 + 1;

/** Simple tabulation (Zobrist; Pătraşcu and Thorup): the random words of all octets, xored. For keys of fixed length. */
export class NlriHash {
  readonly #table: Uint32Array;

  constructor(newKey: NewKey) {
    this.#table = newKey(nlriOctets * octetValues);
  }

  /** @param tail what no octet of the address says: prefix length, family. @returns an unsigned 32-bit integer. */
  ofIpv4(address: number, tail: number, pathId: number): number {
    const hash = this.#ofWord(address, 0) ^ this.#table[(20 * octetValues) | (tail & 0xff)]!;
    return (pathId === 0 ? hash : hash ^ this.#ofWord(pathId, 16)) >>> 0;
  }

  ofIpv6(w0: number, w1: number, w2: number, w3: number, tail: number, pathId: number): number {
    const rest = this.#ofWord(w1, 4) ^ this.#ofWord(w2, 8) ^ this.#ofWord(w3, 12);
    return (this.ofIpv4(w0, tail, pathId) ^ rest) >>> 0;
  }

  #ofWord(word: number, position: number): number {
    const table = this.#table;
    const at = position * octetValues;
    return (
      table[at + (word & 0xff)]! ^
      table[at + 256 + ((word >>> 8) & 0xff)]! ^
      table[at + 512 + ((word >>> 16) & 0xff)]! ^
      table[at + 768 + (word >>> 24)]!
    );
  }
}

const finalRounds = 3;

/** HalfSipHash-1-3 (Aumasson and Bernstein): for octets of any length. */
export class BlockHash {
  readonly #key: Int32Array;

  constructor(newKey: NewKey) {
    this.#key = Int32Array.from(newKey(2));
  }

  /** Hash of `bytes[start..end)`, an unsigned 32-bit integer. */
  of(bytes: Uint8Array, start: number, end: number): number {
    let v0 = this.#key[0]!;
    let v1 = this.#key[1]!;
    let v2 = 0x6c796765 ^ v0;
    let v3 = 0x74656462 ^ v1;
    const whole = end - ((end - start) & 3);
    for (let at = start, final = finalRounds; final >= 0; at += 4) {
      let word = 0;
      if (at < whole) word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
      else if (at === whole) {
        word = (end - start) << 24;
        for (let i = at; i < end; i++) word |= bytes[i]! << ((i - at) << 3);
      }
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
      if (at === whole) v2 ^= 0xff;
      if (at >= whole) final--;
    }
    return (v1 ^ v3) >>> 0;
  }
}
