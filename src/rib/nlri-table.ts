/**
 * Interns NLRI (family, prefix, path identifier) as dense ids, in order of first appearance. Open addressing over
 * typed arrays: a full table is a few numbers per prefix, and nothing for the garbage collector to walk.
 */
import { type Family, formatAddress, type Prefix } from '../ip.ts';

/** NLRIs with ids `first … first + count - 1`, as flat arrays that can be transferred to another thread. */
export interface NlriSlice {
  first: number;
  count: number;
  /** IPv4: the address. IPv6: index of its four words in `wide`, relative to the slice. */
  words: Uint32Array<ArrayBuffer>;
  /** Prefix length, bit 8 set for IPv6. */
  meta: Uint16Array<ArrayBuffer>;
  /** Four big-endian words per IPv6 address. */
  wide: Uint32Array<ArrayBuffer>;
  /** Path identifiers (RFC 7911), absent when all are 0. */
  pathIds?: Uint32Array<ArrayBuffer>;
}

const ipv6Bit = 0x100;

export class NlriTable {
  count = 0;
  #mask: number;
  /** id + 1; 0 = free */
  #slots: Int32Array<ArrayBuffer>;
  #words: Uint32Array<ArrayBuffer>;
  #meta: Uint16Array<ArrayBuffer>;
  #wide = new Uint32Array(256);
  #wideCount = 0;
  #pathIds: Uint32Array<ArrayBuffer> | undefined;
  /** Bit n of lengths[family]: some NLRI has prefix length n. */
  readonly #lengths: { 4: boolean[]; 6: boolean[] } = { 4: [], 6: [] };

  constructor(capacity = 1 << 12) {
    this.#mask = capacity - 1;
    this.#slots = new Int32Array(capacity);
    this.#words = new Uint32Array(capacity >> 1);
    this.#meta = new Uint16Array(capacity >> 1);
  }

  /** Id of an IPv4 NLRI, made when `create`, else -1 when unknown. `address` has host bits zero. */
  ipv4(address: number, length: number, pathId: number, create: boolean): number {
    const hash = mix(address ^ Math.imul(length, 0x9e3779b1) ^ Math.imul(pathId, 0x27d4eb2f));
    const word = address >>> 0;
    let slot = hash & this.#mask;
    for (let id = this.#slots[slot]! - 1; id >= 0; slot = (slot + 1) & this.#mask, id = this.#slots[slot]! - 1) {
      if (this.#words[id] === word && this.#meta[id] === length && this.pathId(id) === pathId) return id;
    }
    return create ? this.#add(slot, hash, word, length, pathId) : -1;
  }

  /** Id of an IPv6 NLRI; `bytes` from `offset` on holds the ceil(length / 8) octets that are on the wire. */
  ipv6(bytes: Uint8Array, offset: number, length: number, pathId: number, create: boolean): number {
    const w0 = word(bytes, offset, length);
    const w1 = word(bytes, offset + 4, length - 32);
    const w2 = word(bytes, offset + 8, length - 64);
    const w3 = word(bytes, offset + 12, length - 96);
    const hash = mix(mix(mix(mix(w0) ^ w1) ^ w2) ^ w3 ^ Math.imul(length, 0x9e3779b1) ^ Math.imul(pathId, 0x27d4eb2f));
    const meta = length | ipv6Bit;
    let slot = hash & this.#mask;
    for (let id = this.#slots[slot]! - 1; id >= 0; slot = (slot + 1) & this.#mask, id = this.#slots[slot]! - 1) {
      if (this.#meta[id] !== meta || this.pathId(id) !== pathId) continue;
      const at = this.#words[id]! * 4;
      const wide = this.#wide;
      if (wide[at] === w0 && wide[at + 1] === w1 && wide[at + 2] === w2 && wide[at + 3] === w3) return id;
    }
    if (!create) return -1;
    if (this.#wideCount * 4 + 4 > this.#wide.length) this.#wide = grown(this.#wide, this.#wide.length * 2);
    this.#wide.set([w0, w1, w2, w3], this.#wideCount * 4);
    return this.#add(slot, hash, this.#wideCount++, meta, pathId);
  }

  /** Id of a prefix given as octets, or -1. */
  find(prefix: Prefix, pathId = 0): number {
    return prefix.family === 4
      ? this.ipv4(octetsToWord(prefix.bytes), prefix.length, pathId, false)
      : this.ipv6(prefix.bytes, 0, prefix.length, pathId, false);
  }

  family(id: number): Family {
    return this.#meta[id]! & ipv6Bit ? 6 : 4;
  }

  /** Prefix length in bits. */
  length(id: number): number {
    return this.#meta[id]! & 0xff;
  }

  get hasPathIds(): boolean {
    return this.#pathIds !== undefined;
  }

  pathId(id: number): number {
    return this.#pathIds === undefined ? 0 : this.#pathIds[id]!;
  }

  /** The n-th 32-bit word of the address; an IPv4 address has one. */
  word(id: number, n: number): number {
    return this.#meta[id]! & ipv6Bit ? this.#wide[this.#words[id]! * 4 + n]! : this.#words[id]!;
  }

  /** Address octets (4 or 16). */
  octets(id: number): Uint8Array {
    return addressOctets(this.family(id), (n) => this.word(id, n));
  }

  /** RFC 5952 text, `address/length`. */
  text(id: number): string {
    return `${formatAddress(this.octets(id))}/${this.length(id)}`;
  }

  hasLength(family: Family, length: number): boolean {
    return this.#lengths[family][length] === true;
  }

  /** All NLRIs from id `first` on. */
  slice(first: number): NlriSlice {
    const words = this.#words.slice(first, this.count);
    const meta = this.#meta.slice(first, this.count);
    let wideFirst = -1;
    for (let i = 0; i < words.length; i++) {
      if (!(meta[i]! & ipv6Bit)) continue;
      if (wideFirst < 0) wideFirst = words[i]!;
      words[i] = words[i]! - wideFirst;
    }
    const wide = wideFirst < 0 ? new Uint32Array(0) : this.#wide.slice(wideFirst * 4, this.#wideCount * 4);
    const slice: NlriSlice = { first, count: words.length, words, meta, wide };
    if (this.#pathIds) slice.pathIds = this.#pathIds.slice(first, this.count);
    return slice;
  }

  #add(slot: number, hash: number, word: number, meta: number, pathId: number): number {
    const id = this.count++;
    if (id >= this.#words.length) {
      this.#grow();
      for (slot = hash & this.#mask; this.#slots[slot] !== 0; ) slot = (slot + 1) & this.#mask;
    }
    this.#words[id] = word;
    this.#meta[id] = meta;
    if (pathId !== 0) this.#pathIds ??= new Uint32Array(this.#words.length);
    if (this.#pathIds) this.#pathIds[id] = pathId;
    this.#slots[slot] = id + 1;
    this.#lengths[meta & ipv6Bit ? 6 : 4][meta & 0xff] = true;
    return id;
  }

  #grow(): void {
    const capacity = (this.#mask + 1) * 2;
    this.#words = grown(this.#words, capacity >> 1);
    this.#meta = grown(this.#meta, capacity >> 1);
    if (this.#pathIds) this.#pathIds = grown(this.#pathIds, capacity >> 1);
    this.#slots = new Int32Array(capacity);
    this.#mask = capacity - 1;
    for (let id = 0; id < this.count - 1; id++) {
      let slot = this.#hash(id) & this.#mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = id + 1;
    }
  }

  #hash(id: number): number {
    const tail = Math.imul(this.length(id), 0x9e3779b1) ^ Math.imul(this.pathId(id), 0x27d4eb2f);
    if (this.family(id) === 4) return mix(this.#words[id]! ^ tail);
    return mix(mix(mix(mix(this.word(id, 0)) ^ this.word(id, 1)) ^ this.word(id, 2)) ^ this.word(id, 3) ^ tail);
  }
}

/** Text of the i-th NLRI of a slice, and its path id. */
export function sliceText(slice: NlriSlice, i: number): { prefix: string; family: Family; pathId: number } {
  const meta = slice.meta[i]!;
  const family: Family = meta & ipv6Bit ? 6 : 4;
  const length = meta & 0xff;
  const pathId = slice.pathIds ? slice.pathIds[i]! : 0;
  const w = slice.words[i]!;
  if (family === 4)
    return { prefix: `${w >>> 24}.${(w >>> 16) & 255}.${(w >>> 8) & 255}.${w & 255}/${length}`, family, pathId };
  return { prefix: `${formatAddress(addressOctets(6, (n) => slice.wide[w * 4 + n]!))}/${length}`, family, pathId };
}

/** The four octets of an IPv4 address as one unsigned word. */
export function octetsToWord(bytes: Uint8Array, offset = 0): number {
  return ((bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!) >>> 0;
}

function addressOctets(family: Family, word: (n: number) => number): Uint8Array {
  const octets = new Uint8Array(family === 4 ? 4 : 16);
  for (let n = 0; n * 4 < octets.length; n++) {
    const w = word(n);
    octets[n * 4] = w >>> 24;
    octets[n * 4 + 1] = w >>> 16;
    octets[n * 4 + 2] = w >>> 8;
    octets[n * 4 + 3] = w;
  }
  return octets;
}

/** 32 bits of an address of which only `bits` more bits are significant (and on the wire); the rest is zero. */
function word(bytes: Uint8Array, offset: number, bits: number): number {
  if (bits <= 0) return 0;
  let value = bytes[offset]! << 24;
  if (bits > 8) value |= bytes[offset + 1]! << 16;
  if (bits > 16) value |= bytes[offset + 2]! << 8;
  if (bits > 24) value |= bytes[offset + 3]!;
  return (bits >= 32 ? value : value & ~(0xffffffff >>> bits)) >>> 0;
}

function mix(value: number): number {
  let h = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35);
  return h ^ (h >>> 13);
}

function grown<T extends Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>(old: T, length: number): T {
  const larger = new (old.constructor as new (n: number) => T)(length);
  larger.set(old);
  return larger;
}
