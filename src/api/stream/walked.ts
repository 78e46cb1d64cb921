/**
 * What a snapshot went past while the table moved under it. A change of that time has either gone into what the client
 * was shown, or comes after it; which of the two depends on when the walk went past the route.
 */
import type { RouteHandle, StoredChange } from '../../rib/types.ts';

type Key = Pick<RouteHandle, 'neighbor' | 'nlri'>;

/** NLRIs (interned ids, 32 bits) of one page: 8 octets each, and interned ids are dense. */
const pageSize = 128;
const pagesPerNeighbor = 2 ** 32 / pageSize;
const never = -1;

let lastId = 0;

export class Walked {
  readonly id = ++lastId;
  /** seq of the table when the walk began, … */
  readonly from: number;
  /** … and when it had ended: later changes are news. */
  until = Number.POSITIVE_INFINITY;
  /** By page, the seq up to which the client knows a route. */
  readonly #known = new Map<number, Float64Array>();

  constructor(from: number) {
    this.from = from;
  }

  /** The walk went past a route that has last changed with `seq`, whether its client was shown it or not. */
  add({ neighbor, nlri }: Key, seq: number): void {
    const number = pageOf(neighbor, nlri);
    let page = this.#known.get(number);
    if (page === undefined) this.#known.set(number, (page = new Float64Array(pageSize).fill(never)));
    page[nlri % pageSize] = seq;
  }

  /**
   * Does a change come after what the walk saw of its route? Asked about every change from `from` to `until`, in order,
   * whatever attributes it has.
   */
  isNews(change: StoredChange): boolean {
    const { seq, neighbor, nlri, previous } = change;
    if (seq > this.until) return true;
    const known = this.#known.get(pageOf(neighbor, nlri))?.[nlri % pageSize] ?? never;
    if (known !== never) return seq > known;
    // it was gone before the walk came to it: that it changed and went is nothing to whom it was never shown
    if (previous !== 0) return false;
    this.add(change, seq - 1); // one message may announce and withdraw
    return true;
  }
}

const pageOf = (neighbor: number, nlri: number): number => neighbor * pagesPerNeighbor + Math.floor(nlri / pageSize);
