/**
 * Keeps a verdict on every (node, BGPPeer, prefix): what the objects ask for against what neighbors send. Changes are
 * noted when they come and judged in `step`, in slices, so that nothing here holds the collector up. Judging a row is
 * always judging it as it is now; doing it once too often changes nothing.
 *
 * A row that appears ok, or goes while it was ok, is no news: it is counted, but no VerdictChange tells of it.
 */
import type { ExpectationChange, ExpectationTable, ExpectedRoute } from '../metallb/types.ts';
import type { RibView, RouteIndex } from '../rib/types.ts';
import { sameExpectation } from './compare.ts';
import { Judge } from './judge.ts';
import { listRows } from './list.ts';
import { Marks } from './marks.ts';
import { NotedRoutes } from './noted-routes.ts';
import { type Pairing, Pairings } from './pairings.ts';
import { Prefixes } from './prefixes.ts';
import { packState, type RowState, sameFinding, wordOf } from './rows.ts';
import { gather, ServiceIndex, type ServicesByPrefix } from './services.ts';
import {
  type Verdict,
  type VerdictChange,
  type VerdictFilter,
  type VerdictKey,
  type VerdictSummary,
  type VerdictView,
  type VerdictWord,
  verdicts,
} from './types.ts';

/** How long after the start of the process neighbors of an earlier run may stay away, ms. */
export const defaultRestoreMs = 300_000;

/** Rows between two looks at the clock. */
const rowsPerLook = 32;

export interface VerdictEngineOptions {
  rib: RibView & RouteIndex;
  /** epoch ms */
  now: () => number;
  /** How long after a relevant change nothing is held against anybody, ms (by MetalLB's mode). */
  graceMs: () => number;
  /** Called at the end of a step that changed something, in order. */
  onChange: (changes: VerdictChange[]) => void;
  /** Why there is nothing to compare, asked while there are no expectations. */
  emptyText?: () => string;
  restoreMs?: number;
}

/** Expectations that take over from earlier ones. */
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
  readonly #judge: Judge;
  readonly #services = new ServiceIndex();
  #turnover: Turnover | undefined;
  /** Expectations that came during a turnover: they wait for its end. */
  #waiting: { table: ExpectationTable; prefixes: ExpectationChange['prefixes'] } | undefined;

  // Work to do, in this order; noted routes come in between, but for the first.
  readonly #retired: Pairing[] = [];
  readonly #whole = new Set<Pairing>();
  readonly #open = new Set<Pairing>();
  readonly #noted = new NotedRoutes();
  #job: Generator<void> | undefined;
  #isClosing = false;
  /** Prefix ids that the present `#goThrough` has judged. */
  readonly #visited = new Marks();

  /** epoch ms, Infinity = none; undefined = to be worked out. */
  #nextDeadline: number | undefined;
  #changes: VerdictChange[] = [];
  #evaluatedAt: number;
  /** Kept until something changes: it is asked for with every answer of the API. */
  #summary: VerdictSummary | undefined;

  constructor(options: VerdictEngineOptions) {
    const { rib } = options;
    this.#options = options;
    this.#rib = rib;
    this.#restoreMs = options.restoreMs ?? defaultRestoreMs;
    this.#startedAt = this.#evaluatedAt = options.now();
    this.#prefixes = new Prefixes(rib);
    this.#judge = new Judge(rib, this.#prefixes, this.#startedAt, options.graceMs());
    this.#pairings = new Pairings({
      rib,
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
    this.#look();
    this.#summary = undefined;
    if (table === null) {
      this.#turnover = this.#waiting = undefined;
      this.#judge.table = null;
      this.#services.replace(new Map());
      this.#noted.clear();
      this.#nextDeadline = undefined;
      this.#pairings.adopt(null, this.#judge.now);
    } else if (this.#turnover) {
      const prefixes = this.#waiting ? union(this.#waiting.prefixes, change.prefixes) : change.prefixes;
      this.#waiting = { table, prefixes };
    } else this.#adopt(table, change.prefixes);
  }

  /** Routes that were announced, replaced, withdrawn, marked stale or confirmed; after each applied batch. */
  routesChanged(changes: Iterable<{ neighbor: number; nlri: number }>): void {
    if (this.#judge.table === null) return;
    for (const { neighbor, nlri } of changes) {
      if (this.#noted.note(neighbor, nlri)) continue;
      const pairing = this.#pairings.of(neighbor);
      if (pairing === undefined) continue;
      pairing.hasUnseen = true;
      this.#whole.add(pairing);
    }
  }

  /** A neighbor's session state, its node or BGPPeer, or whether its table is complete may have changed. */
  neighborChanged(id: number): void {
    this.#look();
    this.#nextDeadline = this.#summary = undefined;
    this.#pairings.neighborChanged(id, this.#judge.now);
  }

  /** The neighbor sent all its routes again: differences that came with it get grace once more. */
  resend(neighbor: number): void {
    this.#look();
    const pairing = this.#pairings.resent(neighbor, this.#judge.now);
    if (pairing) this.#open.add(pairing);
  }

  /** Looks at the clock: what is due by now is judged in the next steps. */
  tick(): void {
    this.#look();
    const { now } = this.#judge;
    if (now < (this.nextDeadline() ?? Number.POSITIVE_INFINITY)) return;
    if (now >= this.#startedAt + this.#restoreMs) this.#pairings.restoreOver(now);
    for (const pairing of this.#pairings.all) {
      if (pairing.deadline > now) continue;
      pairing.deadline = Number.POSITIVE_INFINITY;
      this.#open.add(pairing);
    }
    this.#nextDeadline = undefined;
  }

  /** epoch ms at which `tick` has something to do; undefined = not before something else happens. */
  nextDeadline(): number | undefined {
    this.#nextDeadline ??= this.#pairings.all.reduce((earliest, { deadline, facts }) => {
      const restored = facts.status === 'restoring' ? this.#startedAt + this.#restoreMs : deadline;
      return Math.min(earliest, deadline, restored);
    }, Number.POSITIVE_INFINITY);
    return this.#nextDeadline === Number.POSITIVE_INFINITY ? undefined : this.#nextDeadline;
  }

  /** Is there something for `step` to do? */
  get busy(): boolean {
    return (
      this.#job !== undefined ||
      this.#turnover !== undefined ||
      !this.#noted.isEmpty ||
      this.#retired.length + this.#whole.size + this.#open.size > 0
    );
  }

  /** Judges what waits to be judged, for about `budgetMs`, and tells what changed. Answers `busy`. */
  step(budgetMs: number): boolean {
    this.#look();
    if (this.busy) {
      this.#evaluatedAt = this.#judge.now;
      this.#summary = undefined;
    }
    const end = performance.now() + budgetMs;
    do {
      const mayJudge = !this.#isClosing && this.#retired.length === 0;
      for (let i = 0; mayJudge && i < rowsPerLook && this.#noted.take(this.#judgeNoted); i++);
      this.#job ??= this.#nextJob();
      for (let i = 0; this.#job && i < rowsPerLook; i++) if (this.#job.next().done) this.#job = undefined;
    } while (this.busy && performance.now() < end);
    const changes = this.#changes;
    this.#changes = [];
    if (changes.length > 0) this.#options.onChange(changes);
    return this.busy;
  }

  summary(): VerdictSummary {
    if (this.#judge.table === null) return this.#sum(); // why there is nothing may change any time
    this.#summary ??= this.#sum();
    return this.#summary;
  }

  word(neighbor: number, nlri: number): VerdictWord | null {
    if (this.#judge.table === null) return null;
    const prefix = this.#prefixes.findNlri(nlri);
    const pairing = this.#pairings.of(neighbor);
    if (prefix === undefined || pairing === undefined) return 'unknown';
    return wordOf(pairing.rows.get(prefix)) ?? 'unknown';
  }

  ofPrefix(text: string): Verdict[] {
    const prefix = this.#prefixes.find(text);
    if (prefix === undefined) return [];
    const present = this.#pairings.all.filter(({ rows }) => rows.get(prefix) !== 0);
    return present.map((pairing) => this.#judge.verdict(pairing, prefix));
  }

  list(
    filter: VerdictFilter,
    after: VerdictKey | undefined,
    limit: number,
  ): { rows: Verdict[]; next: VerdictKey | undefined } {
    return listRows(
      { pairings: this.#pairings.all, prefixes: this.#prefixes, judge: this.#judge },
      filter,
      after,
      limit,
    );
  }

  #sum(): VerdictSummary {
    const counts = new Float64Array(verdicts.length);
    let established = 0;
    for (const { rows, facts } of this.#pairings.all) {
      for (let i = 0; i < counts.length; i++) counts[i]! += rows.counts[i]!;
      if (facts.role === 'expected' && (facts.status === 'up' || facts.status === 'syncing')) established++;
    }
    const { table } = this.#judge;
    return {
      verdicts: Object.fromEntries(verdicts.map((word, i) => [word, counts[i]!])) as Record<VerdictWord, number>,
      sessions: { expected: table?.sessions.length ?? 0, established },
      services: this.#services.summary(),
      evaluatedAt: this.#evaluatedAt,
      emptyText: table === null ? (this.#options.emptyText?.() ?? 'No sources of expectations are configured.') : null,
    };
  }

  #look(): void {
    this.#judge.now = this.#options.now();
    this.#judge.graceMs = this.#options.graceMs();
  }

  #adopt(table: ExpectationTable, prefixes: ExpectationChange['prefixes']): void {
    const { table: previous, now } = this.#judge;
    const scope = previous === null ? 'all' : prefixes;
    this.#judge.table = table;
    if (scope === 'all') {
      this.#pairings.adopt(table, now);
      this.#whole.clear(); // the turnover goes through all of them
    } else this.#pairings.replaceTable(table);
    this.#turnover = { previous, prefixes: scope, at: now };
    this.#nextDeadline = undefined;
  }

  readonly #judgeNoted = (neighbor: number, nlri: number): void => {
    const pairing = this.#pairings.of(neighbor);
    if (pairing) this.#judgeRow(pairing, this.#prefixes.ofNlri(nlri));
  };

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
    this.#isClosing = true;
    for (const prefix of pairing.rows.prefixes()) {
      const state = pairing.rows.get(prefix);
      this.#set(pairing, prefix, state, 0);
      yield;
    }
    this.#isClosing = false;
  }

  /** Judges everything for which the new expectations may differ, then lets the next ones in. */
  *#turnOver(turnover: Turnover): Generator<void> {
    const services: ServicesByPrefix = new Map();
    if (turnover.prefixes === 'all') {
      for (const pairing of this.#pairings.all) yield* this.#goThrough(pairing, services);
    } else {
      for (const text of turnover.prefixes) yield* this.#goAcross(this.#prefixes.intern(text), services);
    }
    if (this.#turnover !== turnover) return;
    if (turnover.prefixes === 'all') this.#services.replace(services);
    else this.#services.update(services);
    this.#turnover = undefined;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) this.#adopt(waiting.table, waiting.prefixes);
  }

  /** Judges a prefix for every pairing. */
  *#goAcross(prefix: number, services: ServicesByPrefix): Generator<void> {
    services.set(prefix, new Set());
    for (const pairing of this.#pairings.all) {
      if (pairing.retired) continue;
      const expected = this.#judge.expected(pairing, prefix);
      if (expected) gather(services, prefix, expected.chain);
      // Who has routes that were not looked at yet is gone through later.
      if (!pairing.hasUnseen) this.#judgeRow(pairing, prefix, expected);
      yield;
    }
  }

  /** Judges every row of a pairing: what is expected, what was there before, what is received. */
  *#goThrough(pairing: Pairing, services?: ServicesByPrefix): Generator<void> {
    this.#whole.delete(pairing);
    this.#visited.clear();
    const { hasUnseen } = pairing;
    pairing.hasUnseen = false;
    const { node, bgpPeer, neighbor } = pairing;
    const { table } = this.#judge;
    if (neighbor !== null && hasUnseen) {
      // Before anything is called missing, what is there must be known.
      for (const nlri of this.#rib.nlrisOf(neighbor)) {
        this.#prefixes.ofNlri(nlri);
        yield;
      }
    }
    if (table && node !== null && bgpPeer !== null && pairing.facts.role === 'expected') {
      for (const expected of table.routes(node, bgpPeer)) {
        if (pairing.retired) return;
        const prefix = this.#prefixes.intern(expected.prefix);
        if (services) gather(services, prefix, expected.chain);
        // A table that took over meanwhile is asked itself.
        if (table === this.#judge.table) this.#visit(pairing, prefix, expected);
        else this.#visit(pairing, prefix);
        yield;
      }
    }
    for (const prefix of pairing.rows.prefixes()) {
      if (pairing.retired) return;
      this.#visit(pairing, prefix);
      yield;
    }
    if (neighbor !== null && hasUnseen) {
      for (const nlri of this.#rib.nlrisOf(neighbor)) {
        if (pairing.retired) return;
        this.#visit(pairing, this.#prefixes.ofNlri(nlri));
        yield;
      }
    }
    pairing.settled = true;
  }

  #visit(pairing: Pairing, prefix: number, expected?: ExpectedRoute): void {
    if (this.#visited.add(prefix)) this.#judgeRow(pairing, prefix, expected);
  }

  /** Judges the rows that time or a re-send can change. */
  *#reopen(pairing: Pairing): Generator<void> {
    this.#open.delete(pairing);
    for (const prefix of pairing.rows.withWord('pending', 'mismatch')) {
      if (pairing.retired) return;
      this.#judgeRow(pairing, prefix);
      yield;
    }
  }

  #judgeRow(pairing: Pairing, prefix: number, expected = this.#judge.expected(pairing, prefix)): void {
    this.#noteExpectationChange(pairing, prefix, expected);
    const evaluation = this.#judge.judge(pairing, prefix, expected)?.evaluation;
    const state = evaluation ? packState(evaluation.reason, evaluation.fields, expected !== undefined) : 0;
    if (evaluation?.deadline) {
      pairing.deadline = Math.min(pairing.deadline, evaluation.deadline);
      if (this.#nextDeadline !== undefined) this.#nextDeadline = Math.min(this.#nextDeadline, evaluation.deadline);
    }
    const before = pairing.rows.get(prefix);
    if (state !== before) this.#set(pairing, prefix, before, state);
  }

  /** While expectations take over, a row's grace starts anew if its own expectation is another one. */
  #noteExpectationChange(pairing: Pairing, prefix: number, expected: ExpectedRoute | undefined): void {
    const turnover = this.#turnover;
    if (!turnover?.previous || pairing.createdAt >= turnover.at) return;
    if (turnover.prefixes !== 'all' && !turnover.prefixes.has(this.#prefixes.text(prefix))) return;
    const before = this.#judge.expected(pairing, prefix, turnover.previous);
    if (!sameExpectation(before, expected)) pairing.rows.setExpectedAt(prefix, turnover.at);
  }

  #set(pairing: Pairing, prefix: number, before: RowState, after: RowState): void {
    const from = wordOf(before);
    const to = wordOf(after);
    const isNews = (from ?? 'ok') !== 'ok' || (to ?? 'ok') !== 'ok';
    pairing.rows.set(prefix, after);
    this.#services.count(prefix, before, after);
    if (from !== to && (isNews || pairing.settled)) pairing.rows.setSince(prefix, this.#judge.now);
    if (isNews && !sameFinding(before, after))
      this.#changes.push({ from, to, verdict: this.#judge.verdict(pairing, prefix) });
  }
}

function union(a: ExpectationChange['prefixes'], b: ExpectationChange['prefixes']): ExpectationChange['prefixes'] {
  return a === 'all' || b === 'all' ? 'all' : new Set([...a, ...b]);
}
