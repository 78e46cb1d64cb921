/**
 * Prefixes that verdicts speak of, as small numbers, whether a neighbor announces them or not. Ties the RIB's NLRI ids
 * to them, so that judging a route touches no text. A number is never given twice; one that nothing uses is freed.
 */
import { parsePrefix } from '../ip.ts';
import { chunkSize, fitted, Places } from '../rib/places.ts';
import type { RibView } from '../rib/types.ts';
import { Unused } from '../rib/unused.ts';
import { SortedTexts } from './sorted-texts.ts';

const unknown = -1;

/** Path identifiers of one prefix that are looked at; further ones have no say in its verdict. */
export const maxPathsJudged = 64;

export class Prefixes {
  readonly #rib: RibView;
  readonly #ids = new Map<string, number>();
  /** In text order, for lists. */
  readonly sorted = new SortedTexts();
  /** With no row, and since when (epoch ms). */
  readonly #unused = new Unused();
  #next = 0;
  readonly #places = new Places();
  readonly #texts: string[] = [];
  /** Rows that have it, and rules. */
  #uses = new Uint32Array(1 << 8);
  /** Its first NLRI + 1; further ones (path identifiers, RFC 7911) in `#more`. */
  #nlris = new Uint32Array(1 << 8);
  readonly #more = new Map<number, number[]>();
  /** Those with more path identifiers than are looked at. */
  readonly #crowded = new Set<number>();
  readonly #nlriPlaces = new Places();
  /** By place of an NLRI: prefix id + 1. */
  #byNlri = new Uint32Array(1 << 8);

  constructor(rib: RibView) {
    this.#rib = rib;
  }

  /** Prefixes known. */
  get count(): number {
    return this.#ids.size;
  }

  text(prefix: number): string {
    return this.#texts[this.#places.of(prefix)]!;
  }

  /** Id of a canonical prefix, undefined when no verdict speaks of it. */
  find(text: string): number | undefined {
    return this.#ids.get(text);
  }

  /** Id of a canonical prefix, made when it is new. */
  intern(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.#next++;
    const place = this.#places.add(id);
    this.#fit();
    this.#ids.set(text, id);
    this.#texts[place] = text;
    this.#uses[place] = 0;
    this.#nlris[place] = 0;
    this.sorted.insert(text);
    this.#unused.add(id, 0);
    return id;
  }

  /** One more row has the prefix, or a rule. */
  hold(prefix: number): void {
    if (this.#uses[this.#places.of(prefix)]!++ === 0) this.#unused.delete(prefix);
  }

  /** One row less, or a rule. `now`: epoch ms. */
  release(prefix: number, now: number): void {
    if (--this.#uses[this.#places.of(prefix)]! === 0) this.#unused.add(prefix, now);
  }

  /**
   * Frees at most `limit` prefixes without a row since `before` (epoch ms); those that `isNeeded` stay, and those of an NLRI.
   * @returns how many it looked at.
   */
  free(before: number, now: number, limit: number, isNeeded: (prefix: number) => boolean): number {
    const ids = this.#unused.take(before, limit);
    for (const id of ids) {
      if (this.firstNlri(id) !== unknown || isNeeded(id)) this.#unused.add(id, now);
      else this.#free(id);
    }
    return ids.length;
  }

  /** Id of an NLRI's prefix, made when it is new. */
  ofNlri(nlri: number): number {
    const known = this.findNlri(nlri);
    if (known !== undefined) return known;
    const prefix = this.intern(this.#rib.prefixText(nlri));
    const place = this.#nlriPlaces.add(nlri);
    this.#byNlri = fitted(this.#byNlri, this.#nlriPlaces.length);
    this.#byNlri[place] = prefix + 1;
    this.#tie(prefix, [...this.#nlrisOf(prefix), nlri]);
    return prefix;
  }

  /** Id of an NLRI's prefix if it was seen, without making one. */
  findNlri(nlri: number): number | undefined {
    const entry = this.#byNlri[this.#nlriPlaces.of(nlri)] ?? 0;
    return entry === 0 ? undefined : entry - 1;
  }

  /** The RIB gave the NLRI up. */
  forgetNlri(nlri: number): void {
    const prefix = this.findNlri(nlri);
    if (prefix === undefined) return;
    this.#byNlri[this.#nlriPlaces.of(nlri)] = 0;
    this.#nlriPlaces.delete(nlri, (from, to) => {
      this.#byNlri.copyWithin(to, from, from + chunkSize);
      this.#byNlri.fill(0, from, from + chunkSize);
      this.#byNlri = fitted(this.#byNlri, this.#nlriPlaces.length);
    });
    const rest = this.#nlrisOf(prefix).filter((each) => each !== nlri);
    const hasOthers = rest.length === 0 && this.#crowded.delete(prefix);
    const others = hasOthers ? this.#rib.nlris(parsePrefix(this.text(prefix))!) : rest;
    this.#tie(
      prefix,
      others.filter((each) => this.findNlri(each) === prefix),
    );
  }

  /** First NLRI of a prefix; -1 when none was seen. */
  firstNlri(prefix: number): number {
    return (this.#nlris[this.#places.of(prefix)] ?? 0) - 1;
  }

  /** NLRIs of a prefix beyond the first: other path identifiers. */
  moreNlris(prefix: number): readonly number[] {
    return this.#more.size === 0 ? none : (this.#more.get(prefix) ?? none);
  }

  #nlrisOf(prefix: number): number[] {
    const first = this.firstNlri(prefix);
    return first === unknown ? [] : [first, ...this.moreNlris(prefix)];
  }

  /** Kept in order of NLRI id, so that it does not matter in which order they were seen here. */
  #tie(prefix: number, nlris: number[]): void {
    if (nlris.length > maxPathsJudged) this.#crowded.add(prefix);
    const [first = unknown, ...more] = nlris.sort((a, b) => a - b).slice(0, maxPathsJudged);
    this.#nlris[this.#places.of(prefix)] = first + 1;
    if (more.length > 0) this.#more.set(prefix, more);
    else this.#more.delete(prefix);
  }

  #free(id: number): void {
    const text = this.text(id);
    this.#ids.delete(text);
    this.sorted.delete(text);
    this.#places.delete(id, (from, to) => {
      this.#uses.copyWithin(to, from, from + chunkSize);
      this.#nlris.copyWithin(to, from, from + chunkSize);
      this.#texts.copyWithin(to, from, from + chunkSize);
      this.#texts.length = this.#places.length;
      this.#fit();
    });
  }

  #fit(): void {
    this.#uses = fitted(this.#uses, this.#places.length);
    this.#nlris = fitted(this.#nlris, this.#places.length);
    while (this.#texts.length < this.#places.length) this.#texts.push('');
  }
}

const none: readonly number[] = [];
