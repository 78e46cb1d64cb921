/**
 * Keeps a verdict on every (node, BGPPeer, prefix): what the objects ask for against what neighbors send. Changes are
 * noted when they come and judged in `step`, in slices, so that nothing here holds the collector up. Judging a row is
 * always judging it as it is now; doing it once too often changes nothing.
 *
 * A row that appears ok, or goes while it was ok, is no news: it is counted, but no VerdictChange tells of it.
 */
import type { ExpectationChange, ExpectationTable, ExpectedRoute } from '../metallb/types.ts';
import type { RibView, RouteHandle, RouteIndex } from '../rib/types.ts';
import { sameExpectation } from './compare.ts';
import { type Evaluation, evaluate, type Situation } from './evaluate.ts';
import { listRows } from './list.ts';
import { type Pairing, Pairings } from './pairings.ts';
import { Prefixes } from './prefixes.ts';
import { packState, type RowState, wordOf } from './rows.ts';
import { gather, ServiceIndex, type ServicesByPrefix } from './services.ts';
import type {
  Verdict,
  VerdictChange,
  VerdictFilter,
  VerdictKey,
  VerdictSummary,
  VerdictView,
  VerdictWord,
} from './types.ts';
import { verdicts } from './types.ts';
import { describe } from './verdict.ts';

/** Route changes noted one by one; beyond it the neighbors concerned are gone through as a whole. */
export const maxNotedRoutes = 1 << 18;

/** How long after the start of the process neighbors of an earlier run may stay away, ms. */
export const defaultRestoreMs = 300_000;

/** Rows between two looks at the clock. */
const rowsPerLook = 32;

export interface VerdictEngineOptions {
  rib: RibView & RouteIndex;
  /** epoch ms */
  now: () => number;
  /** How long after a relevant change nothing is held against anybody, ms (metallb.md: by mode). */
  graceMs: () => number;
  /** Called at the end of a step that changed something, in order. */
  onChange: (changes: VerdictChange[]) => void;
  /** Why there is nothing to compare, asked while there are no expectations. */
  emptyText?: () => string;
  restoreMs?: number;
}

/** Expectations that are taking over from earlier ones. */
interface Turnover {
  previous: ExpectationTable | null;
  prefixes: ExpectationChange['prefixes'];
  at: number;
}

export class VerdictEngine implements VerdictView {
  readonly #options: VerdictEngineOptions;
  readonly #rib: RibView & RouteIndex;
  readonly #startedAt: number;
  readonly #restoreMs: number;
  readonly #pairings: Pairings;
  readonly #prefixes: Prefixes;
  readonly #services = new ServiceIndex();
  #table: ExpectationTable | null = null;
  #turnover: Turnover | undefined;
  /** Expectations that came during a turnover: they wait for its end. */
  #waiting: { table: ExpectationTable; prefixes: ExpectationChange['prefixes'] } | undefined;

  /** Work to do, in this order but for the noted routes, which come in between. */
  readonly #retired: Pairing[] = [];
  readonly #whole = new Set<Pairing>();
  readonly #open = new Set<Pairing>();
  readonly #noted: { neighbors: number[]; nlris: number[]; next: number } = { neighbors: [], nlris: [], next: 0 };
  #job: Generator<void> | undefined;
  #closing = false;
  #visited = new Uint8Array(0);

  #now: number;
  #graceMs = 0;
  #nextDeadline = Number.POSITIVE_INFINITY;
  #changes: VerdictChange[] = [];

  constructor(options: VerdictEngineOptions) {
    this.#options = options;
    this.#rib = options.rib;
    this.#restoreMs = options.restoreMs ?? defaultRestoreMs;
    this.#startedAt = this.#now = options.now();
    this.#prefixes = new Prefixes(options.rib);
    this.#pairings = new Pairings({
      rib: options.rib,
      startedAt: this.#startedAt,
      restoreMs: this.#restoreMs,
      onChanged: (pairing) => this.#whole.add(pairing),
      onRetired: (pairing) => {
        this.#whole.delete(pairing);
        this.#open.delete(pairing);
        this.#retired.push(pairing);
      },
    });
  }

  /**
   * What should be there from now on. null = no sources are configured: no verdicts at all.
   * @param change prefixes for which the table may say something else than the last one.
   */
  setExpectations(table: ExpectationTable | null, change: ExpectationChange): void {
    this.#now = this.#options.now();
    if (table === null) {
      this.#turnover = this.#waiting = undefined;
      this.#table = null;
      this.#services.replace(new Map());
      this.#noted.neighbors.length = this.#noted.nlris.length = this.#noted.next = 0;
      this.#pairings.adopt(null, this.#now);
      return;
    }
    if (this.#turnover) {
      const prefixes = this.#waiting ? union(this.#waiting.prefixes, change.prefixes) : change.prefixes;
      this.#waiting = { table, prefixes };
      return;
    }
    this.#adopt(table, change.prefixes);
  }

  /** Routes that were announced, replaced, withdrawn, marked stale or confirmed; after each applied batch. */
  routesChanged(changes: Iterable<{ neighbor: number; nlri: number }>): void {
    if (this.#table === null) return;
    const { neighbors, nlris } = this.#noted;
    for (const { neighbor, nlri } of changes) {
      if (neighbors.length < maxNotedRoutes) {
        neighbors.push(neighbor);
        nlris.push(nlri);
        continue;
      }
      const pairing = this.#pairings.of(neighbor);
      if (pairing === undefined || this.#whole.has(pairing)) continue;
      pairing.settled = false;
      this.#whole.add(pairing);
    }
  }

  /** A neighbor's session state, its node or BGPPeer, or whether its table is complete may have changed. */
  neighborChanged(id: number): void {
    this.#now = this.#options.now();
    this.#pairings.neighborChanged(id, this.#now);
  }

  /** The neighbor sent all its routes again: differences that came with it get grace once more. */
  resend(neighbor: number): void {
    this.#now = this.#options.now();
    const pairing = this.#pairings.resent(neighbor, this.#now);
    if (pairing) this.#open.add(pairing);
  }

  /** Looks at the clock: what is due by now is judged in the next steps. */
  tick(): void {
    this.#now = this.#options.now();
    if (this.#table === null || this.#now < this.#nextDeadline) return;
    if (this.#now >= this.#startedAt + this.#restoreMs) this.#pairings.restoreOver(this.#now);
    for (const pairing of this.#pairings.all) {
      if (pairing.deadline > this.#now) continue;
      pairing.deadline = Number.POSITIVE_INFINITY;
      this.#open.add(pairing);
    }
    this.#nextDeadline = Number.POSITIVE_INFINITY;
  }

  /** epoch ms at which `tick` has something to do; undefined = not before something else happens. */
  nextDeadline(): number | undefined {
    if (this.#table === null) return undefined;
    if (this.#nextDeadline === Number.POSITIVE_INFINITY) this.#nextDeadline = this.#earliestDeadline();
    return this.#nextDeadline === Number.POSITIVE_INFINITY ? undefined : this.#nextDeadline;
  }

  /** Is there something for `step` to do? */
  get busy(): boolean {
    return (
      this.#job !== undefined ||
      this.#noted.next < this.#noted.nlris.length ||
      this.#retired.length > 0 ||
      this.#turnover !== undefined ||
      this.#whole.size > 0 ||
      this.#open.size > 0
    );
  }

  /** Judges what waits to be judged, for about `budgetMs`. Answers `busy`. */
  step(budgetMs: number): boolean {
    this.#now = this.#options.now();
    this.#graceMs = this.#options.graceMs();
    const end = performance.now() + budgetMs;
    while (this.busy) {
      if (!this.#closing && this.#retired.length === 0) for (let i = 0; i < rowsPerLook && this.#judgeNoted(); i++);
      this.#job ??= this.#nextJob();
      for (let i = 0; this.#job && i < rowsPerLook; i++) if (this.#job.next().done) this.#job = undefined;
      if (performance.now() >= end) break;
    }
    this.#publish();
    return this.busy;
  }

  summary(): VerdictSummary {
    const counts = verdicts.map(() => 0);
    let established = 0;
    for (const pairing of this.#pairings.all) {
      pairing.rows.counts.forEach((count, i) => {
        counts[i]! += count;
      });
      const { role, status } = pairing.facts;
      if (role === 'expected' && (status === 'up' || status === 'syncing')) established++;
    }
    return {
      verdicts: Object.fromEntries(verdicts.map((word, i) => [word, counts[i]!])) as Record<VerdictWord, number>,
      sessions: { expected: this.#table?.sessions.length ?? 0, established },
      services: this.#services.summary(),
      evaluatedAt: this.#now,
      emptyText:
        this.#table === null ? (this.#options.emptyText?.() ?? 'No sources of expectations are configured.') : null,
    };
  }

  word(neighbor: number, nlri: number): VerdictWord | null {
    if (this.#table === null) return null;
    const prefix = this.#prefixes.findNlri(nlri);
    const pairing = this.#pairings.of(neighbor);
    return (prefix !== undefined && pairing && wordOf(pairing.rows.get(prefix))) || 'unknown';
  }

  ofPrefix(text: string): Verdict[] {
    const prefix = this.#prefixes.find(text);
    if (prefix === undefined) return [];
    return this.#pairings.all
      .filter(({ rows }) => rows.get(prefix) !== 0)
      .map((pairing) => this.#verdict(pairing, prefix));
  }

  list(
    filter: VerdictFilter,
    after: VerdictKey | undefined,
    limit: number,
  ): { rows: Verdict[]; next: VerdictKey | undefined } {
    return listRows(
      {
        pairings: this.#pairings.all,
        prefixes: this.#prefixes,
        expected: (pairing, prefix) => this.#expected(pairing, prefix),
        verdict: (pairing, prefix) => this.#verdict(pairing, prefix),
      },
      filter,
      after,
      limit,
    );
  }

  #adopt(table: ExpectationTable, prefixes: ExpectationChange['prefixes']): void {
    const previous = this.#table;
    this.#table = table;
    const scope = previous === null ? 'all' : prefixes;
    if (scope === 'all') this.#pairings.adopt(table, this.#now);
    else this.#pairings.replaceTable(table);
    this.#turnover = { previous, prefixes: scope, at: this.#now };
  }

  #judgeNoted(): boolean {
    const noted = this.#noted;
    const i = noted.next;
    if (i === noted.nlris.length) return false;
    const pairing = this.#pairings.of(noted.neighbors[i]!);
    if (pairing) this.#judge(pairing, this.#prefixes.ofNlri(noted.nlris[i]!));
    if (++noted.next === noted.nlris.length) noted.next = noted.neighbors.length = noted.nlris.length = 0;
    return true;
  }

  #nextJob(): Generator<void> | undefined {
    const retired = this.#retired.shift();
    if (retired) return this.#close(retired);
    if (this.#turnover) return this.#turnOver(this.#turnover);
    const [whole] = this.#whole;
    if (whole) return this.#goThrough(whole);
    const [open] = this.#open;
    return open && this.#reopen(open);
  }

  /** Tells that the rows of a pairing that is no more are over. */
  *#close(pairing: Pairing): Generator<void> {
    this.#closing = true;
    for (const prefix of pairing.rows.prefixes()) {
      const state = pairing.rows.get(prefix);
      pairing.rows.set(prefix, 0);
      this.#services.count(prefix, state, 0);
      if (wordOf(state) !== 'ok') this.#tell(pairing, prefix, state, 0);
      yield;
    }
    this.#closing = false;
  }

  /** Judges everything for which the new expectations may differ, then lets the next ones in. */
  *#turnOver(turnover: Turnover): Generator<void> {
    const services: ServicesByPrefix = new Map();
    if (turnover.prefixes === 'all') {
      for (const pairing of this.#pairings.all) if (!pairing.retired) yield* this.#goThrough(pairing, services);
      if (this.#turnover === turnover) this.#services.replace(services);
    } else {
      for (const text of turnover.prefixes) {
        const prefix = this.#prefixes.intern(text);
        services.set(prefix, new Set());
        for (const pairing of this.#pairings.all) {
          if (pairing.retired) continue;
          const expected = this.#expected(pairing, prefix);
          if (expected) gather(services, prefix, expected.chain);
          this.#judge(pairing, prefix, expected);
          yield;
        }
      }
      if (this.#turnover === turnover) this.#services.update(services);
    }
    if (this.#turnover !== turnover) return;
    this.#turnover = undefined;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) this.#adopt(waiting.table, waiting.prefixes);
  }

  /** Judges every row of a pairing: what is expected, what is received, what was there before. */
  *#goThrough(pairing: Pairing, services?: ServicesByPrefix): Generator<void> {
    this.#whole.delete(pairing);
    if (this.#visited.length < this.#prefixes.count) this.#visited = new Uint8Array(2 * this.#prefixes.count);
    else this.#visited.fill(0);
    const { node, bgpPeer, neighbor, rows } = pairing;
    const table = this.#table;
    if (table && node !== null && bgpPeer !== null && pairing.facts.role === 'expected') {
      for (const expected of table.routes(node, bgpPeer)) {
        if (pairing.retired) return;
        const prefix = this.#prefixes.intern(expected.prefix);
        if (services) gather(services, prefix, expected.chain);
        this.#visit(pairing, prefix, table === this.#table ? expected : this.#expected(pairing, prefix));
        yield;
      }
    }
    for (const prefix of rows.prefixes()) {
      if (pairing.retired) return;
      if (this.#visited[prefix] !== 1) this.#visit(pairing, prefix, this.#expected(pairing, prefix));
      yield;
    }
    if (neighbor !== null && !pairing.settled) {
      for (const nlri of this.#rib.nlrisOf(neighbor)) {
        if (pairing.retired) return;
        const prefix = this.#prefixes.ofNlri(nlri);
        if (this.#visited[prefix] !== 1) this.#visit(pairing, prefix, this.#expected(pairing, prefix));
        yield;
      }
    }
    pairing.settled = true;
  }

  #visit(pairing: Pairing, prefix: number, expected: ExpectedRoute | undefined): void {
    if (prefix < this.#visited.length) this.#visited[prefix] = 1;
    this.#judge(pairing, prefix, expected);
  }

  /** Judges the rows that time or a re-send can change. */
  *#reopen(pairing: Pairing): Generator<void> {
    this.#open.delete(pairing);
    for (const prefix of pairing.rows.withWord('pending', 'mismatch')) {
      if (pairing.retired) return;
      this.#judge(pairing, prefix);
      yield;
    }
  }

  #judge(pairing: Pairing, prefix: number, expected = this.#expected(pairing, prefix)): void {
    const { rows } = pairing;
    const turnover = this.#turnover;
    if (turnover?.previous && concerns(turnover, this.#prefixes.text(prefix)) && pairing.facts.role !== 'unmapped') {
      const before = this.#expected(pairing, prefix, turnover.previous);
      if (!sameExpectation(before, expected)) rows.setExpectedAt(prefix, turnover.at);
    }
    const evaluation = this.#evaluate(pairing, prefix, expected)?.evaluation;
    const state = evaluation ? packState(evaluation.reason, evaluation.fields, expected !== undefined) : 0;
    if (evaluation?.deadline) {
      pairing.deadline = Math.min(pairing.deadline, evaluation.deadline);
      this.#nextDeadline = Math.min(this.#nextDeadline, evaluation.deadline);
    }
    const before = rows.get(prefix);
    if (state === before) return;
    rows.set(prefix, state);
    this.#services.count(prefix, before, state);
    const from = wordOf(before);
    const to = wordOf(state);
    const isNews = (from ?? 'ok') !== 'ok' || (to ?? 'ok') !== 'ok';
    if (from !== to && (pairing.settled || isNews)) rows.setSince(prefix, this.#now);
    if (isNews && (before & ~0x8000) !== (state & ~0x8000)) this.#tell(pairing, prefix, before, state);
  }

  #expected(pairing: Pairing, prefix: number, table = this.#table): ExpectedRoute | undefined {
    const { node, bgpPeer } = pairing;
    if (node === null || bgpPeer === null) return undefined;
    return table?.route(node, bgpPeer, this.#prefixes.text(prefix));
  }

  /** The evaluation of a row and the route that decided it: of several paths (RFC 7911) the first that is not ok. */
  #evaluate(
    pairing: Pairing,
    prefix: number,
    expected: ExpectedRoute | undefined,
  ): { evaluation: Evaluation; received: RouteHandle | undefined } | undefined {
    const first = this.#evaluatePath(pairing, prefix, expected, this.#prefixes.firstNlri(prefix));
    let result = first;
    for (const nlri of this.#prefixes.moreNlris(prefix)) {
      const other = this.#evaluatePath(pairing, prefix, expected, nlri);
      if (other?.received === undefined) continue;
      if (
        result?.received === undefined ||
        (result.evaluation.reason === 'as-expected' && other.evaluation.reason !== 'as-expected')
      )
        result = other;
    }
    return result;
  }

  #evaluatePath(
    pairing: Pairing,
    prefix: number,
    expected: ExpectedRoute | undefined,
    nlri: number,
  ): { evaluation: Evaluation; received: RouteHandle | undefined } | undefined {
    const { neighbor } = pairing;
    const attributes = neighbor === null || nlri < 0 ? 0 : this.#rib.attributesOf(neighbor, nlri);
    const received = attributes === 0 ? undefined : { neighbor: neighbor!, nlri, attributes };
    const situation: Situation = {
      expected,
      received: received && this.#rib.attributes(attributes),
      stale: received !== undefined && this.#rib.isStale(received),
      receivedChangedAt: () => (received ? Date.parse(this.#rib.json(received).lastChangedAt) : 0),
      session: pairing.facts,
      expectedChangedAt: pairing.rows.expectedAt(prefix),
      graceMs: this.#graceMs,
      now: this.#now,
    };
    const evaluation = evaluate(situation);
    return evaluation && { evaluation, received };
  }

  #verdict(pairing: Pairing, prefix: number): Verdict {
    const gone = pairing.retired;
    const expected = gone ? undefined : this.#expected(pairing, prefix);
    const result = gone ? undefined : this.#evaluate(pairing, prefix, expected);
    return describe({
      rib: this.#rib,
      table: this.#table,
      pairing,
      prefix: this.#prefixes.text(prefix),
      expected,
      received: result?.received,
      evaluation: result?.evaluation,
      since: pairing.rows.since(prefix) || pairing.createdAt,
    });
  }

  #tell(pairing: Pairing, prefix: number, before: RowState, after: RowState): void {
    this.#changes.push({ from: wordOf(before), to: wordOf(after), verdict: this.#verdict(pairing, prefix) });
  }

  #publish(): void {
    if (this.#changes.length === 0) return;
    const changes = this.#changes;
    this.#changes = [];
    this.#options.onChange(changes);
  }

  #earliestDeadline(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { deadline, facts } of this.#pairings.all) {
      const due = facts.status === 'restoring' ? Math.min(deadline, this.#startedAt + this.#restoreMs) : deadline;
      if (due < earliest) earliest = due;
    }
    return earliest;
  }
}

function concerns({ prefixes }: Turnover, prefix: string): boolean {
  return prefixes === 'all' || prefixes.has(prefix);
}

function union(a: ExpectationChange['prefixes'], b: ExpectationChange['prefixes']): ExpectationChange['prefixes'] {
  return a === 'all' || b === 'all' ? 'all' : new Set([...a, ...b]);
}
