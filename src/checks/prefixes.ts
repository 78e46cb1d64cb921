/**
 * Prefixes that verdicts speak of, as small numbers, whether somebody has them or not. Ties the RIB's NLRI ids to
 * them, so that judging a route touches no text.
 */
import type { RibView } from '../rib/types.ts';
import { SortedTexts } from './sorted-texts.ts';

const unknown = -1;

/** Path identifiers of one prefix that are looked at; further ones have no say in its verdict. */
export const maxPathsJudged = 64;

export class Prefixes {
  readonly #rib: RibView;
  readonly #ids = new Map<string, number>();
  readonly #texts: string[] = [];
  /** In text order, for lists. */
  readonly sorted = new SortedTexts();
  /** NLRI id → prefix id. */
  #byNlri = new Int32Array(1 << 10).fill(unknown);
  /** Prefix id → its first NLRI; further ones (path identifiers, RFC 7911) in `#more`. */
  #nlri = new Int32Array(1 << 10).fill(unknown);
  readonly #more = new Map<number, number[]>();

  constructor(rib: RibView) {
    this.#rib = rib;
  }

  /** Prefixes known. */
  get count(): number {
    return this.#texts.length;
  }

  text(prefix: number): string {
    return this.#texts[prefix]!;
  }

  /** Id of a canonical prefix, undefined when no verdict ever spoke of it. */
  find(text: string): number | undefined {
    return this.#ids.get(text);
  }

  /** Id of a canonical prefix, made when it is new. */
  intern(text: string): number {
    let id = this.#ids.get(text);
    if (id !== undefined) return id;
    id = this.#texts.length;
    this.#ids.set(text, id);
    this.#texts.push(text);
    this.sorted.insert(text);
    return id;
  }

  /** Id of an NLRI's prefix, made when it is new. */
  ofNlri(nlri: number): number {
    const known = this.#byNlri[nlri];
    if (known !== undefined && known !== unknown) return known;
    const prefix = this.intern(this.#rib.prefixText(nlri));
    this.#byNlri = grown(this.#byNlri, nlri);
    this.#byNlri[nlri] = prefix;
    this.#nlri = grown(this.#nlri, prefix);
    if (this.#nlri[prefix] === unknown) this.#nlri[prefix] = nlri;
    else this.#addPath(prefix, nlri);
    return prefix;
  }

  /** Id of an NLRI's prefix if it was seen, without making one. */
  findNlri(nlri: number): number | undefined {
    const known = this.#byNlri[nlri];
    return known === unknown ? undefined : known;
  }

  /** First NLRI of a prefix; -1 when none was seen. */
  firstNlri(prefix: number): number {
    return this.#nlri[prefix] ?? unknown;
  }

  /** Kept in order of NLRI id, so that it does not matter in which order they were seen here. */
  #addPath(prefix: number, nlri: number): void {
    const paths = [this.#nlri[prefix]!, ...(this.#more.get(prefix) ?? [])];
    if (paths.length >= maxPathsJudged) return;
    const [first, ...more] = [...paths, nlri].sort((a, b) => a - b);
    this.#nlri[prefix] = first!;
    this.#more.set(prefix, more);
  }

  /** NLRIs of a prefix beyond the first: other path identifiers. */
  moreNlris(prefix: number): readonly number[] {
    return this.#more.size === 0 ? none : (this.#more.get(prefix) ?? none);
  }
}

const none: readonly number[] = [];

/** `array`, or a copy at least twice as long that has `index`. */
function grown(array: Int32Array<ArrayBuffer>, index: number): Int32Array<ArrayBuffer> {
  if (index < array.length) return array;
  const larger = new Int32Array(Math.max(index + 1, array.length * 2)).fill(unknown);
  larger.set(array);
  return larger;
}
