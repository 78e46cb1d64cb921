/**
 * Keeps a verdict on every (node, BGPPeer, prefix): what the objects ask for against what neighbors send. Changes are
 * noted when they come and judged in `step`, in slices, so that nothing here holds the collector up. Judging a row is
 * always judging it as it is now; doing it once too often changes nothing.
 *
 * A row that appears ok, or goes while it was ok, is no news: it is counted, but no VerdictChange tells of it.
 */
import { allExpectations, type ExpectationChange } from '../metallb/expectations/expectation-change.ts';
import type { ExpectationTable } from '../metallb/expectations/table.ts';
import type { ExpectedRoute } from '../metallb/types.ts';
import type { OverlayRule } from '../overlay/rule.ts';
import type { RibView, RouteIndex } from '../rib/types.ts';
import { workFor } from '../slices.ts';
import { ChangedRoutes } from './changed-routes.ts';
import type { ExpectationSet } from './expectation-set.ts';
import {
  type ExpectationUpdate,
  ExpectationUpdates,
  type NextExpectations,
  nodesWithOtherSessions,
  type PreviousExpectation,
} from './expectation-updates.ts';
import { figuresOf } from './figures.ts';
import { groupsOf } from './groups.ts';
import { Judge, type RowEvaluation } from './judge.ts';
import { type ListSource, listRows, wrongRows } from './list.ts';
import { type AskedSessions, type NeighborMatch, NeighborMatches, type RowOwner } from './neighbor-matches.ts';
import { Prefixes } from './prefixes.ts';
import { RowScan } from './row-scan.ts';
import { packState, type RowState, sameFinding, wordOf } from './rows.ts';
import { RuleRows } from './rule-rows.ts';
import { ServiceStatuses } from './services.ts';
import { summaryOf } from './summary.ts';
import type {
  Verdict,
  VerdictChange,
  VerdictFigures,
  VerdictFilter,
  VerdictGroups,
  VerdictKey,
  VerdictSummary,
  VerdictView,
  VerdictWord,
  WrongRow,
} from './types.ts';

/** How long after the start of the process neighbors of an earlier run may stay away, ms. */
export const defaultRestoreMs = 300_000;

/** How long a prefix without a row is kept beyond grace, ms: a late route is judged by what was expected before. */
const keptMs = 10_000;
/** Owners whose empty pages are looked for in one go. */
const ownersPerTrim = 16;

/** Rows between two looks at the clock. */
const rowsPerLook = 32;

export interface VerdictEngineOptions {
  rib: RibView & RouteIndex;
  /** epoch ms */
  now: () => number;
  /** How long after a relevant change nothing is held against anybody, ms (by MetalLB's mode). */
  graceMs: () => number;
  /** Why there is nothing to compare, asked while nothing is expected, or only so many sessions with other routers. */
  emptyText?: (elsewhere: number) => string;
  /** Do sessions of this BGPPeer come to this collector? Left out: those of all. */
  standsFor?: (bgpPeer: string) => boolean;
  restoreMs?: number;
}

/** Without objects nobody asks for a session. */
const noSessions: AskedSessions = { sessions: [], nodes: new Map() };

export class VerdictEngine implements VerdictView {
  readonly #options: VerdictEngineOptions;
  readonly #startedAt: number;
  readonly #restoreMs: number;
  readonly #matches: NeighborMatches;
  readonly #prefixes: Prefixes;
  readonly #judge: Judge;
  readonly #services = new ServiceStatuses();
  readonly #ruleRows: RuleRows;
  readonly #rowScan: RowScan;
  readonly #updates: ExpectationUpdates;
  #update: ExpectationUpdate | undefined;

  // Work to do, in this order; noted routes come in between, but for the first.
  readonly #retired: RowOwner[] = [];
  readonly #whole = new Set<NeighborMatch>();
  readonly #open = new Set<NeighborMatch>();
  readonly #changedRoutes = new ChangedRoutes();
  #job: Generator<void> | undefined;
  #isClosing = false;
  /** Owners looked at by `free` so far. */
  #trimmed = 0;

  /** epoch ms, Infinity = none; undefined = to be worked out. */
  #nextDeadline: number | undefined;
  #changes: VerdictChange[] = [];
  #evaluatedAt: number;
  /** Kept until something changes: it is asked for with every answer of the API. */
  #summary: VerdictSummary | undefined;

  constructor(options: VerdictEngineOptions) {
    const { rib } = options;
    this.#options = options;
    this.#restoreMs = options.restoreMs ?? defaultRestoreMs;
    this.#startedAt = this.#evaluatedAt = options.now();
    this.#prefixes = new Prefixes(rib);
    this.#updates = new ExpectationUpdates(this.#startedAt);
    const sources = { rib, prefixes: this.#prefixes, matches: () => this.#matches.all };
    this.#judge = new Judge(sources, this.#updates.newest, this.#startedAt, options.graceMs());
    this.#rowScan = new RowScan({
      rib,
      prefixes: this.#prefixes,
      judge: this.#judge,
      previous: () => this.#update?.previous ?? null,
      judgeRow: this.#judgeRow,
      onThrough: (match) => this.#whole.delete(match),
    });
    this.#ruleRows = new RuleRows(this.#prefixes, (row) => this.#retired.push(row));
    this.#matches = new NeighborMatches({
      rib,
      startedAt: this.#startedAt,
      restoreMs: this.#restoreMs,
      standsFor: options.standsFor ?? (() => true),
      onChanged: (match) => {
        this.#whole.add(match);
        this.#ruleRows.touchAll();
      },
      onRetired: (match) => {
        this.#ruleRows.touchAll();
        this.#whole.delete(match);
        this.#open.delete(match);
        this.#retired.push(match);
      },
    });
  }

  /**
   * What should be there from now on. null = no sources are configured: no verdicts at all.
   * @param change where the table may say something else than the last one.
   */
  setExpectations(table: ExpectationTable | null, change: ExpectationChange): void {
    this.#look();
    this.#setNext(this.#updates.next(table, change, this.#judge.now));
  }

  /** The hand-written rules over the expectations; each stops by itself when it expires. */
  setOverlay(rules: readonly OverlayRule[]): void {
    this.#look();
    this.#setNext(this.#updates.giveOverlay(rules, this.#judge.now));
  }

  /** Routes that were announced, replaced, withdrawn, marked stale or confirmed; after each applied batch. */
  routesChanged(changes: Iterable<{ neighbor: number; nlri: number }>): void {
    if (this.#isIdle) return;
    for (const { neighbor, nlri } of changes) {
      if (this.#changedRoutes.note(neighbor, nlri)) continue;
      const match = this.#matches.of(neighbor);
      if (match === undefined) continue;
      match.hasUnseen = true;
      this.#whole.add(match);
    }
  }

  /** The RIB gave these NLRIs up. Only while not `busy`. */
  nlrisFreed(nlris: readonly number[]): void {
    for (const nlri of nlris) this.#prefixes.forgetNlri(nlri);
  }

  /** Frees at most `limit` prefixes that no row was about for a while; true when there may be more. Not while `busy`. */
  free(limit: number): boolean {
    this.#look();
    const before = this.#judge.now - keptMs - this.#judge.graceMs;
    const owners = this.#owners;
    for (let i = 0; i < Math.min(owners.length, ownersPerTrim); i++)
      owners[this.#trimmed++ % owners.length]!.rows.trim(before);
    return this.#prefixes.free(before, this.#judge.now, limit, (prefix) => this.#services.has(prefix)) === limit;
  }

  /** A neighbor's session state, its node or BGPPeer, or whether its table is complete may have changed. */
  neighborChanged(id: number): void {
    this.#look();
    this.#nextDeadline = this.#summary = undefined;
    this.#matches.neighborChanged(id, this.#judge.now);
  }

  /** The neighbor sent all its routes again: differences that came with it get grace once more. */
  resend(neighbor: number): void {
    this.#look();
    const match = this.#matches.resent(neighbor, this.#judge.now);
    if (match) this.#open.add(match);
  }

  /** Looks at the clock: what is due by now is judged in the next steps. */
  tick(): void {
    this.#look();
    const { now } = this.#judge;
    if (now < (this.nextDeadline() ?? Number.POSITIVE_INFINITY)) return;
    if (now >= this.#updates.until) this.#setNext(this.#updates.same(now));
    if (now >= this.#startedAt + this.#restoreMs) this.#matches.restoreOver(now);
    for (const match of this.#matches.takeDue(now)) this.#open.add(match);
    this.#ruleRows.touchDue(now);
    this.#nextDeadline = undefined;
  }

  /** epoch ms at which `tick` has something to do; undefined = not before something else happens. */
  nextDeadline(): number | undefined {
    this.#nextDeadline ??= Math.min(this.#ruleRows.deadline, this.#matches.deadline);
    const next = Math.min(this.#updates.until, this.#nextDeadline);
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  /** Is there something for `step` to do? */
  get busy(): boolean {
    return (
      this.#job !== undefined ||
      this.#update !== undefined ||
      !this.#changedRoutes.isEmpty ||
      this.#ruleRows.isDue ||
      this.#retired.length + this.#whole.size + this.#open.size > 0
    );
  }

  /** Judges what waits to be judged, for about `budgetMs`. Answers the changes, in order. */
  step(budgetMs: number): VerdictChange[] {
    this.#look();
    if (this.busy) {
      this.#evaluatedAt = this.#judge.now;
      this.#summary = undefined;
    }
    workFor(budgetMs, () => {
      const mayJudge = !this.#isClosing && this.#retired.length === 0;
      for (let i = 0; mayJudge && i < rowsPerLook && this.#changedRoutes.take(this.#judgeChanged); i++);
      this.#job ??= this.#nextJob();
      for (let i = 0; this.#job && i < rowsPerLook; i++) if (this.#job.next().done) this.#job = undefined;
      return this.busy;
    });
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  summary(): VerdictSummary {
    if (this.#isIdle) return this.#sum(); // why there is nothing may change any time
    this.#summary ??= this.#sum();
    return this.#summary;
  }

  figures(): VerdictFigures {
    return figuresOf(this.#owners, this.#services.statuses());
  }

  groups(): VerdictGroups {
    return groupsOf(this.#owners, this.#prefixes);
  }

  word(neighbor: number, nlri: number): VerdictWord | null {
    if (this.#isIdle) return null;
    const prefix = this.#prefixes.findNlri(nlri);
    const match = this.#matches.of(neighbor);
    const state = prefix === undefined ? 0 : (match?.rows.get(prefix) ?? 0);
    // of what no rule speaks nothing will be said; of the rest it just was not yet
    return wordOf(state) ?? (this.#judge.expectations.table === null ? null : 'unknown');
  }

  ofPrefix(text: string): Verdict[] {
    const prefix = this.#prefixes.find(text);
    if (prefix === undefined) return [];
    const present = this.#owners.filter(({ rows }) => rows.get(prefix) !== 0);
    return present.map((owner) => this.#judge.verdict(owner, prefix));
  }

  list(
    filter: VerdictFilter,
    after: VerdictKey | undefined,
    limit: number,
    maxLooks?: number,
  ): ReturnType<VerdictView['list']> {
    return listRows(this.#listSource, filter, after, limit, maxLooks);
  }

  /** Rows that are not ok, owner by owner. May be walked in pieces while rows change; rows that come meanwhile may be left out. */
  wrongRows(): Generator<WrongRow> {
    return wrongRows(this.#listSource);
  }

  #sum(): VerdictSummary {
    return summaryOf({
      owners: this.#owners,
      matches: this.#matches.all,
      sessions: this.#judge.expectations.table?.sessions.length ?? 0,
      services: this.#services.summary(),
      evaluatedAt: this.#evaluatedAt,
      isIdle: this.#isIdle,
      emptyText: this.#options.emptyText ?? (() => 'No sources of expectations are configured.'),
    });
  }

  /** There is nothing to go by: no verdicts at all. */
  get #isIdle(): boolean {
    const { table, rules } = this.#judge.expectations;
    return table === null && !rules.asks;
  }

  get #listSource(): ListSource {
    return { owners: this.#owners, prefixes: this.#prefixes, judge: this.#judge };
  }

  /** Everything that has rows, in list order. */
  get #owners(): readonly RowOwner[] {
    return this.#ruleRows.among(this.#matches.all);
  }

  #look(): void {
    this.#judge.now = this.#options.now();
    this.#judge.graceMs = this.#options.graceMs();
  }

  #setNext(next: NextExpectations): void {
    this.#summary = this.#nextDeadline = undefined;
    const { table, rules } = next.expectations;
    if (table === null && !rules.asks) this.#goIdle(next.expectations);
    else if (this.#update) this.#updates.wait(next);
    else this.#adopt(next);
  }

  #goIdle(expectations: ExpectationSet): void {
    this.#update = undefined;
    this.#updates.takeWaiting();
    this.#judge.expectations = expectations;
    this.#services.replace(new Map());
    this.#changedRoutes.clear();
    this.#ruleRows.adopt([], this.#judge.now);
    this.#matches.adopt(null, this.#judge.now);
  }

  #adopt(next: NextExpectations): void {
    const { expectations } = next;
    const previous = this.#isIdle ? null : this.#judge.expectations;
    const { now } = this.#judge;
    const scope = previous === null ? allExpectations : next.scope;
    const table = expectations.table ?? noSessions;
    this.#judge.expectations = expectations;
    if (scope.kind === 'all') {
      this.#matches.adopt(table, now);
      this.#whole.clear(); // the update goes through all of them
      // routes that no rule spoke of have no rows to be found by
      if (previous?.table === null) for (const match of this.#matches.all) match.hasUnseen = true;
    } else this.#matches.adoptNodes(table, nodesWithOtherSessions(scope), now);
    this.#ruleRows.adopt(expectations.rules.must, now);
    this.#update = { previous, scope, at: now };
    this.#nextDeadline = undefined;
  }

  readonly #judgeChanged = (neighbor: number, nlri: number): void => {
    const match = this.#matches.of(neighbor);
    if (!match) return;
    const prefix = this.#prefixes.ofNlri(nlri);
    this.#judgeRow(match, prefix, this.#judge.expected(match, prefix));
  };

  #nextJob(): Generator<void> | undefined {
    const retired = this.#retired.shift();
    if (retired) return this.#close(retired);
    if (this.#update) return this.#applyUpdate(this.#update);
    const [whole] = this.#whole;
    if (whole) return this.#rowScan.through(whole);
    const [open] = this.#open;
    if (open) {
      this.#open.delete(open);
      return this.#rowScan.open(open);
    }
    return this.#ruleRows.isDue ? this.#judgeRules() : undefined;
  }

  /** Tells that the rows of an owner that is no more are over. */
  *#close(owner: RowOwner): Generator<void> {
    this.#isClosing = true;
    for (const prefix of owner.rows.prefixes()) {
      this.#set(owner, prefix, owner.rows.get(prefix), 0, {});
      yield;
    }
    this.#isClosing = false;
  }

  /** Judges everything for which the new expectations may differ, then lets the next ones in. */
  *#applyUpdate(update: ExpectationUpdate): Generator<void> {
    const { scope } = update;
    const { services, ofNodes } = yield* this.#rowScan.changed(this.#matches.all, scope);
    if (this.#update !== update) return;
    if (scope.kind === 'all') this.#services.replace(services);
    else this.#services.update(services);
    this.#services.add(ofNodes);
    this.#update = undefined;
    const waiting = this.#updates.takeWaiting();
    if (waiting) this.#adopt(waiting);
  }

  /** Judges the rules that somebody touched, each by all sessions that it selects. */
  *#judgeRules(): Generator<void> {
    for (let row = this.#ruleRows.take(); row; row = this.#ruleRows.take()) {
      this.#enter(row, row.prefix, { judgement: this.#judge.judgeRule(row) });
      row.settled = true;
      yield;
    }
  }

  readonly #judgeRow = (
    match: NeighborMatch,
    prefix: number,
    expected: ExpectedRoute | undefined,
    was?: PreviousExpectation,
  ): void => {
    const update = this.#update;
    if (update && this.#judge.isExpectedAnew(update, match, prefix, expected, was))
      match.rows.setExpectedAt(prefix, update.at);
    this.#ruleRows.touch(prefix);
    this.#enter(match, prefix, { expected, judgement: this.#judge.judge(match, prefix, expected) });
  };

  #enter(owner: RowOwner, prefix: number, found: RowEvaluation): void {
    const evaluation = found.judgement?.evaluation;
    const state = evaluation ? packState(evaluation.reason, evaluation.fields, found.expected !== undefined) : 0;
    if (evaluation?.deadline) {
      owner.deadline = Math.min(owner.deadline, evaluation.deadline);
      if (this.#nextDeadline !== undefined) this.#nextDeadline = Math.min(this.#nextDeadline, evaluation.deadline);
    }
    const before = owner.rows.get(prefix);
    if (state !== before) this.#set(owner, prefix, before, state, found);
  }

  #set(owner: RowOwner, prefix: number, before: RowState, after: RowState, found: RowEvaluation): void {
    const from = wordOf(before);
    const to = wordOf(after);
    const isNews = (from ?? 'ok') !== 'ok' || (to ?? 'ok') !== 'ok';
    owner.rows.set(prefix, after);
    if (before === 0 && after !== 0) this.#prefixes.hold(prefix);
    else if (before !== 0 && after === 0) this.#prefixes.release(prefix, this.#judge.now);
    this.#services.count(prefix, before, after);
    if (from !== to && (isNews || owner.settled)) owner.rows.setSince(prefix, this.#judge.now);
    if (isNews && !sameFinding(before, after))
      this.#changes.push({ from, to, verdict: this.#judge.verdict(owner, prefix, found) });
  }
}
