/** From what verdicts went by to what they go by now: for which prefixes the two may differ, and what waits its turn. */
import { fromWall, toWall } from '../clock.ts';
import type { ExpectationChange, ExpectationTable, NodesChange } from '../metallb/types.ts';
import { RulesInForce, scopeOf } from '../overlay/in-force.ts';
import type { OverlayRule } from '../overlay/rule.ts';
import type { Standard } from './standard.ts';

/** What may be different: everything, or some prefixes everywhere and more on some nodes. */
export type ChangeScope = NodesChange | 'all';

const noNodes: NodesChange['nodes'] = new Map();
const nothing: ChangeScope = { prefixes: new Set(), nodes: noNodes };

export function scopeOfChange({ prefixes, only, alike }: ExpectationChange): ChangeScope {
  if (prefixes === 'all' && !only) return 'all';
  const scope = only ?? { prefixes: prefixes as ReadonlySet<string>, nodes: noNodes };
  if (!alike || alike.size === 0) return scope;
  return { prefixes: new Set([...scope.prefixes].filter((prefix) => !alike.has(prefix))), nodes: scope.nodes };
}

/** May it be different for this prefix on this node? */
export function isIn(scope: ChangeScope, node: string | null, prefix: string): boolean {
  if (scope === 'all' || scope.prefixes.has(prefix)) return true;
  const own = node === null ? undefined : scope.nodes.get(node);
  return own === 'all' || own?.has(prefix) === true;
}

/** Nodes of which the sessions may be others. */
export const nodesOtherIn = ({ nodes }: NodesChange): ReadonlySet<string> =>
  new Set([...nodes].filter(([, own]) => own === 'all').map(([node]) => node));

/** One standard takes over from another; rows are gone through meanwhile. */
export interface Turnover {
  /** null = there was nothing to go by. */
  previous: Standard | null;
  scope: ChangeScope;
  /** epoch ms */
  at: number;
}

/** A standard, and where it may say something else than the one before. */
export interface Successor {
  standard: Standard;
  scope: ChangeScope;
}

/** Objects and rules as they were given, the newest of each. */
export class Succession {
  #overlay: readonly OverlayRule[] = [];
  #newest: Standard;
  #waiting: Successor | undefined;

  constructor(now: number) {
    this.#newest = { table: null, rules: new RulesInForce([], toWall(now)) };
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
    return this.next(this.#newest.table, nothing, now);
  }

  /** What to go by with this table, which differs from the last one within `scope`, and the rules that hold at `now`. */
  next(table: ExpectationTable | null, scope: ChangeScope, now: number): Successor {
    const last = this.#newest;
    const holding = new RulesInForce(this.#overlay, toWall(now));
    const ofRules = scopeOfChange({ prefixes: scopeOf(last.rules, holding) });
    // as long as the same rules hold they are the same object
    const rules = ofRules === 'all' || ofRules.prefixes.size > 0 ? holding : last.rules;
    const isOther = (table === null) !== (last.table === null);
    this.#newest = { table, rules };
    return { standard: this.#newest, scope: isOther ? 'all' : union(scope, ofRules) };
  }

  /** Keeps it until `takeWaiting`, together with what waits already. */
  wait({ standard, scope }: Successor): void {
    this.#waiting = { standard, scope: union(this.#waiting?.scope ?? nothing, scope) };
  }

  takeWaiting(): Successor | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }
}

function union(a: ChangeScope, b: ChangeScope): ChangeScope {
  if (a === 'all' || b === 'all') return 'all';
  const nodes = new Map(a.nodes);
  for (const [node, own] of b.nodes) {
    const other = nodes.get(node);
    nodes.set(node, own === 'all' || other === 'all' ? 'all' : new Set([...own, ...(other ?? [])]));
  }
  return { prefixes: new Set([...a.prefixes, ...b.prefixes]), nodes };
}
