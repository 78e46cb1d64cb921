/**
 * Interns NLRI (family, prefix, path identifier) as ids in order of first appearance; an id is never given twice.
 * Typed arrays: a full table is a few numbers per prefix, and nothing for the garbage collector to walk.
 */
import { type Family, formatAddress, type Prefix } from '../ip.ts';
import { HashIndex } from './hash-index.ts';
import { type NewKey, NlriHash, randomKey } from './keyed-hash.ts';
import { chunkSize, fitted, Places } from './places.ts';
import { maxId, Unused } from './unused.ts';

/** NLRIs with ids `first … first + count - 1`, as flat arrays that can be transferred to another thread. */
export interface NlriSlice {
  first: number;
  count: number;
  /** IPv4: the address. IPv6: index of its four words in `wide`. */
  words: Uint32Array<ArrayBuffer>;
  /** Prefix length, bit 8 set for IPv6. */
  meta: Uint16Array<ArrayBuffer>;
  /** Four big-endian words per IPv6 address. */
  wide: Uint32Array<ArrayBuffer>;
  /** Path identifiers (RFC 7911), absent when all are 0. */
  pathIds?: Uint32Array<ArrayBuffer>;
  /** The ids, where they are not consecutive. */
  ids?: Uint32Array<ArrayBuffer>;
}

const ipv6Bit = 0x100;
/** Set in `meta` of every id in use. */
const usedBit = 0x200;

export class NlriTable {
  /** The next id. */
  next = 0;
  /** Held by none. */
  readonly unused = new Unused();
  /** NLRIs that got no id because there are no more. */
  refused = 0;
  readonly #newKey: NewKey;
  #hash: NlriHash;
  #index: HashIndex;
  readonly #places = new Places();
  #words = new Uint32Array(1 << 10);
  #meta = new Uint16Array(1 << 10);
  /** Neighbors that have it. */
  #holders = new Uint32Array(1 << 10);
  #pathIds: Uint32Array<ArrayBuffer> | undefined;
  /** Four words a row, and whose they are; without holes. */
  #wide = new Uint32Array(1 << 10);
  #wideIds = new Uint32Array(1 << 8);
  #wideCount = 0;
  /** How many NLRIs have prefix length n. */
  readonly #lengths = { 4: new Uint32Array(33), 6: new Uint32Array(129) };

  constructor(newKey: NewKey = randomKey) {
    this.#newKey = newKey;
    this.#hash = new NlriHash(newKey);
    this.#index = new HashIndex();
  }

  /** NLRIs that have an id. */
  get count(): number {
    return this.#places.count;
  }

  /** Id of an IPv4 NLRI, made when `create`; -1 when unknown, or no ids are left. `address` has host bits zero. */
  ipv4(address: number, length: number, pathId: number, create: boolean): number {
    const hash = this.#hash.ofIpv4(address, length, pathId);
    const meta = length | usedBit;
    const word = address >>> 0;
    for (let slot = this.#index.find(hash); slot >= 0; slot = this.#index.find(hash, slot)) {
      const id = this.#index.id(slot);
      const place = this.#places.of(id);
      if (this.#words[place] === word && this.#meta[place] === meta && this.#pathId(place) === pathId) return id;
    }
    if (!create || !this.#hasNext()) return -1;
    this.#put(this.next, hash, word, meta, pathId);
    return this.next++;
  }

  /** Id of an IPv6 NLRI; `bytes` from `offset` on holds the ceil(length / 8) octets that are on the wire. */
  ipv6(bytes: Uint8Array, offset: number, length: number, pathId: number, create: boolean): number {
    const w0 = word(bytes, offset, length);
    const w1 = word(bytes, offset + 4, length - 32);
    const w2 = word(bytes, offset + 8, length - 64);
    const w3 = word(bytes, offset + 12, length - 96);
    const hash = this.#hash.ofIpv6(w0, w1, w2, w3, length, pathId);
    const meta = length | ipv6Bit | usedBit;
    for (let slot = this.#index.find(hash); slot >= 0; slot = this.#index.find(hash, slot)) {
      const id = this.#index.id(slot);
      const place = this.#places.of(id);
      if (this.#meta[place] !== meta || this.#pathId(place) !== pathId) continue;
      const at = this.#words[place]! * 4;
      const wide = this.#wide;
      if (wide[at] === w0 && wide[at + 1] === w1 && wide[at + 2] === w2 && wide[at + 3] === w3) return id;
    }
    if (!create || !this.#hasNext()) return -1;
    this.#put(this.next, hash, this.#addWide(this.next, w0, w1, w2, w3), meta, pathId);
    return this.next++;
  }

  /** Id of a prefix given as octets, or -1. */
  find(prefix: Prefix, pathId = 0): number {
    return prefix.family === 4
      ? this.ipv4(octetsToWord(prefix.bytes), prefix.length, pathId, false)
      : this.ipv6(prefix.bytes, 0, prefix.length, pathId, false);
  }

  /** Puts back an NLRI that had `id` before; nothing holds it yet. `next` is behind it afterwards. */
  restore(id: number, { family, bytes, length }: Prefix, pathId: number): void {
    this.next = id;
    if (family === 4) this.ipv4(octetsToWord(bytes), length, pathId, true);
    else this.ipv6(bytes, 0, length, pathId, true);
  }

  /** How many neighbors have it. */
  holders(id: number): number {
    return this.#holders[this.#places.of(id)] ?? 0;
  }

  /** One more neighbor has it; true when it is the first. */
  hold(id: number): boolean {
    const isFirst = this.#holders[this.#places.of(id)]!++ === 0;
    if (isFirst) this.unused.delete(id);
    return isFirst;
  }

  /** One neighbor less has it; true when it was the last. */
  release(id: number, seq: number): boolean {
    const isLast = --this.#holders[this.#places.of(id)]! === 0;
    if (isLast) this.unused.add(id, seq);
    return isLast;
  }

  /** Gives the id up: nothing holds it, and `unused` does not list it. */
  free(id: number): void {
    const place = this.#places.of(id);
    this.#index.delete(this.#hashOf(place), id);
    this.#lengths[this.family(id)][this.length(id)]!--;
    if (this.#meta[place]! & ipv6Bit) this.#deleteWide(this.#words[place]!);
    this.#meta[place] = 0;
    this.#places.delete(id, this.#move);
  }

  has(id: number): boolean {
    return (this.#meta[this.#places.of(id)] ?? 0) !== 0;
  }

  family(id: number): Family {
    return this.#meta[this.#places.of(id)]! & ipv6Bit ? 6 : 4;
  }

  /** Prefix length in bits. */
  length(id: number): number {
    return this.#meta[this.#places.of(id)]! & 0xff;
  }

  get hasPathIds(): boolean {
    return this.#pathIds !== undefined;
  }

  pathId(id: number): number {
    return this.#pathId(this.#places.of(id));
  }

  /** The n-th 32-bit word of the address; an IPv4 address has one. */
  word(id: number, n: number): number {
    const place = this.#places.of(id);
    return this.#meta[place]! & ipv6Bit ? this.#wide[this.#words[place]! * 4 + n]! : this.#words[place]!;
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
    return this.#lengths[family][length]! > 0;
  }

  /** All ids in use, ascending, from `first` on. */
  ids(first = 0): Uint32Array<ArrayBuffer> {
    const ids = new Uint32Array(this.count);
    let n = 0;
    for (const start of this.#places.chunks())
      for (let id = Math.max(start, first); id < start + chunkSize; id++) if (this.has(id)) ids[n++] = id;
    return ids.subarray(0, n);
  }

  /** All NLRIs from id `first` on, all of which are in use. */
  slice(first: number): NlriSlice {
    return this.#pick(first, this.next - first, (i) => first + i);
  }

  /** The NLRIs with these ids, all of which are in use. */
  pick(ids: Uint32Array<ArrayBuffer>): NlriSlice {
    return { ...this.#pick(0, ids.length, (i) => ids[i]!), ids };
  }

  #pick(first: number, count: number, id: (i: number) => number): NlriSlice {
    const slice: NlriSlice = {
      first,
      count,
      words: new Uint32Array(count),
      meta: new Uint16Array(count),
      wide: new Uint32Array(0),
    };
    if (this.#pathIds) slice.pathIds = new Uint32Array(count);
    const wide: number[] = [];
    for (let i = 0; i < count; i++) {
      const place = this.#places.of(id(i));
      const meta = this.#meta[place]!;
      slice.meta[i] = meta & ~usedBit;
      slice.words[i] = meta & ipv6Bit ? wide.length / 4 : this.#words[place]!;
      if (slice.pathIds) slice.pathIds[i] = this.#pathId(place);
      if (meta & ipv6Bit) for (let n = 0; n < 4; n++) wide.push(this.#wide[this.#words[place]! * 4 + n]!);
    }
    slice.wide = Uint32Array.from(wide);
    return slice;
  }

  #hasNext(): boolean {
    if (this.next <= maxId) return true;
    this.refused++;
    return false;
  }

  #pathId(place: number): number {
    return this.#pathIds === undefined ? 0 : this.#pathIds[place]!;
  }

  #put(id: number, hash: number, word: number, meta: number, pathId: number): void {
    const place = this.#places.add(id);
    this.#fit();
    this.#words[place] = word;
    this.#meta[place] = meta;
    this.#holders[place] = 0;
    if (pathId !== 0) this.#pathIds ??= new Uint32Array(this.#words.length);
    if (this.#pathIds) this.#pathIds[place] = pathId;
    this.#lengths[meta & ipv6Bit ? 6 : 4][meta & 0xff]!++;
    if (!this.#index.add(hash, id)) this.#changeKey();
  }

  #fit(): void {
    const { length } = this.#places;
    const words = fitted(this.#words, length);
    if (words === this.#words) return;
    this.#words = words;
    this.#meta = fitted(this.#meta, length);
    this.#holders = fitted(this.#holders, length);
    if (this.#pathIds) this.#pathIds = fitted(this.#pathIds, length);
  }

  readonly #move = (from: number, to: number): void => {
    for (const column of [this.#words, this.#meta, this.#holders, this.#pathIds])
      column?.copyWithin(to, from, from + chunkSize);
    this.#meta.fill(0, from, from + chunkSize);
    this.#fit();
  };

  #addWide(id: number, ...words: [number, number, number, number]): number {
    const row = this.#wideCount++;
    this.#wide = fitted(this.#wide, this.#wideCount * 4);
    this.#wideIds = fitted(this.#wideIds, this.#wideCount);
    this.#wide.set(words, row * 4);
    this.#wideIds[row] = id;
    return row;
  }

  /** The last row takes the place of the one that goes. */
  #deleteWide(row: number): void {
    const last = --this.#wideCount;
    const id = this.#wideIds[last]!;
    this.#wide.copyWithin(row * 4, last * 4, last * 4 + 4);
    this.#wideIds[row] = id;
    this.#words[this.#places.of(id)] = row;
    this.#wide = fitted(this.#wide, last * 4);
    this.#wideIds = fitted(this.#wideIds, last);
  }

  /** Probes are too long for chance: somebody knows the key, so another one is taken. */
  #changeKey(): void {
    this.#hash = new NlriHash(this.#newKey);
    this.#index = new HashIndex();
    for (const id of this.ids()) this.#index.add(this.#hashOf(this.#places.of(id)), id);
  }

  #hashOf(place: number): number {
    const meta = this.#meta[place]!;
    const at = this.#words[place]! * 4;
    const w = this.#wide;
    return meta & ipv6Bit
      ? this.#hash.ofIpv6(w[at]!, w[at + 1]!, w[at + 2]!, w[at + 3]!, meta & 0xff, this.#pathId(place))
      : this.#hash.ofIpv4(this.#words[place]!, meta & 0xff, this.#pathId(place));
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
