/**
 * Which nodes are alike to a prefix: what makes it possible to look at a few routes instead of at those of every
 * session. A thousand nodes mostly pass the same gates, and thousands of prefixes come from the same few pools and
 * advertisements.
 */

import type { ForeignConfigurations } from '../frr-k8s/foreign.ts';
import { hasBit, members, noBits, union } from '../relations/bits.ts';
import type { Contributors } from './contributors.ts';
import type { Standing, TableState } from './state.ts';
import type { ExpectationTable } from './table.ts';

/** Nodes in classes: the sessions of one class to one BGPPeer get the same route, or all of them none. */
export interface Alike {
  /** Prefixes with the same key have the same classes, and routes that differ in nothing but prefix and chain. */
  readonly key: string;
  readonly classes: readonly (readonly string[])[];
}

/** What an ExpectationTable may have besides: one that has not must be asked session by session. */
export interface GroupsNodes {
  alike(prefix: string): Alike;
  /** All prefixes that some node announces, and some that none does: found without looking at any node. */
  candidates(): Iterable<string>;
}

/** Prefixes that some node may announce, and maybe some that none does. */
export function candidatesIn(table: ExpectationTable): Iterable<string> {
  return (table as ExpectationTable & Partial<GroupsNodes>).candidates?.() ?? table.prefixes();
}

/** Nodes that are alike to the prefix: those of no class announce it to nobody. */
export function alikeIn(table: ExpectationTable, prefix: string): Alike {
  const { alike } = table as ExpectationTable & Partial<GroupsNodes>;
  return alike ? alike.call(table, prefix) : { key: prefix, classes: Array.from(table.nodes.keys(), (node) => [node]) };
}

/** What speakers go by, and whose speakers do. */
type WithNodes = readonly [Standing, ReadonlySet<string>];

const nothing: Alike = { key: '', classes: [] };

export class NodeClasses implements GroupsNodes {
  readonly #nameOf: (number: number) => string;
  readonly #standings: readonly WithNodes[];
  readonly #foreign: ForeignConfigurations;
  readonly #known = new Map<string, Alike>();

  constructor({ cluster: { nodes }, published, foreign }: Pick<TableState, 'cluster' | 'published' | 'foreign'>) {
    this.#foreign = foreign;
    this.#nameOf = (number) => nodes.numbers.nameOf(number);
    const byStanding = Map.groupBy(published.keys(), (node) => published.get(node)!);
    this.#standings = Array.from(byStanding, ([standing, names]): WithNodes => [standing, new Set(names)]);
  }

  candidates(): Set<string> {
    return new Set(this.#standings.flatMap(([{ index }]) => [...index.prefixes.keys()]));
  }

  alike(prefix: string): Alike {
    const contributors = this.#standings.map(([{ index }]) => index.prefixes.get(prefix));
    if (contributors.every((one) => one === undefined)) return nothing;
    const family = prefix.includes(':') ? 6 : 4;
    // where others add to it, it is alike to itself only, and nodes with the same additions are
    const others = this.#foreign.addsTo(prefix) ? (node: string) => this.#foreign.signatureOn(node) : undefined;
    const key = `${others ? prefix : family}:${contributors.map((one) => one?.signature ?? '').join('|')}`;
    let alike = this.#known.get(key);
    if (!alike) {
      const classes = this.#standings.flatMap((standing, i) => this.#classesOf(standing, contributors[i], others));
      this.#known.set(key, (alike = { key, classes }));
    }
    return alike;
  }

  /** The nodes of one standing that announce something of it, by what they announce and what `others` add there. */
  #classesOf(
    [{ gates }, names]: WithNodes,
    contributors: Contributors | undefined,
    others: ((node: string) => string) | undefined,
  ): string[][] {
    const announcers = (contributors?.bundles ?? []).map(([first]) => gates.announcers(first!));
    const classes = new Map<string, string[]>();
    for (const number of members(announcers.reduce(union, noBits))) {
      const name = this.#nameOf(number);
      if (!names.has(name)) continue;
      const passed = announcers.map((bits) => +hasBit(bits, number)).join('');
      const key = `${passed}/${others?.(name) ?? ''}`;
      const own = classes.get(key);
      if (own) own.push(name);
      else classes.set(key, [name]);
    }
    return [...classes.values()];
  }
}
