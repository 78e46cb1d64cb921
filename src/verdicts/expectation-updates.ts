/** Updates of expectations: where they may differ from the ones before, and the update that waits. */
import { fromWall, toWall } from '../clock.ts';
import {
  allExpectations,
  changeOfPrefixes,
  type ExpectationChange,
  noExpectations,
  type SomeExpectations,
  union,
} from '../metallb/expectations/expectation-change.ts';
import type { ExpectationTable } from '../metallb/expectations/table.ts';
import type { ExpectedRoute } from '../metallb/types.ts';
import { RulesInEffect, scopeOf } from '../overlay/in-effect.ts';
import type { OverlayRule } from '../overlay/rule.ts';
import type { ExpectationSet } from './expectation-set.ts';

/** Nodes whose sessions may differ. */
export const nodesWithOtherSessions = ({ nodes }: SomeExpectations): ReadonlySet<string> =>
  new Set([...nodes].filter(([, own]) => own === 'all').map(([node]) => node));

/** New expectations replace others; rows are judged meanwhile. */
export interface ExpectationUpdate {
  /** null = nothing was expected. */
  previous: ExpectationSet | null;
  scope: ExpectationChange;
  /** epoch ms */
  at: number;
}

/** Expectations, and where they may differ from the ones before. */
export interface NextExpectations {
  expectations: ExpectationSet;
  scope: ExpectationChange;
}

/** The route that was expected of a row before. */
export interface PreviousExpectation {
  expected: ExpectedRoute | undefined;
}

/** Objects and rules as they were given, the newest of each. */
export class ExpectationUpdates {
  #overlay: readonly OverlayRule[] = [];
  #newest: ExpectationSet;
  #waiting: NextExpectations | undefined;

  constructor(now: number) {
    this.#newest = { table: null, rules: new RulesInEffect([], toWall(now)) };
  }

  get newest(): ExpectationSet {
    return this.#newest;
  }

  /** Steady time at which rules expire and `next` has something to say, as the wall clock is now; Infinity = never. */
  get until(): number {
    return fromWall(this.#newest.rules.until);
  }

  giveOverlay(rules: readonly OverlayRule[], now: number): NextExpectations {
    this.#overlay = rules;
    return this.same(now);
  }

  /** The same table, with the rules that hold at `now`. */
  same(now: number): NextExpectations {
    return this.next(this.#newest.table, noExpectations, now);
  }

  /** What to go by with this table, which differs from the last one within `scope`, and the rules that hold at `now`. */
  next(table: ExpectationTable | null, scope: ExpectationChange, now: number): NextExpectations {
    const last = this.#newest;
    const holding = new RulesInEffect(this.#overlay, toWall(now));
    const ofRules = changeOfPrefixes(scopeOf(last.rules, holding));
    // as long as the same rules hold they are the same object
    const rules = ofRules.kind === 'all' || ofRules.prefixes.size > 0 ? holding : last.rules;
    const isOther = (table === null) !== (last.table === null);
    this.#newest = { table, rules };
    return { expectations: this.#newest, scope: isOther ? allExpectations : union(scope, ofRules) };
  }

  /** Keeps it until `takeWaiting`, together with what waits already. */
  wait({ expectations, scope }: NextExpectations): void {
    this.#waiting = { expectations, scope: union(this.#waiting?.scope ?? noExpectations, scope) };
  }

  takeWaiting(): NextExpectations | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }
}
