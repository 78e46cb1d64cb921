/**
 * Changes of the RIB as fixed-size entries in one transferable buffer: what the collector hands to the store, what
 * the `changes` table keeps, and what a resumed feed is read from.
 *
 *     entry  seq f64 | at f64 | action << 28 + neighbor u32 | nlri u32 | attributes u32 | previous u32
 *
 * `attributes` and `previous` are interned ids + 1; 0 = none. Little-endian, as typed arrays are on every platform
 * that Node runs on.
 */
import type { StoredChange } from './types.ts';
import { type ChangeAction, changeActions } from './types.ts';

export const changeLength = 32;
const neighborMask = 0x0fffffff;
/** So that neighbor * 2^32 + NLRI, the key of a route on disk, is an exact number. */
export const maxNeighborId = 2 ** 21 - 1;

export const ActionCode = { announced: 0, replaced: 1, withdrawn: 2, stale: 3, refreshed: 4 } as const satisfies Record<
  ChangeAction,
  number
>;

/** `count` entries at the start of `buffer`. */
export interface ChangeList {
  buffer: ArrayBuffer;
  count: number;
}

export class ChangeLog {
  count = 0;
  #floats: Float64Array<ArrayBuffer>;
  #words: Uint32Array<ArrayBuffer>;

  constructor(capacity = 256) {
    this.#floats = new Float64Array(capacity * 4);
    this.#words = new Uint32Array(this.#floats.buffer);
  }

  append(
    seq: number,
    at: number,
    action: number,
    neighbor: number,
    nlri: number,
    attributes: number,
    previous: number,
  ): void {
    if (this.count * 4 === this.#floats.length) {
      const floats = new Float64Array(this.#floats.length * 2);
      floats.set(this.#floats);
      this.#floats = floats;
      this.#words = new Uint32Array(floats.buffer);
    }
    const f = this.count * 4;
    this.#floats[f] = seq;
    this.#floats[f + 1] = at;
    const w = this.count * 8 + 4;
    this.#words[w] = (action << 28) | neighbor;
    this.#words[w + 1] = nlri;
    this.#words[w + 2] = attributes;
    this.#words[w + 3] = previous;
    this.count++;
  }

  /** What was appended, in a buffer of just that size; the log is empty again. */
  take(): ChangeList {
    const list = { buffer: this.#floats.buffer.slice(0, this.count * changeLength), count: this.count };
    this.count = 0;
    return list;
  }
}

/** The entries in a new buffer, their times moved by `ms`. */
export function shiftChanges({ buffer, count }: ChangeList, ms: number): ArrayBuffer {
  const shifted = buffer.slice(0);
  const floats = new Float64Array(shifted);
  for (let i = 0; i < count; i++) floats[i * 4 + 1]! += ms;
  return shifted;
}

/** Reads entries in place. */
export class ChangeReader {
  readonly count: number;
  readonly #floats: Float64Array;
  readonly #words: Uint32Array;

  constructor(list: ChangeList) {
    this.count = list.count;
    this.#floats = new Float64Array(list.buffer, 0, list.count * 4);
    this.#words = new Uint32Array(list.buffer, 0, list.count * 8);
  }

  seq(i: number): number {
    return this.#floats[i * 4]!;
  }

  at(i: number): number {
    return this.#floats[i * 4 + 1]!;
  }

  /** One of ActionCode. */
  action(i: number): number {
    return this.#words[i * 8 + 4]! >>> 28;
  }

  neighbor(i: number): number {
    return this.#words[i * 8 + 4]! & neighborMask;
  }

  nlri(i: number): number {
    return this.#words[i * 8 + 5]!;
  }

  attributes(i: number): number {
    return this.#words[i * 8 + 6]!;
  }

  previous(i: number): number {
    return this.#words[i * 8 + 7]!;
  }

  get(i: number): StoredChange {
    return {
      seq: this.seq(i),
      at: this.at(i),
      action: changeActions[this.action(i)]!,
      neighbor: this.neighbor(i),
      nlri: this.nlri(i),
      attributes: this.attributes(i),
      previous: this.previous(i),
    };
  }

  toArray(): StoredChange[] {
    return Array.from({ length: this.count }, (_, i) => this.get(i));
  }
}

/** Neighbor and NLRI of each change, repeated where a route changed twice. */
export function* touchedRoutes(changes: ChangeList): Generator<{ neighbor: number; nlri: number }> {
  const reader = new ChangeReader(changes);
  for (let i = 0; i < reader.count; i++) yield { neighbor: reader.neighbor(i), nlri: reader.nlri(i) };
}
