/**
 * What the database is told of expectations: the rows that a change replaces, as long as all of them are few enough.
 * Worked out behind the change, in slices, prefix by prefix for the nodes that are alike to it; what comes meanwhile
 * waits and is taken as one change to the newest table.
 */

import { shownRoute } from '../metallb/answers/shown.ts';
import { alikeIn, candidatesIn } from '../metallb/expectations/alike.ts';
import {
  allExpectations,
  type ExpectationChange,
  type PrefixScope,
  union,
} from '../metallb/expectations/expectation-change.ts';
import type { ExpectationTable } from '../metallb/expectations/table.ts';
import type { ExpectedRoute, ExpectedSession } from '../metallb/types.ts';
import { Slices } from '../slices.ts';
import { type ExpectationsWrite, maxPieceBytes, maxPieceRows } from '../store/messages.ts';
import type { PieceSource } from './pieces.ts';

/** Longest stretch of looking at routes in one turn, ms; looked at every so many nodes and prefixes. */
const sliceMs = 5;
const stepsPerLook = 16;

export interface StoredExpectationsOptions {
  /** Rows that the database keeps. */
  limit: number;
  /** Called when a write is ready to be taken. */
  onReady: () => void;
  /** Runs `work` in a later turn of the event loop. */
  schedule: (work: () => void) => void;
}

/** A change that is not written yet. */
interface Job {
  change: ExpectationChange;
  table: ExpectationTable | null;
  /** epoch ms */
  at: number;
}

export class StoredExpectations implements PieceSource {
  readonly #o: StoredExpectationsOptions;
  /** Rows that were given since all were written last; the database has at most as many. Infinity = too many, so none. */
  #rows = 0;
  #running: Generator<void> | undefined;
  #waiting: Job | undefined;
  /** A write that waits to be taken; nothing more is worked out meanwhile. */
  #ready: ExpectationsWrite | undefined;
  readonly #slices: Slices;

  constructor(options: StoredExpectationsOptions) {
    this.#o = options;
    this.#slices = new Slices({ schedule: options.schedule, budgetMs: sliceMs, step: () => this.#work() });
  }

  /** The table is another one from `at` (epoch ms) on; null = nothing is expected. */
  update(table: ExpectationTable | null, change: ExpectationChange, at: number): void {
    this.#waiting = { table, at, change: this.#waiting ? union(this.#waiting.change, change) : change };
    this.#slices.wake();
  }

  get isBusy(): boolean {
    return this.#ready !== undefined || this.#running !== undefined || this.#waiting !== undefined;
  }

  take(): ExpectationsWrite | undefined {
    const write = this.#ready;
    this.#ready = undefined;
    if (this.isBusy) this.#slices.wake();
    return write;
  }

  #work(): boolean {
    for (let i = 0; i < stepsPerLook && !this.#ready; i++) this.#step();
    const isMore = !this.#ready && this.isBusy;
    if (!isMore) this.#o.onReady();
    return isMore;
  }

  #step(): void {
    if (!this.#running && this.#waiting) {
      this.#running = this.#run(this.#waiting);
      this.#waiting = undefined;
    }
    if (this.#running?.next().done) this.#running = undefined;
  }

  *#run(job: Job): Generator<void> {
    if (job.change.kind !== 'all') {
      // where there are too many a small change does not make them few
      if (this.#rows > this.#o.limit) return;
      if (yield* this.#write(job)) return;
    }
    const { table, at } = job;
    this.#rows = 0;
    const isTooMuch = table !== null && (yield* hasMoreThan(this.#o.limit, table));
    yield* this.#write({ table: isTooMuch ? null : table, at, change: allExpectations });
    if (isTooMuch) this.#rows = Number.POSITIVE_INFINITY;
  }

  /** Replaces the rows; false when they became too many on the way. */
  *#write({ table, change, at }: Job): Generator<void, boolean> {
    const { prefixes, nodes } = scopeOf(change);
    const kind = 'expectations';
    let write: ExpectationsWrite = { kind, prefixes: prefixes === 'all' ? 'all' : [], nodes: [...nodes], rows: [], at };
    let bytes = 0;
    const isFull = (): boolean =>
      write.rows.length >= maxPieceRows ||
      bytes >= maxPieceBytes ||
      (write.prefixes !== 'all' && write.prefixes.length >= maxPieceRows);
    const next = (): void => {
      this.#ready = write;
      write = { kind, prefixes: [], nodes: [], rows: [], at };
      bytes = 0;
    };
    for (const prefix of prefixes === 'all' ? [] : prefixes) {
      (write.prefixes as string[]).push(prefix);
      if (!isFull()) continue;
      next();
      yield;
    }
    for (const row of table ? rowsOf(table, { prefixes, nodes }) : []) {
      if (row) {
        if (this.#rows === this.#o.limit) return false;
        this.#rows++;
        const { node, bgpPeer, prefix } = row;
        const expected = JSON.stringify(shownRoute(row));
        write.rows.push({ node, bgpPeer, prefix, expected });
        bytes += expected.length;
      }
      if (isFull()) next();
      yield;
    }
    if (write.prefixes.length + write.nodes.length + write.rows.length > 0) next();
    return true;
  }
}

/** The rows in `scope`; undefined = there is none here, go on. */
function* rowsOf(table: ExpectationTable, { prefixes, nodes }: RowScope): Generator<ExpectedRoute | undefined> {
  const sessionsOf = sessionsByNode(table);
  const all = prefixes === 'all' || nodes.size > 0;
  for (const prefix of all ? candidatesIn(table) : prefixes) {
    const isEverywhere = prefixes === 'all' || prefixes.has(prefix);
    for (const names of alikeIn(table, prefix).classes)
      for (const node of names)
        if (isEverywhere || nodes.has(node))
          for (const { bgpPeer } of sessionsOf.get(node) ?? []) yield table.route(node, bgpPeer, prefix);
    yield undefined;
  }
}

/** Are there more rows than `limit`? Prefixes that are alike are counted once. */
function* hasMoreThan(limit: number, table: ExpectationTable): Generator<void, boolean> {
  const sessionsOf = sessionsByNode(table);
  const counts = new Map<string, number>();
  let rows = 0;
  for (const prefix of candidatesIn(table)) {
    const { key, classes } = alikeIn(table, prefix);
    let count = counts.get(key);
    if (count === undefined) {
      count = 0;
      for (const node of classes.flat()) {
        for (const { bgpPeer } of sessionsOf.get(node) ?? []) if (table.route(node, bgpPeer, prefix)) count++;
        yield;
      }
      counts.set(key, count);
    }
    rows += count;
    if (rows > limit) return true;
    yield;
  }
  return false;
}

const sessionsByNode = ({ sessions }: ExpectationTable): ReadonlyMap<string, readonly ExpectedSession[]> =>
  Map.groupBy(sessions, ({ node }) => node);

/** Prefixes of which the rows are replaced, and nodes of which all other rows are replaced. */
interface RowScope {
  prefixes: PrefixScope;
  nodes: ReadonlySet<string>;
}

const scopeOf = (change: ExpectationChange): RowScope =>
  change.kind === 'all'
    ? { prefixes: 'all', nodes: new Set() }
    : { prefixes: new Set([...change.prefixes, ...change.chains]), nodes: new Set(change.nodes.keys()) };
