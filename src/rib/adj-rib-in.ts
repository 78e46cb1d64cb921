/**
 * RFC 4271 §3.2 Adj-RIB-In of one neighbor: NLRI id → attribute set, in pages without holes (places.ts), so that a
 * thousand neighbors with a few routes each cost little, and a full table 21 octets a route.
 */
import { chunkSize, Places } from './places.ts';

const pageBits = 10;
const pageSize = 1 << pageBits;
const inPage = pageSize - 1;

interface Page {
  /** Attribute id + 1; 0 = no route. */
  attributes: Uint32Array<ArrayBuffer>;
  /** Last change, epoch ms. */
  changedAt: Float64Array<ArrayBuffer>;
  /** seq of the last change. */
  seq: Float64Array<ArrayBuffer>;
  stale: Uint8Array<ArrayBuffer>;
  /** Present once some route of the page was changed after its first announcement. */
  firstSeenAt: Float64Array<ArrayBuffer> | undefined;
  /** Present once some route of the page came again unchanged. */
  receivedAt: Float64Array<ArrayBuffer> | undefined;
}

export class AdjRibIn {
  staleCount = 0;
  readonly #places = new Places();
  readonly #pages: Page[] = [];

  /** Routes. */
  get count(): number {
    return this.#places.count;
  }

  /** Attribute id + 1 of the route, 0 when there is none. */
  get(nlri: number): number {
    const place = this.#places.of(nlri);
    return place < 0 ? 0 : this.#pages[place >> pageBits]!.attributes[place & inPage]!;
  }

  /** Sets the route and answers what was there (attribute id + 1, 0 = nothing). Clears stale. */
  set(nlri: number, attributes: number, at: number, seq: number): number {
    const before = this.get(nlri);
    const place = before === 0 ? this.#places.add(nlri) : this.#places.of(nlri);
    const page = this.#pages[place >> pageBits] ?? this.#addPage();
    const i = place & inPage;
    if (before === attributes) {
      if (page.receivedAt === undefined) page.receivedAt = page.changedAt.slice();
      page.receivedAt[i] = at;
      this.#setStale(page, i, 0);
      return before;
    }
    if (before === 0) {
      if (page.firstSeenAt) page.firstSeenAt[i] = at;
    } else if (page.firstSeenAt === undefined) page.firstSeenAt = page.changedAt.slice();
    page.attributes[i] = attributes;
    page.changedAt[i] = at;
    page.seq[i] = seq;
    if (page.receivedAt) page.receivedAt[i] = at;
    this.#setStale(page, i, 0);
    return before;
  }

  /** Takes the route away and answers what was there. */
  delete(nlri: number): number {
    const before = this.get(nlri);
    if (before === 0) return 0;
    const place = this.#places.of(nlri);
    const page = this.#pages[place >> pageBits]!;
    this.#setStale(page, place & inPage, 0);
    page.attributes[place & inPage] = 0;
    this.#places.delete(nlri, this.#move);
    return before;
  }

  /** Is there a route for this NLRI or one with an id near it? */
  hasChunk(nlri: number): boolean {
    return this.#places.of(nlri) >= 0;
  }

  isStale(nlri: number): boolean {
    const place = this.#places.of(nlri);
    return place >= 0 && this.#pages[place >> pageBits]!.stale[place & inPage] === 1;
  }

  /** Marks a present route; false when it was stale before or is not there. */
  markStale(nlri: number): boolean {
    if (this.get(nlri) === 0 || this.isStale(nlri)) return false;
    const place = this.#places.of(nlri);
    this.#setStale(this.#pages[place >> pageBits]!, place & inPage, 1);
    return true;
  }

  /** Times (epoch ms) and seq of a present route. */
  times(nlri: number): { firstSeenAt: number; lastChangedAt: number; receivedAt: number; seq: number } {
    const place = this.#places.of(nlri);
    const page = this.#pages[place >> pageBits]!;
    const i = place & inPage;
    const lastChangedAt = page.changedAt[i]!;
    return {
      firstSeenAt: page.firstSeenAt?.[i] ?? lastChangedAt,
      lastChangedAt,
      receivedAt: page.receivedAt?.[i] ?? lastChangedAt,
      seq: page.seq[i]!,
    };
  }

  /** Puts a route back as it was stored. */
  restore(nlri: number, attributes: number, firstSeenAt: number, changedAt: number, seq: number): void {
    this.set(nlri, attributes, changedAt, seq);
    if (firstSeenAt === changedAt) return;
    const place = this.#places.of(nlri);
    const page = this.#pages[place >> pageBits]!;
    page.firstSeenAt ??= page.changedAt.slice();
    page.firstSeenAt[place & inPage] = firstSeenAt;
  }

  /**
   * NLRI ids of all routes from `first` on, ascending. Routes may come and go meanwhile: those that are there all the time are given,
   * each once; others may be.
   */
  *nlris(first = 0): Generator<number> {
    for (const start of this.#places.chunks())
      for (let nlri = Math.max(start, first); nlri < start + chunkSize; nlri++) if (this.get(nlri) !== 0) yield nlri;
  }

  #setStale(page: Page, i: number, stale: 0 | 1): void {
    if (page.stale[i] === stale) return;
    page.stale[i] = stale;
    this.staleCount += stale === 1 ? 1 : -1;
  }

  /** A chunk never straddles two pages. */
  readonly #move = (from: number, to: number): void => {
    const source = this.#pages[from >> pageBits]!;
    const target = this.#pages[to >> pageBits]!;
    if (source.firstSeenAt) target.firstSeenAt ??= target.changedAt.slice();
    if (source.receivedAt) target.receivedAt ??= target.changedAt.slice();
    const i = from & inPage;
    for (const column of columns) {
      const values = source[column] ?? source.changedAt;
      target[column]?.set(values.subarray(i, i + chunkSize), to & inPage);
    }
    source.attributes.fill(0, i, i + chunkSize);
    source.stale.fill(0, i, i + chunkSize);
    if (this.#places.length <= (this.#pages.length - 1) << pageBits) this.#pages.pop();
  };

  #addPage(): Page {
    const buffer = new ArrayBuffer(pageSize * 21);
    const page: Page = {
      changedAt: new Float64Array(buffer, 0, pageSize),
      seq: new Float64Array(buffer, pageSize * 8, pageSize),
      attributes: new Uint32Array(buffer, pageSize * 16, pageSize),
      stale: new Uint8Array(buffer, pageSize * 20, pageSize),
      firstSeenAt: undefined,
      receivedAt: undefined,
    };
    this.#pages.push(page);
    return page;
  }
}

const columns = ['attributes', 'changedAt', 'seq', 'stale', 'firstSeenAt', 'receivedAt'] as const;
