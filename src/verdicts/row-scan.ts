/** Ways to go through rows and judge each: generators, so that whoever runs them may stop after any row. */

import type { ExpectationChange } from '../metallb/expectations/expectation-change.ts';
import type { ExpectedRoute } from '../metallb/types.ts';
import type { RouteIndex } from '../rib/types.ts';
import { BitSet } from './bit-set.ts';
import { sameExpectation } from './compare.ts';
import { allowed, type ExpectationSet } from './expectation-set.ts';
import type { PreviousExpectation } from './expectation-updates.ts';
import type { Judge } from './judge.ts';
import type { NeighborMatch } from './neighbor-matches.ts';
import type { Prefixes } from './prefixes.ts';
import { gather, type ServicesByPrefix } from './services.ts';

export interface RowScanOptions {
  rib: RouteIndex;
  prefixes: Prefixes;
  judge: Judge;
  /** What was gone by before what took over; null = nothing. */
  previous: () => ExpectationSet | null;
  /** Called before all rows of a match are judged. */
  onThrough: (match: NeighborMatch) => void;
  /** Judges one row, of which this is expected, and that was (left out: to be looked up). */
  judgeRow: (
    match: NeighborMatch,
    prefix: number,
    expected: ExpectedRoute | undefined,
    was?: PreviousExpectation,
  ) => void;
}

export class RowScan {
  readonly #o: RowScanOptions;
  /** Prefix ids that the present `through` has judged; there is one at a time. */
  readonly #visited = new BitSet();

  constructor(options: RowScanOptions) {
    this.#o = options;
  }

  /** Everything that a change of expectations contains. Answers the Services of prefixes: on all nodes, and on some. */
  *changed(
    all: readonly NeighborMatch[],
    change: ExpectationChange,
  ): Generator<void, { services: ServicesByPrefix; ofNodes: ServicesByPrefix }> {
    const services: ServicesByPrefix = new Map();
    const ofNodes: ServicesByPrefix = new Map();
    if (change.kind === 'all') {
      for (const match of all) yield* this.through(match, services);
      return { services, ofNodes };
    }
    for (const text of change.prefixes) yield* this.across(all, this.#o.prefixes.intern(text), services);
    for (const [node, matches] of Map.groupBy(all, (match) => match.node)) {
      const own = node === null ? undefined : change.nodes.get(node);
      if (own === 'all') for (const match of matches) yield* this.through(match, ofNodes);
      else if (own) yield* this.along(matches, own, ofNodes);
    }
    return { services, ofNodes };
  }

  /** One prefix, for every match. */
  *across(matches: readonly NeighborMatch[], prefix: number, services: ServicesByPrefix): Generator<void> {
    services.set(prefix, new Set());
    for (const match of matches) {
      if (match.retired) continue;
      this.#judge(match, prefix, services);
      yield;
    }
  }

  /** Some prefixes, for the matches of one node: one prefix after the other, while what is known of it is at hand. */
  *along(
    matches: readonly NeighborMatch[],
    prefixes: ReadonlySet<string>,
    services: ServicesByPrefix,
  ): Generator<void> {
    for (const text of prefixes) {
      const prefix = this.#o.prefixes.intern(text);
      for (const match of matches) {
        if (!match.retired) this.#judge(match, prefix, services);
        yield;
      }
    }
  }

  #judge(match: NeighborMatch, prefix: number, services: ServicesByPrefix): void {
    const { judge, previous, judgeRow } = this.#o;
    const expected = judge.expected(match, prefix);
    if (expected) gather(services, prefix, expected.chain);
    // Who has routes that were not looked at yet is gone through later.
    if (match.hasUnseen) return;
    const before = previous();
    const isJudged = match.settled && before?.rules === judge.expectations.rules;
    const hasRow = match.rows.get(prefix) !== 0;
    if (!expected && !hasRow && (isJudged ? hasRowIfAny(match, before, judge.expectations) : isNobodys(match))) return;
    const was = before ? { expected: judge.expected(match, prefix, before) } : undefined;
    // By the same rules the same was expected: what took over has changed nothing about it.
    if (expected && hasRow && isJudged && sameExpectation(was?.expected, expected)) return;
    judgeRow(match, prefix, expected, was);
  }

  /** Every row of a match: what is expected, what was there before, what is received. */
  *through(match: NeighborMatch, services?: ServicesByPrefix): Generator<void> {
    const { rib, prefixes, judge } = this.#o;
    this.#o.onThrough(match);
    this.#visited.clear();
    const { hasUnseen } = match;
    match.hasUnseen = false;
    const { node, bgpPeer, neighbor } = match;
    const { expectations } = judge;
    const { table } = expectations;
    if (neighbor !== null && hasUnseen) {
      // Before anything is called missing, what is there must be known.
      for (const nlri of rib.nlrisOf(neighbor)) {
        prefixes.ofNlri(nlri);
        yield;
      }
    }
    if (table && node !== null && bgpPeer !== null && match.facts.role === 'expected') {
      for (const expected of table.routes(node, bgpPeer)) {
        if (match.retired) return;
        const prefix = prefixes.intern(expected.prefix);
        if (services) gather(services, prefix, expected.chain);
        // What took over meanwhile is asked itself.
        if (expectations !== judge.expectations) this.#visit(match, prefix);
        else this.#visit(match, prefix, { expected: allowed(expectations, match, expected.prefix, expected) });
        yield;
      }
    }
    for (const prefix of match.rows.prefixes()) {
      if (match.retired) return;
      this.#visit(match, prefix);
      yield;
    }
    if (neighbor !== null && hasUnseen) {
      for (const nlri of rib.nlrisOf(neighbor)) {
        if (match.retired) return;
        this.#visit(match, prefixes.ofNlri(nlri));
        yield;
      }
    }
    match.settled = true;
  }

  #visit(match: NeighborMatch, prefix: number, known?: { expected: ExpectedRoute | undefined }): void {
    if (!this.#visited.add(prefix)) return;
    this.#o.judgeRow(match, prefix, known ? known.expected : this.#o.judge.expected(match, prefix));
  }

  /** The rows that time or a re-send can change. */
  *open(match: NeighborMatch): Generator<void> {
    for (const prefix of match.rows.withWord('pending', 'mismatch')) {
      if (match.retired) return;
      this.#o.judgeRow(match, prefix, this.#o.judge.expected(match, prefix));
      yield;
    }
  }
}

/** Nobody is there, and all that was expected has a row. */
const isNobodys = ({ neighbor, settled }: NeighborMatch): boolean => neighbor === null && settled;

/** Has whatever was expected of it, and whatever it sends, a row, by both standards? Then what has none is not there. */
function hasRowIfAny(
  { neighbor, facts }: NeighborMatch,
  before: ExpectationSet | null | undefined,
  now: ExpectationSet,
): boolean {
  return neighbor === null || (facts.role === 'expected' && !!before?.table && now.table !== null);
}
