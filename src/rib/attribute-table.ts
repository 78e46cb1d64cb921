/**
 * Interns attribute blocks (wire/walk.ts says what a block is) by their bytes. Routes of one service over a thousand
 * sessions share one copy, and meaning is decoded once per distinct block, when somebody looks. Ids are in order of
 * first appearance; an id is never given twice.
 */
import { HashIndex } from './hash-index.ts';
import { BlockHash, type NewKey, randomKey } from './keyed-hash.ts';
import { chunkSize, fitted, Places } from './places.ts';
import { maxId, Unused } from './unused.ts';

/** Blocks with ids `first … first + lengths.length - 1`, one after the other in `bytes`; transferable. */
export interface AttributeSlice {
  first: number;
  lengths: Uint16Array<ArrayBuffer>;
  bytes: Uint8Array<ArrayBuffer>;
  /** The ids, where they are not consecutive. */
  ids?: Uint32Array<ArrayBuffer>;
}

/** Blocks live in segments so that growing copies nothing; a block (≤ 65,535 octets) never straddles two. */
const segmentSize = 1 << 20;
/** Octets that a block takes beside its own: columns, index, a place in `unused`. */
const overhead = 64;
/** In front of each block: its id and its length. */
const headLength = 6;

interface Segment {
  bytes: Uint8Array<ArrayBuffer>;
  /** Octets written. */
  used: number;
  /** Octets of blocks that are in use. */
  live: number;
}

export class AttributeTable {
  /** The next id. */
  next = 0;
  /** In no route. */
  readonly unused = new Unused();
  /** Octets that those blocks take. */
  unusedBytes = 0;
  /** Blocks that got no id because there are no more. */
  refused = 0;
  readonly #newKey: NewKey;
  #hash: BlockHash;
  #index = new HashIndex();
  readonly #places = new Places();
  /** 1 + segment * segmentSize + offset within it; 0 = not in use */
  #locations = new Float64Array(1 << 9);
  /** Routes that have it. */
  #uses = new Uint32Array(1 << 9);
  readonly #segments: (Segment | undefined)[] = [];
  readonly #freeSegments: number[] = [];
  #current = -1;

  constructor(newKey: NewKey = randomKey) {
    this.#newKey = newKey;
    this.#hash = new BlockHash(newKey);
  }

  /** Blocks that have an id. */
  get count(): number {
    return this.#places.count;
  }

  /** Id of the block `bytes[start..end)`, which is copied when new; -1 when no ids are left. */
  intern(bytes: Uint8Array, start: number, end: number): number {
    const hash = this.#hash.of(bytes, start, end);
    for (let slot = this.#index.find(hash); slot >= 0; slot = this.#index.find(hash, slot)) {
      const id = this.#index.id(slot);
      if (this.#equals(id, bytes, start, end - start)) return id;
    }
    if (this.next > maxId) {
      this.refused++;
      return -1;
    }
    const id = this.next++;
    const place = this.#places.add(id);
    this.#fit();
    this.#uses[place] = 0;
    this.#locations[place] = this.#write(id, bytes, start, end);
    if (!this.#index.add(hash, id)) this.#changeKey();
    return id;
  }

  /** Puts back a block that had `id` before; no route has it yet. `next` is behind it afterwards. */
  restore(id: number, block: Uint8Array): void {
    this.next = id;
    this.intern(block, 0, block.length);
  }

  /** One more route has it. */
  hold(id: number): void {
    if (this.#uses[this.#places.of(id)]!++ > 0 || !this.unused.delete(id)) return;
    this.unusedBytes -= this.bytes(id).length + overhead;
  }

  /** One route less has it. */
  release(id: number, seq: number): void {
    if (--this.#uses[this.#places.of(id)]! > 0) return;
    this.unused.add(id, seq);
    this.unusedBytes += this.bytes(id).length + overhead;
  }

  /** At most `limit` ids that no route had after `seq`, taken off `unused`. */
  takeUnused(seq: number, limit: number): number[] {
    const ids = this.unused.take(seq, limit);
    for (const id of ids) this.unusedBytes -= this.bytes(id).length + overhead;
    return ids;
  }

  /** Gives the id up: no route has it, and `unused` does not list it. */
  free(id: number): void {
    const block = this.bytes(id);
    this.#index.delete(this.#hash.of(block, 0, block.length), id);
    const place = this.#places.of(id);
    const number = Math.floor((this.#locations[place]! - 1) / segmentSize);
    this.#locations[place] = 0;
    this.#places.delete(id, this.#move);
    const segment = this.#segments[number]!;
    segment.live -= block.length + headLength;
    if (number !== this.#current && segment.live * 2 < segment.used) this.#evacuate(number);
  }

  /** How many routes have it. */
  uses(id: number): number {
    return this.#uses[this.#places.of(id)] ?? 0;
  }

  has(id: number): boolean {
    return (this.#locations[this.#places.of(id)] ?? 0) !== 0;
  }

  /** The block itself: a view, valid until a block is freed, not to be written to. */
  bytes(id: number): Uint8Array {
    const location = this.#locations[this.#places.of(id)]! - 1;
    const { bytes } = this.#segments[Math.floor(location / segmentSize)]!;
    const start = (location % segmentSize) + headLength;
    return bytes.subarray(start, start + lengthAt(bytes, start - 2));
  }

  /** All blocks from id `first` on, all of which are in use. */
  slice(first: number): AttributeSlice {
    return this.#pick(first, this.next - first, (i) => first + i);
  }

  /** All ids in use, ascending. */
  ids(): Uint32Array<ArrayBuffer> {
    const ids: number[] = [];
    for (const start of this.#places.chunks())
      for (let id = start; id < start + chunkSize; id++) if (this.has(id)) ids.push(id);
    return Uint32Array.from(ids);
  }

  /** The blocks with these ids, all of which are in use. */
  pick(ids: Uint32Array<ArrayBuffer>): AttributeSlice {
    return { ...this.#pick(0, ids.length, (i) => ids[i]!), ids };
  }

  #pick(first: number, count: number, id: (i: number) => number): AttributeSlice {
    const blocks = Array.from({ length: count }, (_, i) => this.bytes(id(i)));
    const lengths = Uint16Array.from(blocks, ({ length }) => length);
    const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
    for (let i = 0, offset = 0; i < lengths.length; offset += lengths[i++]!) bytes.set(blocks[i]!, offset);
    return { first, lengths, bytes };
  }

  #equals(id: number, bytes: Uint8Array, start: number, length: number): boolean {
    const location = this.#locations[this.#places.of(id)]! - 1;
    const segment = this.#segments[Math.floor(location / segmentSize)]!.bytes;
    const offset = (location % segmentSize) + headLength;
    if (lengthAt(segment, offset - 2) !== length) return false;
    for (let i = length - 1; i >= 0; i--) if (segment[offset + i] !== bytes[start + i]) return false;
    return true;
  }

  /** Appends a block; its location. */
  #write(id: number, bytes: Uint8Array, start: number, end: number): number {
    const size = end - start + headLength;
    let segment = this.#segments[this.#current];
    if (segment === undefined || segment.used + size > segmentSize) segment = this.#newSegment();
    const at = segment.used;
    const target = segment.bytes;
    target[at] = id >>> 24;
    target[at + 1] = id >>> 16;
    target[at + 2] = id >>> 8;
    target[at + 3] = id;
    target[at + 4] = (end - start) >>> 8;
    target[at + 5] = end - start;
    target.set(bytes.subarray(start, end), at + headLength);
    segment.used += size;
    segment.live += size;
    return 1 + this.#current * segmentSize + at;
  }

  #newSegment(): Segment {
    const full = this.#current;
    this.#current = this.#freeSegments.pop() ?? this.#segments.length;
    const segment = { bytes: new Uint8Array(segmentSize), used: 0, live: 0 };
    this.#segments[this.#current] = segment;
    const { used = 0, live = 0 } = this.#segments[full] ?? {};
    if (live * 2 < used) this.#evacuate(full);
    return this.#segments[this.#current]!;
  }

  /** Copies the few blocks of a segment that are in use to the current one, and lets go of the rest. */
  #evacuate(number: number): void {
    const { bytes, used } = this.#segments[number]!;
    for (let at = 0; at < used; ) {
      const id = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
      const start = at + headLength;
      const end = start + lengthAt(bytes, at + 4);
      const place = this.#places.of(id);
      if (this.#locations[place] === 1 + number * segmentSize + at)
        this.#locations[place] = this.#write(id, bytes, start, end);
      at = end;
    }
    this.#segments[number] = undefined;
    this.#freeSegments.push(number);
  }

  #fit(): void {
    this.#locations = fitted(this.#locations, this.#places.length);
    this.#uses = fitted(this.#uses, this.#places.length);
  }

  readonly #move = (from: number, to: number): void => {
    this.#locations.copyWithin(to, from, from + chunkSize);
    this.#locations.fill(0, from, from + chunkSize);
    this.#uses.copyWithin(to, from, from + chunkSize);
    this.#fit();
  };

  /** Probes are too long for chance: somebody knows the key, so another one is taken. */
  #changeKey(): void {
    this.#hash = new BlockHash(this.#newKey);
    this.#index = new HashIndex();
    for (const id of this.ids()) {
      const block = this.bytes(id);
      this.#index.add(this.#hash.of(block, 0, block.length), id);
    }
  }
}

const lengthAt = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
