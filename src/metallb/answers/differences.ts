/**
 * What one cluster state asks of the speakers that the one before did not, prefix by prefix. A cluster has millions of
 * routes: they are compared once for nodes and prefixes that are alike, and what differs in the same way is one
 * difference with the set of its sessions.
 */

import { type Alike, alikeIn, candidatesIn } from '../expectations/alike.ts';
import type { ExpectationTable } from '../expectations/table.ts';
import type { ExpectedRoute } from '../types.ts';

/** Sessions as blocks of every one of `bgpPeers` on every one of `nodes`. */
export interface SessionSet {
  readonly count: number;
  readonly blocks: readonly { readonly nodes: readonly string[]; readonly bgpPeers: readonly string[] }[];
}

export type DifferenceAction = 'expected' | 'changed' | 'no-longer-expected';

export interface Difference {
  readonly action: DifferenceAction;
  /** Attributes that are others now, for `changed`. */
  readonly fields: readonly string[];
  readonly sessions: SessionSet;
}

const nobody: Alike = { key: '', classes: [] };

/** Compares two states. Prefixes that differ alike get the same list (===). */
export class Differences {
  readonly #before: ExpectationTable | null;
  readonly #after: ExpectationTable | null;
  readonly #bgpPeers: readonly string[];
  /** Node → the BGPPeers that it had and has sessions with: nodes with other sessions are not alike. */
  readonly #sessionsOf: ReadonlyMap<string, string>;
  readonly #known = new Map<string, readonly Difference[]>();

  constructor(before: ExpectationTable | null, after: ExpectationTable | null) {
    this.#before = before;
    this.#after = after;
    const sessions = [...(before?.sessions ?? []), ...(after?.sessions ?? [])];
    this.#bgpPeers = [...new Set(sessions.map(({ bgpPeer }) => bgpPeer))];
    this.#sessionsOf = sessionsByNode(before, after);
  }

  /** Every prefix of either state, and maybe some that nobody announces. */
  prefixes(): Set<string> {
    const tables = [this.#before, this.#after].filter((table) => table !== null);
    return new Set(tables.flatMap((table) => [...candidatesIn(table)]));
  }

  of(prefix: string): readonly Difference[] {
    const before = this.#before ? alikeIn(this.#before, prefix) : nobody;
    const after = this.#after ? alikeIn(this.#after, prefix) : nobody;
    const key = `${before.key}\n${after.key}`;
    let differences = this.#known.get(key);
    if (!differences) this.#known.set(key, (differences = this.#compare(prefix, before, after)));
    return differences;
  }

  #compare(prefix: string, before: Alike, after: Alike): readonly Difference[] {
    const found = new Found();
    for (const nodes of this.#groups(before, after))
      for (const bgpPeer of this.#bgpPeers) {
        const was = this.#before?.route(nodes[0]!, bgpPeer, prefix);
        const is = this.#after?.route(nodes[0]!, bgpPeer, prefix);
        const difference = differenceOf(was, is);
        if (difference) found.add(difference, bgpPeer, nodes);
      }
    return found.all();
  }

  /** Nodes that are alike in both states. */
  #groups(before: Alike, after: Alike): Iterable<readonly string[]> {
    const classOf = new Map<string, string>();
    for (const [i, nodes] of before.classes.entries()) for (const node of nodes) classOf.set(node, `${i}`);
    for (const [i, nodes] of after.classes.entries())
      for (const node of nodes) classOf.set(node, `${classOf.get(node) ?? ''}/${i}`);
    return Map.groupBy(classOf.keys(), (node) => `${classOf.get(node)} ${this.#sessionsOf.get(node)}`).values();
  }
}

/** As text: `before/after`, each the BGPPeers in order. */
function sessionsByNode(before: ExpectationTable | null, after: ExpectationTable | null): Map<string, string> {
  const texts = new Map<string, string>();
  for (const { node, bgpPeer } of before?.sessions ?? []) texts.set(node, `${texts.get(node) ?? ''}${bgpPeer},`);
  for (const node of after?.nodes.keys() ?? []) texts.set(node, `${texts.get(node) ?? ''}/`);
  for (const { node, bgpPeer } of after?.sessions ?? []) texts.set(node, `${texts.get(node) ?? ''}${bgpPeer},`);
  return texts;
}

function differenceOf(
  before: ExpectedRoute | undefined,
  after: ExpectedRoute | undefined,
): Omit<Difference, 'sessions'> | undefined {
  if (!before) return after && { action: 'expected', fields: [] };
  if (!after) return { action: 'no-longer-expected', fields: [] };
  const fields = comparedFields.filter((field) => wanted(before, field) !== wanted(after, field));
  return fields.length === 0 ? undefined : { action: 'changed', fields };
}

const comparedFields = ['asPath', 'localPref', 'med', 'communities', 'largeCommunities'] as const;

/** What a route may have in a field, as text. */
function wanted(route: ExpectedRoute, field: (typeof comparedFields)[number]): string {
  if (field === 'localPref') return JSON.stringify(route.localPrefAnyOf ?? [route.localPref]);
  if (field === 'communities') return JSON.stringify(route.communitiesAnyOf ?? [route.communities]);
  return JSON.stringify(route[field]);
}

/** Gathers sessions by how they differ. */
class Found {
  readonly #byKind = new Map<string, { action: DifferenceAction; fields: readonly string[]; nodes: Nodes }>();

  add({ action, fields }: Omit<Difference, 'sessions'>, bgpPeer: string, nodes: readonly string[]): void {
    const key = `${action} ${fields.join()}`;
    let kind = this.#byKind.get(key);
    if (!kind) this.#byKind.set(key, (kind = { action, fields, nodes: new Map() }));
    const own = kind.nodes.get(bgpPeer);
    if (own) own.push(...nodes);
    else kind.nodes.set(bgpPeer, [...nodes]);
  }

  all(): Difference[] {
    return Array.from(this.#byKind.values(), ({ action, fields, nodes }) => ({
      action,
      fields,
      sessions: asBlocks(nodes),
    }));
  }
}

/** BGPPeer → nodes. */
type Nodes = Map<string, string[]>;

function asBlocks(nodes: Nodes): SessionSet {
  const sorted = new Map(Array.from(nodes, ([bgpPeer, names]) => [bgpPeer, [...names].sort()]));
  const byNodes = Map.groupBy([...sorted.keys()].sort(), (bgpPeer) => sorted.get(bgpPeer)!.join('\n'));
  const blocks = Array.from(byNodes.values(), (bgpPeers) => ({ nodes: sorted.get(bgpPeers[0]!)!, bgpPeers }));
  return { count: blocks.reduce((sum, { nodes: own, bgpPeers }) => sum + own.length * bgpPeers.length, 0), blocks };
}
