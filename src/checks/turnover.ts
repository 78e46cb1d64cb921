/** From what verdicts went by to what they go by now: for which prefixes the two may differ, and what waits its turn. */
import type { ExpectationChange, ExpectationTable } from '../metallb/types.ts';
import { RulesInForce, scopeOf } from '../overlay/in-force.ts';
import type { OverlayRule } from '../overlay/rule.ts';
import type { Standard } from './standard.ts';

export type Scope = ExpectationChange['prefixes'];

/** One standard takes over from another; rows are gone through meanwhile. */
export interface Turnover {
  /** null = there was nothing to go by. */
  previous: Standard | null;
  prefixes: Scope;
  /** epoch ms */
  at: number;
}

/** A standard, and the prefixes for which it may say something else than the one before. */
export interface Successor {
  standard: Standard;
  prefixes: Scope;
}

/** Objects and rules as they were given, the newest of each. */
export class Succession {
  #overlay: readonly OverlayRule[] = [];
  #newest: Standard;
  #waiting: Successor | undefined;

  constructor(now: number) {
    this.#newest = { table: null, rules: new RulesInForce([], now) };
  }

  get newest(): Standard {
    return this.#newest;
  }

  /** epoch ms at which rules expire and `next` has something to say; Infinity = never. */
  get until(): number {
    return this.#newest.rules.until;
  }

  giveOverlay(rules: readonly OverlayRule[], now: number): Successor {
    this.#overlay = rules;
    return this.next(this.#newest.table, new Set(), now);
  }

  /** What to go by with this table, of which `prefixes` may differ from the last one's, and the rules that hold at `now`. */
  next(table: ExpectationTable | null, prefixes: Scope, now: number): Successor {
    const last = this.#newest;
    const rules = new RulesInForce(this.#overlay, now);
    const isOther = (table === null) !== (last.table === null);
    this.#newest = { table, rules };
    return { standard: this.#newest, prefixes: isOther ? 'all' : union(prefixes, scopeOf(last.rules, rules)) };
  }

  /** Keeps it until `takeWaiting`, together with what waits already. */
  wait({ standard, prefixes }: Successor): void {
    this.#waiting = { standard, prefixes: union(this.#waiting?.prefixes ?? new Set(), prefixes) };
  }

  takeWaiting(): Successor | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }
}

function union(a: Scope, b: Scope): Scope {
  return a === 'all' || b === 'all' ? 'all' : new Set([...a, ...b]);
}
