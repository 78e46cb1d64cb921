/** The rules in effect at one time, and those that apply to one row. */
import { contains, type Prefix, parsePrefix } from '../ip.ts';
import type { IgnoreRule, MustNotRule, MustRule, OverlayRule } from './rule.ts';

/** An announcing session, as rules select it. */
export interface Announcer {
  node: string | null;
  bgpPeer: string | null;
  /** Canonical remote address; called only if a rule names one. */
  address: () => string | null;
}

const nothing: readonly never[] = [];

export class RulesInEffect {
  readonly rules: readonly OverlayRule[];
  readonly must: readonly MustRule[];
  /** True if a rule is `must` or `must-not`, not only `ignore`. */
  readonly asks: boolean;
  /** Wall time (epoch ms) of the next expiry; Infinity: never. */
  readonly until: number;
  readonly #exact = new Map<string, OverlayRule[]>();
  readonly #ranges: { rule: OverlayRule; prefix: Prefix }[] = [];
  /** Rules by prefix; a cache used only if there are rules with ranges. */
  readonly #found = new Map<string, readonly OverlayRule[]>();

  /** The rules of `rules` in effect at `wall` (wall time, epoch ms): rules expire by their written date. */
  constructor(rules: readonly OverlayRule[], wall: number) {
    const inForce = rules.filter(({ expires }) => expires === null || wall < expires);
    this.rules = inForce;
    this.asks = inForce.some(({ rule }) => rule !== 'ignore');
    this.must = inForce.filter((rule) => rule.rule === 'must');
    this.until = inForce.reduce((first, { expires }) => Math.min(first, expires ?? Infinity), Infinity);
    for (const rule of inForce) {
      if (rule.match !== 'exact') this.#ranges.push({ rule, prefix: parsePrefix(rule.prefix)! });
      else if (this.#exact.has(rule.prefix)) this.#exact.get(rule.prefix)!.push(rule);
      else this.#exact.set(rule.prefix, [rule]);
    }
  }

  /** The first rule that forbids `announcer` this canonical prefix. */
  forbids(announcer: Announcer, prefix: string): MustNotRule | undefined {
    return this.#first('must-not', announcer, prefix) as MustNotRule | undefined;
  }

  /** The first rule that requires this prefix from `announcer`, perhaps among others. */
  callsFor(announcer: Announcer, prefix: string): MustRule | undefined {
    return this.#first('must', announcer, prefix) as MustRule | undefined;
  }

  /** Rules that accept differences of this row. */
  *ignores(announcer: Announcer, prefix: string): Generator<IgnoreRule> {
    for (const rule of this.#about(prefix)) if (rule.rule === 'ignore' && selects(rule, announcer)) yield rule;
  }

  #first(kind: OverlayRule['rule'], announcer: Announcer, prefix: string): OverlayRule | undefined {
    for (const rule of this.#about(prefix)) if (rule.rule === kind && selects(rule, announcer)) return rule;
    return undefined;
  }

  #about(prefix: string): readonly OverlayRule[] {
    if (this.rules.length === 0) return nothing; // the usual case, on the path of every route
    if (this.#ranges.length === 0) return this.#exact.get(prefix) ?? nothing;
    let found = this.#found.get(prefix);
    if (found === undefined) {
      const value = parsePrefix(prefix)!;
      const around = this.#ranges.flatMap(({ rule, prefix }) => (fits(rule, prefix, value) ? [rule] : []));
      const exact = this.#exact.get(prefix) ?? nothing;
      found = around.length === 0 ? exact : [...exact, ...around];
      this.#found.set(prefix, found);
    }
    return found;
  }
}

/** True if the rule selects the session. */
export function selects(rule: OverlayRule, { node, bgpPeer, address }: Announcer): boolean {
  return (
    isAmong(rule.nodes, node) &&
    isAmong(rule.bgpPeers, bgpPeer) &&
    (rule.neighbors.length === 0 || isAmong(rule.neighbors, address()))
  );
}

const isAmong = (names: readonly string[], name: string | null): boolean =>
  names.length === 0 || (name !== null && names.includes(name));

/** True if a rule with a range applies to `other`. `own`: the rule's parsed prefix. */
export function fits({ match }: OverlayRule, own: Prefix, other: Prefix): boolean {
  return match === 'longer' ? contains(own, other) : contains(other, own);
}

/** Prefixes for which the rules may differ; 'all' if a rule with a range differs. */
export function scopeOf(before: RulesInEffect, after: RulesInEffect): ReadonlySet<string> | 'all' {
  const changed = [...onlyIn(before, after), ...onlyIn(after, before)];
  return changed.some(({ match }) => match !== 'exact') ? 'all' : new Set(changed.map(({ prefix }) => prefix));
}

function onlyIn(one: RulesInEffect, other: RulesInEffect): OverlayRule[] {
  const known = new Set(other.rules.map((rule) => JSON.stringify(rule)));
  return one.rules.filter((rule) => !known.has(JSON.stringify(rule)));
}
