/**
 * The life of findings: which verdicts that are not ok are open and listed, and what the store is to write of them.
 * What waits for the store is the newest state of each finding, so a finding that changes often costs no more.
 */

import type { Logger } from 'pino';
import { fromWall } from '../clock.ts';
import { shownRoute } from '../metallb/answers/shown.ts';
import type { RouteJson } from '../rib/types.ts';
import {
  type FindingColumns,
  type FindingWrite,
  maxPieceBytes,
  maxPieceRows,
  type StorePiece,
} from '../store/messages.ts';
import type { VerdictEngine } from '../verdicts/engine.ts';
import type { Verdict, VerdictChange, VerdictKey, VerdictWord, WrongRow } from '../verdicts/types.ts';
import type { PieceSource } from './pieces.ts';

/**
 * Findings that are open and listed at a time; a leak makes millions. Those beyond are verdicts like all others, and
 * `/findings` counts them in groups, but they have no row of their own until there is room.
 */
export const maxOpenFindings = 100_000;
/** Findings that wait for the store with their verdict; those that open beyond it are not listed yet. */
export const maxWaitingFindings = 5_000;
/** Rows that one call of `refill` looks at, and findings that it lists. */
const refillLooks = 5_000;
const refillRows = 100;
/** Items of a list, and characters of a text, of a received route that a finding keeps. */
export const maxKeptItems = 64;
export const maxKeptText = 2_000;

interface Open {
  id: number;
  word: VerdictWord;
  /** epoch ms */
  since: number;
  from: VerdictWord | null;
}

interface Waiting {
  until: number | null;
  to: VerdictWord | null;
  /** Left out when the database has it and only its end is new. */
  row?: Pick<FindingColumns, 'since' | 'from' | 'word'> & { verdict: Verdict };
}

export class Findings implements PieceSource {
  readonly #open = new Map<string, Open>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #limit: number;
  readonly #waitingLimit: number;
  /** Of those that wait, how many have a verdict. */
  #waitingRows = 0;
  #nextId: number;
  #isFullLogged = false;
  /** Where `refill` goes on; undefined = at the beginning. */
  #rows: Iterator<WrongRow> | undefined;

  constructor(firstId: number, limit = maxOpenFindings, waitingLimit = maxWaitingFindings) {
    this.#nextId = firstId;
    this.#limit = limit;
    this.#waitingLimit = waitingLimit;
  }

  /** Open findings that are listed. */
  get listed(): number {
    return this.#open.size;
  }

  get isBusy(): boolean {
    return this.#waiting.size > 0;
  }

  /** Notes these transitions at `now` (epoch ms). */
  apply(changes: readonly VerdictChange[], now: number): void {
    for (const { from, to, verdict } of changes) {
      const key = keyOf(verdict);
      const open = this.#open.get(key);
      if (open?.word === to && this.#update(open, verdict)) continue;
      if (open) {
        this.#end(open.id, now, to);
        this.#open.delete(key);
      }
      if (to !== null && to !== 'ok') this.#begin(key, to, from, verdict, now);
    }
  }

  /**
   * Lists some of the findings that there was no room for, and goes on there at the next call. Call it now and then while
   * `listed` is not all of them.
   */
  refill(rows: () => Iterator<WrongRow>): void {
    this.#rows ??= rows();
    for (let looked = 0, begun = 0; looked < refillLooks && begun < refillRows && this.#hasRoom; looked++) {
      const { done, value: row } = this.#rows.next();
      if (done) {
        this.#rows = undefined;
        return;
      }
      const key = keyOf(row);
      if (this.#open.has(key)) continue;
      const verdict = row.verdict();
      this.#begin(key, row.word, null, verdict, fromWall(Date.parse(verdict.since)));
      begun++;
    }
  }

  /**
   * Lists findings for which there is room again, and logs when more are open than fit. Answers whether it looked for
   * some.
   */
  fill(engine: Pick<VerdictEngine, 'summary' | 'busy' | 'wrongRows'>, log: Pick<Logger, 'warn'>): boolean {
    const { verdicts } = engine.summary();
    const open = Object.values(verdicts).reduce((sum, count) => sum + count, 0) - verdicts.ok;
    const isDue = open > this.listed && !engine.busy;
    if (isDue) this.refill(() => engine.wrongRows());
    const isFull = open > maxOpenFindings;
    if (isFull && !this.#isFullLogged)
      log.warn(
        { event: 'findings.unlisted', open, listed: this.listed },
        `more than ${maxOpenFindings} verdicts are not ok: /findings counts the others in groups`,
      );
    this.#isFullLogged = isFull;
    return isDue;
  }

  /** The database ended all that were open: those that still are become findings again (`refill`). */
  beginAgain(): void {
    this.#open.clear();
    this.#waiting.clear();
    this.#waitingRows = 0;
    this.#rows = undefined;
  }

  take(): StorePiece | undefined {
    if (this.#waiting.size === 0) return undefined;
    const findings: FindingWrite[] = [];
    let bytes = 0;
    for (const [id, { until, to, row }] of this.#waiting) {
      if (findings.length === maxPieceRows || bytes > maxPieceBytes) break;
      const write: FindingWrite = { id, until, to };
      if (row) {
        write.row = columnsOf(row);
        bytes += write.row.verdict.length;
        this.#waitingRows--;
      }
      findings.push(write);
      this.#waiting.delete(id);
    }
    return { kind: 'findings', findings };
  }

  get #hasRoom(): boolean {
    return this.#open.size < this.#limit && this.#waitingRows < this.#waitingLimit;
  }

  #begin(key: string, word: VerdictWord, from: VerdictWord | null, verdict: Verdict, since: number): void {
    if (!this.#hasRoom) return;
    const finding = { id: this.#nextId++, word, since, from };
    this.#open.set(key, finding);
    this.#wait(finding.id, { until: null, to: null, row: { since, from, word, verdict } });
  }

  /** The same finding for another reason. False = there is no room for the new verdict. */
  #update({ id, since, from, word }: Open, verdict: Verdict): boolean {
    if (!this.#waiting.get(id)?.row && this.#waitingRows >= this.#waitingLimit) return false;
    this.#wait(id, { until: null, to: null, row: { since, from, word, verdict } });
    return true;
  }

  #end(id: number, until: number, to: VerdictWord | null): void {
    this.#wait(id, { ...this.#waiting.get(id), until, to });
  }

  #wait(id: number, waiting: Waiting): void {
    if (waiting.row && !this.#waiting.get(id)?.row) this.#waitingRows++;
    this.#waiting.set(id, waiting);
  }
}

const keyOf = ({ prefix, node, bgpPeer, neighbor, rule }: VerdictKey): string =>
  `${prefix}|${node}|${bgpPeer}|${neighbor}|${rule}`;

function columnsOf({ verdict, ...row }: NonNullable<Waiting['row']>): FindingColumns {
  const { prefix, neighbor, node, bgpPeer, reasonCode } = verdict;
  return { ...row, prefix, neighbor, node, bgpPeer, reason: reasonCode, verdict: JSON.stringify(keptVerdict(verdict)) };
}

/** The verdict as a finding keeps it: what a neighbor or a cluster can make large is cut. */
function keptVerdict(verdict: Verdict): Verdict {
  const { expected, received, reasonText } = verdict;
  return {
    ...verdict,
    expected: expected && shownRoute(expected),
    received: received && keptRoute(received),
    reasonText: keptText(reasonText),
  };
}

function keptRoute(route: RouteJson): RouteJson {
  const cut = Object.entries(route).map(([name, value]) => [name, Array.isArray(value) ? keptList(value) : value]);
  return Object.fromEntries(cut) as RouteJson;
}

function keptList(items: unknown[]): unknown[] {
  return items.slice(0, maxKeptItems).map((item) => {
    if (Array.isArray(item)) return item.slice(0, maxKeptItems);
    const raw = (item as { raw?: unknown } | null)?.raw;
    return typeof raw === 'string' ? { ...(item as object), raw: keptText(raw, maxKeptItems) } : item;
  });
}

const keptText = (text: string, length = maxKeptText): string =>
  text.length <= length ? text : `${text.slice(0, length)}…`;
