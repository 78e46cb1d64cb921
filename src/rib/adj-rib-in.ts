/**
 * RFC 4271 §3.2 Adj-RIB-In of one neighbor: NLRI id → attribute set, in pages allocated on first touch, so that a
 * thousand neighbors with a few routes each cost little, and a full table 21 octets a route.
 */

const pageBits = 10;
export const pageSize = 1 << pageBits;

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
  count: number;
}

export class AdjRibIn {
  count = 0;
  staleCount = 0;
  readonly #pages: (Page | undefined)[] = [];

  /** Attribute id + 1 of the route, 0 when there is none. */
  get(nlri: number): number {
    const page = this.#pages[nlri >> pageBits];
    return page === undefined ? 0 : page.attributes[nlri & (pageSize - 1)]!;
  }

  /** Sets the route and answers what was there (attribute id + 1, 0 = nothing). Clears stale. */
  set(nlri: number, attributes: number, at: number, seq: number): number {
    const page = this.#pages[nlri >> pageBits] ?? this.#allocate(nlri >> pageBits);
    const i = nlri & (pageSize - 1);
    const before = page.attributes[i]!;
    if (before === attributes) {
      if (page.receivedAt === undefined) page.receivedAt = page.changedAt.slice();
      page.receivedAt[i] = at;
      this.#setStale(page, i, 0);
      return before;
    }
    if (before === 0) {
      this.count++;
      page.count++;
      if (page.firstSeenAt) page.firstSeenAt[i] = at;
    } else if (page.firstSeenAt === undefined) page.firstSeenAt = page.changedAt.slice();
    page.attributes[i] = attributes;
    page.changedAt[i] = at;
    page.seq[i] = seq;
    if (page.receivedAt) page.receivedAt[i] = at;
    this.#setStale(page, i, 0);
    return before;
  }

  /** Takes the route away and answers what was there. An empty page is given back. */
  delete(nlri: number): number {
    const page = this.#pages[nlri >> pageBits];
    if (page === undefined) return 0;
    const i = nlri & (pageSize - 1);
    const before = page.attributes[i]!;
    if (before === 0) return 0;
    this.#setStale(page, i, 0);
    page.attributes[i] = 0;
    this.count--;
    if (--page.count === 0) this.#pages[nlri >> pageBits] = undefined;
    return before;
  }

  isStale(nlri: number): boolean {
    return this.#pages[nlri >> pageBits]?.stale[nlri & (pageSize - 1)] === 1;
  }

  /** Marks a present route; false when it was stale before or is not there. */
  markStale(nlri: number): boolean {
    const page = this.#pages[nlri >> pageBits];
    const i = nlri & (pageSize - 1);
    if (page === undefined || page.attributes[i] === 0 || page.stale[i] === 1) return false;
    this.#setStale(page, i, 1);
    return true;
  }

  /** Times (epoch ms) and seq of a present route. */
  times(nlri: number): { firstSeenAt: number; lastChangedAt: number; receivedAt: number; seq: number } {
    const page = this.#pages[nlri >> pageBits]!;
    const i = nlri & (pageSize - 1);
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
    const page = this.#pages[nlri >> pageBits]!;
    page.firstSeenAt ??= page.changedAt.slice();
    page.firstSeenAt[nlri & (pageSize - 1)] = firstSeenAt;
  }

  /** NLRI ids of all routes, in order of id. Deleting the one just given is allowed. */
  *nlris(): Generator<number> {
    for (let p = 0; p < this.#pages.length; p++) {
      const page = this.#pages[p];
      if (page === undefined) continue;
      for (let i = 0; i < pageSize; i++) if (page.attributes[i] !== 0) yield p * pageSize + i;
    }
  }

  hasPage(page: number): boolean {
    return this.#pages[page] !== undefined;
  }

  #setStale(page: Page, i: number, stale: 0 | 1): void {
    if (page.stale[i] === stale) return;
    page.stale[i] = stale;
    this.staleCount += stale === 1 ? 1 : -1;
  }

  #allocate(index: number): Page {
    const buffer = new ArrayBuffer(pageSize * 21);
    const page: Page = {
      changedAt: new Float64Array(buffer, 0, pageSize),
      seq: new Float64Array(buffer, pageSize * 8, pageSize),
      attributes: new Uint32Array(buffer, pageSize * 16, pageSize),
      stale: new Uint8Array(buffer, pageSize * 20, pageSize),
      firstSeenAt: undefined,
      receivedAt: undefined,
      count: 0,
    };
    while (this.#pages.length <= index) this.#pages.push(undefined);
    this.#pages[index] = page;
    return page;
  }
}
