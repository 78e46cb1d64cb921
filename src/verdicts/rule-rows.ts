/** The rows of `must` rules themselves: one each, whoever keeps or breaks it. */
import type { MustRule } from '../overlay/rule.ts';
import { compareOwners, type NeighborMatch, type RowOwner } from './neighbor-matches.ts';
import type { Prefixes } from './prefixes.ts';
import { Rows } from './rows.ts';

export interface RuleRow extends RowOwner {
  readonly rule: string;
  readonly neighbor: null;
  /** Prefix id. */
  readonly prefix: number;
  must: MustRule;
  /** epoch ms since when it asks for what it asks for. */
  askedAt: number;
}

export const isRuleRow = (owner: RowOwner): owner is RuleRow => owner.rule !== null;

export class RuleRows {
  readonly #prefixes: Prefixes;
  readonly #onRetired: (row: RuleRow) => void;
  #rows = new Map<string, RuleRow>();
  readonly #byPrefix = new Map<number, RuleRow[]>();
  readonly #due = new Set<RuleRow>();
  #merged: { matches: readonly NeighborMatch[]; owners: readonly RowOwner[] } | undefined;

  constructor(prefixes: Prefixes, onRetired: (row: RuleRow) => void) {
    this.#prefixes = prefixes;
    this.#onRetired = onRetired;
  }

  get all(): Iterable<RuleRow> {
    return this.#rows.values();
  }

  /** These rows among those of `matches`, in list order. */
  among(matches: readonly NeighborMatch[]): readonly RowOwner[] {
    if (this.#rows.size === 0) return matches;
    if (this.#merged?.matches !== matches)
      this.#merged = { matches, owners: [...matches, ...this.#rows.values()].sort(compareOwners) };
    return this.#merged.owners;
  }

  /** epoch ms of the first deadline; Infinity = none. */
  get deadline(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const { deadline } of this.#rows.values()) first = Math.min(first, deadline);
    return first;
  }

  /** Is there something for `take`? */
  get isDue(): boolean {
    return this.#due.size > 0;
  }

  /** Goes by these rules from `now` (epoch ms) on. A rule that asks for the same as before keeps its row and its past. */
  adopt(rules: readonly MustRule[], now: number): void {
    const rows = new Map<string, RuleRow>();
    for (const must of rules) {
      const node = must.nodes.length === 1 ? must.nodes[0]! : null;
      const bgpPeer = must.bgpPeers.length === 1 ? must.bgpPeers[0]! : null;
      const key = JSON.stringify([must.id, must.prefix, node, bgpPeer]);
      const known = this.#rows.get(key);
      if (known && asks(known.must) !== asks(must)) known.askedAt = now;
      if (known) known.must = must;
      rows.set(key, known ?? this.#make(must, node, bgpPeer, now));
    }
    for (const [key, row] of this.#rows) {
      if (rows.has(key)) continue;
      row.retired = true;
      this.#prefixes.release(row.prefix, now);
      this.#due.delete(row);
      this.#onRetired(row);
    }
    this.#rows = rows;
    this.#merged = undefined;
    this.#byPrefix.clear();
    for (const row of rows.values()) this.#byPrefix.set(row.prefix, [...(this.#byPrefix.get(row.prefix) ?? []), row]);
    this.touchAll();
  }

  /** Something about a prefix may be different: its rules are to be judged again. */
  touch(prefix: number): void {
    if (this.#byPrefix.size === 0) return;
    for (const row of this.#byPrefix.get(prefix) ?? []) this.#due.add(row);
  }

  /** Sessions may be others. */
  touchAll(): void {
    for (const row of this.#rows.values()) this.#due.add(row);
  }

  /** Those whose deadline is over. */
  touchDue(now: number): void {
    for (const row of this.#rows.values()) {
      if (row.deadline > now) continue;
      row.deadline = Number.POSITIVE_INFINITY;
      this.#due.add(row);
    }
  }

  /** The next one to judge. */
  take(): RuleRow | undefined {
    const [row] = this.#due;
    if (row) this.#due.delete(row);
    return row;
  }

  #make(must: MustRule, node: string | null, bgpPeer: string | null, now: number): RuleRow {
    const prefix = this.#prefixes.intern(must.prefix);
    this.#prefixes.hold(prefix);
    return {
      node,
      bgpPeer,
      neighbor: null,
      rule: must.id,
      prefix,
      must,
      askedAt: now,
      rows: new Rows(),
      createdAt: now,
      settled: false,
      retired: false,
      deadline: Number.POSITIVE_INFINITY,
    };
  }
}

/** What a rule asks for, without who wrote it and why. */
function asks({ nodes, bgpPeers, neighbors, atLeast, ...rest }: MustRule): string {
  const { communities, largeCommunities, localPref, nextHops, asPath } = rest;
  return JSON.stringify([
    nodes,
    bgpPeers,
    neighbors,
    atLeast,
    communities,
    largeCommunities,
    localPref,
    nextHops,
    asPath,
  ]);
}
