/** The rules that hold at one instant, and which of them are about one row. */
import { contains, type Prefix, parsePrefix } from '../ip.ts';
import type { IgnoreRule, MustNotRule, MustRule, OverlayRule } from './rule.ts';

/** Who announces, or should: a session as rules select it. */
export interface Announcer {
  node: string | null;
  bgpPeer: string | null;
  /** Canonical address that it comes from; asked only where a rule names one. */
  address: () => string | null;
}

const nothing: readonly never[] = [];

export class RulesInForce {
  readonly rules: readonly OverlayRule[];
  readonly must: readonly MustRule[];
  /** Do they say what should be, not only what is forgiven? */
  readonly asks: boolean;
  /** Wall time (epoch ms) at which one of them stops; Infinity = never. */
  readonly until: number;
  readonly #exact = new Map<string, OverlayRule[]>();
  readonly #ranges: { rule: OverlayRule; prefix: Prefix }[] = [];
  /** Rules about a prefix, by its text; kept only where ranges have to be looked through. */
  readonly #found = new Map<string, readonly OverlayRule[]>();

  /** What of `rules` holds at `wall`, a wall time (epoch ms): rules expire by the date that people wrote. */
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

  /** The first rule that forbids `announcer` this prefix (canonical). */
  forbids(announcer: Announcer, prefix: string): MustNotRule | undefined {
    return this.#first('must-not', announcer, prefix) as MustNotRule | undefined;
  }

  /** The first rule that calls for this prefix from `announcer`, maybe among others. */
  callsFor(announcer: Announcer, prefix: string): MustRule | undefined {
    return this.#first('must', announcer, prefix) as MustRule | undefined;
  }

  /** Rules by which differences of this row are accepted. */
  *ignores(announcer: Announcer, prefix: string): Generator<IgnoreRule> {
    for (const rule of this.#about(prefix)) if (rule.rule === 'ignore' && selects(rule, announcer)) yield rule;
  }

  #first(kind: OverlayRule['rule'], announcer: Announcer, prefix: string): OverlayRule | undefined {
    for (const rule of this.#about(prefix)) if (rule.rule === kind && selects(rule, announcer)) return rule;
    return undefined;
  }

  #about(prefix: string): readonly OverlayRule[] {
    if (this.rules.length === 0) return nothing; // nearly always, and asked for every route
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

/** Is a rule about sessions like this one? */
export function selects(rule: OverlayRule, { node, bgpPeer, address }: Announcer): boolean {
  return (
    isAmong(rule.nodes, node) &&
    isAmong(rule.bgpPeers, bgpPeer) &&
    (rule.neighbors.length === 0 || isAmong(rule.neighbors, address()))
  );
}

const isAmong = (names: readonly string[], name: string | null): boolean =>
  names.length === 0 || (name !== null && names.includes(name));

/** Is a rule with a range about `other`? `own` is its prefix, parsed. */
export function fits({ match }: OverlayRule, own: Prefix, other: Prefix): boolean {
  return match === 'longer' ? contains(own, other) : contains(other, own);
}

/** For which prefixes the one may say something else than the other: 'all' when ranges are concerned. */
export function scopeOf(before: RulesInForce, after: RulesInForce): ReadonlySet<string> | 'all' {
  const changed = [...onlyIn(before, after), ...onlyIn(after, before)];
  return changed.some(({ match }) => match !== 'exact') ? 'all' : new Set(changed.map(({ prefix }) => prefix));
}

function onlyIn(one: RulesInForce, other: RulesInForce): OverlayRule[] {
  const known = new Set(other.rules.map((rule) => JSON.stringify(rule)));
  return one.rules.filter((rule) => !known.has(JSON.stringify(rule)));
}
