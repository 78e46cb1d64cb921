/** From what verdicts went by to what they go by now: for which prefixes the two may differ, and what waits its turn. */
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
import { RulesInEffect, scopeOf } from '../overlay/in-effect.ts';
import type { OverlayRule } from '../overlay/rule.ts';
import type { Standard } from './standard.ts';

/** Nodes of which the sessions may be others. */
export const nodesOtherIn = ({ nodes }: SomeExpectations): ReadonlySet<string> =>
  new Set([...nodes].filter(([, own]) => own === 'all').map(([node]) => node));

/** One standard takes over from another; rows are gone through meanwhile. */
export interface Turnover {
  /** null = there was nothing to go by. */
  previous: Standard | null;
  scope: ExpectationChange;
  /** epoch ms */
  at: number;
}

/** A standard, and where it may say something else than the one before. */
export interface Successor {
  standard: Standard;
  scope: ExpectationChange;
}

/** Objects and rules as they were given, the newest of each. */
export class Succession {
  #overlay: readonly OverlayRule[] = [];
  #newest: Standard;
  #waiting: Successor | undefined;

  constructor(now: number) {
    this.#newest = { table: null, rules: new RulesInEffect([], toWall(now)) };
  }

  get newest(): Standard {
    return this.#newest;
  }

  /** Steady time at which rules expire and `next` has something to say, as the wall clock is now; Infinity = never. */
  get until(): number {
    return fromWall(this.#newest.rules.until);
  }

  giveOverlay(rules: readonly OverlayRule[], now: number): Successor {
    this.#overlay = rules;
    return this.same(now);
  }

  /** The same table, with the rules that hold at `now`. */
  same(now: number): Successor {
    return this.next(this.#newest.table, noExpectations, now);
  }

  /** What to go by with this table, which differs from the last one within `scope`, and the rules that hold at `now`. */
  next(table: ExpectationTable | null, scope: ExpectationChange, now: number): Successor {
    const last = this.#newest;
    const holding = new RulesInEffect(this.#overlay, toWall(now));
    const ofRules = changeOfPrefixes(scopeOf(last.rules, holding));
    // as long as the same rules hold they are the same object
    const rules = ofRules.kind === 'all' || ofRules.prefixes.size > 0 ? holding : last.rules;
    const isOther = (table === null) !== (last.table === null);
    this.#newest = { table, rules };
    return { standard: this.#newest, scope: isOther ? allExpectations : union(scope, ofRules) };
  }

  /** Keeps it until `takeWaiting`, together with what waits already. */
  wait({ standard, scope }: Successor): void {
    this.#waiting = { standard, scope: union(this.#waiting?.scope ?? noExpectations, scope) };
  }

  takeWaiting(): Successor | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }
}
