/**
 * Keeps a verdict on every (node, BGPPeer, prefix): what the objects ask for against what neighbors send. Changes are
 * noted when they come and judged in `step`, in slices, so that nothing here holds the collector up. Judging a row is
 * always judging it as it is now; doing it once too often changes nothing.
 *
 * A row that appears ok, or goes while it was ok, is no news: it is counted, but no VerdictChange tells of it.
 */
import { allExpectations, contains, type ExpectationChange } from '../metallb/expectations/expectation-change.ts';
import type { ExpectationTable } from '../metallb/expectations/table.ts';
import type { ExpectedRoute } from '../metallb/types.ts';
import type { OverlayRule } from '../overlay/rule.ts';
import type { RibView, RouteIndex } from '../rib/types.ts';
import { workFor } from '../slices.ts';
import { sameExpectation } from './compare.ts';
import { figuresOf } from './figures.ts';
import { groupsOf } from './groups.ts';
import { Judge, type RowEvaluation } from './judge.ts';
import { type ListSource, listRows, wrongRows } from './list.ts';
import { NotedRoutes } from './noted-routes.ts';
import { type AskedSessions, type Pairing, Pairings, type RowOwner } from './pairings.ts';
import { Prefixes } from './prefixes.ts';
import { Rounds, type Was } from './rounds.ts';
import { packState, type RowState, sameFinding, wordOf } from './rows.ts';
import { RuleRows } from './rule-rows.ts';
import { ServiceStatuses, type ServicesByPrefix } from './services.ts';
import type { Standard } from './standard.ts';
import { summaryOf } from './summary.ts';
import { nodesOtherIn, Succession, type Successor, type Turnover } from './turnover.ts';
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
  readonly #pairings: Pairings;
  readonly #prefixes: Prefixes;
  readonly #judge: Judge;
  readonly #services = new ServiceStatuses();
  readonly #ruleRows: RuleRows;
  readonly #rounds: Rounds;
  readonly #succession: Succession;
  #turnover: Turnover | undefined;

  // Work to do, in this order; noted routes come in between, but for the first.
  readonly #retired: RowOwner[] = [];
  readonly #whole = new Set<Pairing>();
  readonly #open = new Set<Pairing>();
  readonly #noted = new NotedRoutes();
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
    this.#succession = new Succession(this.#startedAt);
    const sources = { rib, prefixes: this.#prefixes, pairings: () => this.#pairings.all };
    this.#judge = new Judge(sources, this.#succession.newest, this.#startedAt, options.graceMs());
    this.#rounds = new Rounds({
      rib,
      prefixes: this.#prefixes,
      judge: this.#judge,
      previous: () => this.#turnover?.previous ?? null,
      judgeRow: this.#judgeRow,
    });
    this.#ruleRows = new RuleRows(this.#prefixes, (row) => this.#retired.push(row));
    this.#pairings = new Pairings({
      rib,
      startedAt: this.#startedAt,
      restoreMs: this.#restoreMs,
      standsFor: options.standsFor ?? (() => true),
      onChanged: (pairing) => {
        this.#whole.add(pairing);
        this.#ruleRows.touchAll();
      },
      onRetired: (pairing) => {
        this.#ruleRows.touchAll();
        this.#whole.delete(pairing);
        this.#open.delete(pairing);
        this.#retired.push(pairing);
      },
    });
  }

  /**
   * What should be there from now on. null = no sources are configured: no verdicts at all.
   * @param change where the table may say something else than the last one.
   */
  setExpectations(table: ExpectationTable | null, change: ExpectationChange): void {
    this.#look();
    this.#goBy(this.#succession.next(table, change, this.#judge.now));
  }

  /** The hand-written rules over the expectations; each stops by itself when it expires. */
  setOverlay(rules: readonly OverlayRule[]): void {
    this.#look();
    this.#goBy(this.#succession.giveOverlay(rules, this.#judge.now));
  }

  /** Routes that were announced, replaced, withdrawn, marked stale or confirmed; after each applied batch. */
  routesChanged(changes: Iterable<{ neighbor: number; nlri: number }>): void {
    if (this.#isIdle) return;
    for (const { neighbor, nlri } of changes) {
      if (this.#noted.note(neighbor, nlri)) continue;
      const pairing = this.#pairings.of(neighbor);
      if (pairing === undefined) continue;
      pairing.hasUnseen = true;
      this.#whole.add(pairing);
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
    if (now >= this.#succession.until) this.#goBy(this.#succession.same(now));
    if (now >= this.#startedAt + this.#restoreMs) this.#pairings.restoreOver(now);
    for (const pairing of this.#pairings.takeDue(now)) this.#open.add(pairing);
    this.#ruleRows.touchDue(now);
    this.#nextDeadline = undefined;
  }

  /** epoch ms at which `tick` has something to do; undefined = not before something else happens. */
  nextDeadline(): number | undefined {
    this.#nextDeadline ??= Math.min(this.#ruleRows.deadline, this.#pairings.deadline);
    const next = Math.min(this.#succession.until, this.#nextDeadline);
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  /** Is there something for `step` to do? */
  get busy(): boolean {
    return (
      this.#job !== undefined ||
      this.#turnover !== undefined ||
      !this.#noted.isEmpty ||
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
      for (let i = 0; mayJudge && i < rowsPerLook && this.#noted.take(this.#judgeNoted); i++);
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
    const pairing = this.#pairings.of(neighbor);
    const state = prefix === undefined ? 0 : (pairing?.rows.get(prefix) ?? 0);
    // of what no rule speaks nothing will be said; of the rest it just was not yet
    return wordOf(state) ?? (this.#judge.standard.table === null ? null : 'unknown');
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
      pairings: this.#pairings.all,
      sessions: this.#judge.standard.table?.sessions.length ?? 0,
      services: this.#services.summary(),
      evaluatedAt: this.#evaluatedAt,
      isIdle: this.#isIdle,
      emptyText: this.#options.emptyText ?? (() => 'No sources of expectations are configured.'),
    });
  }

  /** There is nothing to go by: no verdicts at all. */
  get #isIdle(): boolean {
    const { table, rules } = this.#judge.standard;
    return table === null && !rules.asks;
  }

  get #listSource(): ListSource {
    return { owners: this.#owners, prefixes: this.#prefixes, judge: this.#judge };
  }

  /** Everything that has rows, in list order. */
  get #owners(): readonly RowOwner[] {
    return this.#ruleRows.among(this.#pairings.all);
  }

  #look(): void {
    this.#judge.now = this.#options.now();
    this.#judge.graceMs = this.#options.graceMs();
  }

  #goBy(next: Successor): void {
    this.#summary = this.#nextDeadline = undefined;
    const { table, rules } = next.standard;
    if (table === null && !rules.asks) this.#goIdle(next.standard);
    else if (this.#turnover) this.#succession.wait(next);
    else this.#adopt(next);
  }

  #goIdle(standard: Standard): void {
    this.#turnover = undefined;
    this.#succession.takeWaiting();
    this.#judge.standard = standard;
    this.#services.replace(new Map());
    this.#noted.clear();
    this.#ruleRows.adopt([], this.#judge.now);
    this.#pairings.adopt(null, this.#judge.now);
  }

  #adopt(successor: Successor): void {
    const { standard } = successor;
    const previous = this.#isIdle ? null : this.#judge.standard;
    const { now } = this.#judge;
    const scope = previous === null ? allExpectations : successor.scope;
    const table = standard.table ?? noSessions;
    this.#judge.standard = standard;
    if (scope.kind === 'all') {
      this.#pairings.adopt(table, now);
      this.#whole.clear(); // the turnover goes through all of them
      // routes that no rule spoke of have no rows to be found by
      if (previous?.table === null) for (const pairing of this.#pairings.all) pairing.hasUnseen = true;
    } else this.#pairings.adoptNodes(table, nodesOtherIn(scope), now);
    this.#ruleRows.adopt(standard.rules.must, now);
    this.#turnover = { previous, scope, at: now };
    this.#nextDeadline = undefined;
  }

  readonly #judgeNoted = (neighbor: number, nlri: number): void => {
    const pairing = this.#pairings.of(neighbor);
    if (!pairing) return;
    const prefix = this.#prefixes.ofNlri(nlri);
    this.#judgeRow(pairing, prefix, this.#judge.expected(pairing, prefix));
  };

  #nextJob(): Generator<void> | undefined {
    const retired = this.#retired.shift();
    if (retired) return this.#close(retired);
    if (this.#turnover) return this.#turnOver(this.#turnover);
    const [whole] = this.#whole;
    if (whole) return this.#goThrough(whole);
    const [open] = this.#open;
    if (open) {
      this.#open.delete(open);
      return this.#rounds.open(open);
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
  *#turnOver(turnover: Turnover): Generator<void> {
    const { scope } = turnover;
    const services: ServicesByPrefix = new Map();
    const ofNodes: ServicesByPrefix = new Map();
    if (scope.kind === 'all') {
      for (const pairing of this.#pairings.all) yield* this.#goThrough(pairing, services);
    } else {
      const { all } = this.#pairings;
      for (const text of scope.prefixes) yield* this.#rounds.across(all, this.#prefixes.intern(text), services);
      for (const [node, pairings] of Map.groupBy(this.#pairings.all, (pairing) => pairing.node)) {
        const own = node === null ? undefined : scope.nodes.get(node);
        if (own === 'all') for (const pairing of pairings) yield* this.#goThrough(pairing, ofNodes);
        else if (own) yield* this.#rounds.along(pairings, own, ofNodes);
      }
    }
    if (this.#turnover !== turnover) return;
    if (scope.kind === 'all') this.#services.replace(services);
    else this.#services.update(services);
    this.#services.add(ofNodes);
    this.#turnover = undefined;
    const waiting = this.#succession.takeWaiting();
    if (waiting) this.#adopt(waiting);
  }

  #goThrough(pairing: Pairing, services?: ServicesByPrefix): Generator<void> {
    this.#whole.delete(pairing);
    return this.#rounds.through(pairing, services);
  }

  /** Judges the rules that somebody touched, each by all sessions that it selects. */
  *#judgeRules(): Generator<void> {
    for (let row = this.#ruleRows.take(); row; row = this.#ruleRows.take()) {
      this.#enter(row, row.prefix, { judgement: this.#judge.judgeRule(row) });
      row.settled = true;
      yield;
    }
  }

  readonly #judgeRow = (pairing: Pairing, prefix: number, expected: ExpectedRoute | undefined, was?: Was): void => {
    this.#noteExpectationChange(pairing, prefix, expected, was);
    this.#ruleRows.touch(prefix);
    this.#enter(pairing, prefix, { expected, judgement: this.#judge.judge(pairing, prefix, expected) });
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

  /** While expectations take over, a row's grace starts anew if its own expectation is another one. */
  #noteExpectationChange(pairing: Pairing, prefix: number, expected: ExpectedRoute | undefined, was?: Was): void {
    const turnover = this.#turnover;
    if (!turnover?.previous || pairing.createdAt >= turnover.at) return;
    if (!contains(turnover.scope, pairing.node, this.#prefixes.text(prefix))) return;
    const { previous } = turnover;
    const isSame =
      sameExpectation(was ? was.expected : this.#judge.expected(pairing, prefix, previous), expected) &&
      this.#judge.unasked(pairing, prefix, previous) === this.#judge.unasked(pairing, prefix);
    if (!isSame) pairing.rows.setExpectedAt(prefix, turnover.at);
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
