/**
 * Interns attribute blocks (wire/walk.ts says what a block is) by their bytes. Routes of one service over a thousand
 * sessions share one copy, and meaning is decoded once per distinct block, when somebody looks.
 */

/** Blocks with ids `first … first + lengths.length - 1`, one after the other in `bytes`; transferable. */
export interface AttributeSlice {
  first: number;
  lengths: Uint16Array<ArrayBuffer>;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Blocks live in segments so that growing copies nothing; a block (≤ 65,535 octets) never straddles two. */
const segmentBits = 20;
const segmentSize = 1 << segmentBits;
/** Place of an id that stands for nothing. */
const leftOut = -1;

export class AttributeTable {
  count = 0;
  #mask: number;
  /** id + 1; 0 = free */
  #slots: Int32Array<ArrayBuffer>;
  #hashes: Uint32Array<ArrayBuffer>;
  /** segment << segmentBits | offset within it */
  #places: Float64Array<ArrayBuffer>;
  #lengths: Uint16Array<ArrayBuffer>;
  #segments: Uint8Array<ArrayBuffer>[] = [];
  #used = segmentSize;

  constructor(capacity = 1 << 10) {
    this.#mask = capacity - 1;
    this.#slots = new Int32Array(capacity);
    this.#hashes = new Uint32Array(capacity >> 1);
    this.#places = new Float64Array(capacity >> 1);
    this.#lengths = new Uint16Array(capacity >> 1);
  }

  /** Id of the block `bytes[start..end)`; it is copied when new. */
  intern(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    const hash = hashBytes(bytes, start, end);
    let slot = hash & this.#mask;
    for (let id = this.#slots[slot]! - 1; id >= 0; slot = (slot + 1) & this.#mask, id = this.#slots[slot]! - 1) {
      if (this.#hashes[id] === hash && this.#lengths[id] === length && this.#equals(id, bytes, start)) return id;
    }
    const id = this.count++;
    if (id >= this.#hashes.length) {
      this.#grow();
      for (slot = hash & this.#mask; this.#slots[slot] !== 0; ) slot = (slot + 1) & this.#mask;
    }
    if (this.#used + length > segmentSize) {
      this.#segments.push(new Uint8Array(segmentSize));
      this.#used = 0;
    }
    const segment = this.#segments.length - 1;
    this.#segments[segment]!.set(bytes.subarray(start, end), this.#used);
    this.#hashes[id] = hash;
    this.#places[id] = segment * segmentSize + this.#used;
    this.#lengths[id] = length;
    this.#used += length;
    this.#slots[slot] = id + 1;
    return id;
  }

  /** Gives the next id to nothing: what had it is not needed any more. */
  leaveOut(): void {
    const id = this.count++;
    if (id >= this.#hashes.length) this.#grow();
    this.#places[id] = leftOut;
  }

  /** The block itself; a view, not to be written to. */
  bytes(id: number): Uint8Array {
    const place = this.#places[id]!;
    const offset = place % segmentSize;
    return this.#segments[Math.floor(place / segmentSize)]!.subarray(offset, offset + this.#lengths[id]!);
  }

  /** All blocks from id `first` on. */
  slice(first: number): AttributeSlice {
    const lengths = this.#lengths.slice(first, this.count);
    const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
    for (let i = 0, offset = 0; i < lengths.length; offset += lengths[i++]!) bytes.set(this.bytes(first + i), offset);
    return { first, lengths, bytes };
  }

  #equals(id: number, bytes: Uint8Array, start: number): boolean {
    const place = this.#places[id]!;
    const segment = this.#segments[Math.floor(place / segmentSize)]!;
    const offset = place % segmentSize;
    for (let i = this.#lengths[id]! - 1; i >= 0; i--) if (segment[offset + i] !== bytes[start + i]) return false;
    return true;
  }

  #grow(): void {
    const capacity = (this.#mask + 1) * 2;
    const hashes = new Uint32Array(capacity >> 1);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    const places = new Float64Array(capacity >> 1);
    places.set(this.#places);
    this.#places = places;
    const lengths = new Uint16Array(capacity >> 1);
    lengths.set(this.#lengths);
    this.#lengths = lengths;
    this.#slots = new Int32Array(capacity);
    this.#mask = capacity - 1;
    for (let id = 0; id < this.count - 1; id++) {
      if (places[id] === leftOut) continue;
      let slot = hashes[id]! & this.#mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = id + 1;
    }
  }
}

/** Four octets a round; well mixed, since sets differ in a few bits only. */
function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let h = 0x9747b28c ^ (end - start);
  let i = start;
  for (; i + 4 <= end; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    h = Math.imul(h ^ word, 0x85ebca6b);
    h ^= h >>> 15;
  }
  for (; i < end; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
