/**
 * The rows of one match: for each prefix a packed state and, where it ever changed, since when. Two octets a row in
 * pages allocated on first touch; a cluster has millions of rows and nearly all of them are ok.
 */
import type { FieldMask } from './compare.ts';
import { type ReasonCode, reasonCodes, reasons } from './reasons.ts';
import { type VerdictWord, verdicts } from './types.ts';

/** What is kept of an evaluation: `reason | fields << 8 | expected << 15`; 0 = no row. */
export type RowState = number;

const pageBits = 8;
const pageSize = 1 << pageBits;
const expectedBit = 0x8000;

interface Page {
  /** Rows. */
  count: number;
  /** epoch ms of the last entry in `since` or `expectedAt`. */
  changedAt: number;
  state: Uint16Array<ArrayBuffer>;
  /** epoch ms of the last change of verdict; present once a row of the page changed after the first look at it. */
  since: Float64Array<ArrayBuffer> | undefined;
  /** epoch ms of the last change of the expectation itself; present once one changed. */
  expectedAt: Float64Array<ArrayBuffer> | undefined;
}

const codeOf = new Map(reasonCodes.map((code, i) => [code, i + 1]));
const wordIndexOf = Uint8Array.from([0, ...reasonCodes.map((code) => verdicts.indexOf(reasons[code].verdict))]);

/** Fields are kept only where they are the finding: differences of a pending row come and go unnoticed. */
export function packState(reason: ReasonCode, fields: FieldMask, expected: boolean): RowState {
  const kept = reasons[reason].verdict === 'mismatch' ? fields << 8 : 0;
  return codeOf.get(reason)! | kept | (expected ? expectedBit : 0);
}

export const isExpected = (state: RowState): boolean => (state & expectedBit) !== 0;

/** Do two states say the same, be it expected or not? */
export const sameFinding = (a: RowState, b: RowState): boolean => (a & ~expectedBit) === (b & ~expectedBit);

/** Position of the state's word in `verdicts`. */
export const wordIndex = (state: RowState): number => wordIndexOf[state & 0xff]!;

/** Position of the state's reason in `reasonCodes`; -1 for no row. */
export const reasonIndex = (state: RowState): number => (state & 0xff) - 1;

/** Verdict word of a state, null for no row. */
export const wordOf = (state: RowState): VerdictWord | null => (state === 0 ? null : verdicts[wordIndex(state)]!);

export class Rows {
  /** Rows by word, in the order of `verdicts`. */
  readonly counts = new Uint32Array(verdicts.length);
  /** Expected rows. */
  expected = 0;
  /** Rows by reason, as in a state. */
  readonly #reasons = new Uint32Array(reasonCodes.length + 1);
  readonly #pages = new Map<number, Page>();

  get(prefix: number): RowState {
    return this.#pages.get(prefix >> pageBits)?.state[prefix & (pageSize - 1)] ?? 0;
  }

  set(prefix: number, state: RowState): void {
    const page = this.#page(prefix);
    const i = prefix & (pageSize - 1);
    const before = page.state[i]!;
    if (before !== 0) this.#count(before, -1);
    if (state !== 0) this.#count(state, 1);
    page.count += Number(state !== 0) - Number(before !== 0);
    page.state[i] = state;
  }

  /** How many rows have the reason; as numbered in `reasonCodes`. */
  ofReason(index: number): number {
    return this.#reasons[index + 1]!;
  }

  #count(state: RowState, by: 1 | -1): void {
    this.counts[wordIndex(state)]! += by;
    this.#reasons[state & 0xff]! += by;
    if (isExpected(state)) this.expected += by;
  }

  /** epoch ms of the last change of verdict, 0 when it is what it was at the first look. */
  since(prefix: number): number {
    return this.#pages.get(prefix >> pageBits)?.since?.[prefix & (pageSize - 1)] ?? 0;
  }

  setSince(prefix: number, at: number): void {
    const page = this.#page(prefix);
    page.since ??= new Float64Array(pageSize);
    page.since[prefix & (pageSize - 1)] = page.changedAt = at;
  }

  /** epoch ms of the last change of the expectation, -Infinity when it never changed. */
  expectedAt(prefix: number): number {
    return this.#pages.get(prefix >> pageBits)?.expectedAt?.[prefix & (pageSize - 1)] ?? Number.NEGATIVE_INFINITY;
  }

  setExpectedAt(prefix: number, at: number): void {
    const page = this.#page(prefix);
    page.expectedAt ??= new Float64Array(pageSize).fill(Number.NEGATIVE_INFINITY);
    page.expectedAt[prefix & (pageSize - 1)] = page.changedAt = at;
  }

  /** Lets go of pages without rows in which nothing changed after `before` (epoch ms). */
  trim(before: number): void {
    for (const [number, page] of this.#pages)
      if (page.count === 0 && page.changedAt <= before) this.#pages.delete(number);
  }

  /** Prefix ids that have a row. May be walked in pieces while rows change; rows that come meanwhile may be left out. */
  *prefixes(): Generator<number> {
    for (const [number, page] of this.#pages) {
      for (let i = 0; i < pageSize; i++) if (page.state[i] !== 0) yield number * pageSize + i;
    }
  }

  /** Prefix ids whose row has one of the words (as in `verdicts`). */
  *withWord(...words: VerdictWord[]): Generator<number> {
    const wanted = new Set(words.map((word) => verdicts.indexOf(word)));
    for (const prefix of this.prefixes()) if (wanted.has(wordIndex(this.get(prefix)))) yield prefix;
  }

  #page(prefix: number): Page {
    let page = this.#pages.get(prefix >> pageBits);
    if (page === undefined) {
      page = { count: 0, changedAt: 0, state: new Uint16Array(pageSize), since: undefined, expectedAt: undefined };
      this.#pages.set(prefix >> pageBits, page);
    }
    return page;
  }
}
