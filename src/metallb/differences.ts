/**
 * What one cluster state asks of the speakers that the one before did not, prefix by prefix. A cluster has millions of
 * routes: they are compared once for nodes and prefixes that are alike, and what differs in the same way is one
 * difference with the set of its sessions.
 */
import type { Alike, GroupsNodes } from './alike.ts';
import type { ExpectationTable, ExpectedRoute } from './types.ts';

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

/** Is `bgpPeer` on `node` one of them? */
export function hasSession({ blocks }: SessionSet, node: string, bgpPeer: string): boolean {
  return blocks.some((block) => block.bgpPeers.includes(bgpPeer) && block.nodes.includes(node));
}

/** Compares two states. Prefixes that differ alike get the same list (===). */
export class Differences {
  readonly #before: ExpectationTable | null;
  readonly #after: ExpectationTable | null;
  /** BGPPeer → nodes that have a session with it. */
  readonly #hadSession: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #hasSession: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #bgpPeers: readonly string[];
  readonly #known = new Map<string, readonly Difference[]>();

  constructor(before: ExpectationTable | null, after: ExpectationTable | null) {
    this.#before = before;
    this.#after = after;
    this.#hadSession = sessionsByPeer(before);
    this.#hasSession = sessionsByPeer(after);
    this.#bgpPeers = [...new Set([...this.#hadSession.keys(), ...this.#hasSession.keys()])];
  }

  /** Every prefix of either state. */
  prefixes(): Set<string> {
    return new Set([...(this.#before?.prefixes() ?? []), ...(this.#after?.prefixes() ?? [])]);
  }

  of(prefix: string): readonly Difference[] {
    const before = alikeIn(this.#before, prefix);
    const after = alikeIn(this.#after, prefix);
    const key = `${before.key}\n${after.key}`;
    let differences = this.#known.get(key);
    if (!differences) this.#known.set(key, (differences = this.#compare(prefix, before, after)));
    return differences;
  }

  #compare(prefix: string, before: Alike, after: Alike): readonly Difference[] {
    const found = new Found();
    for (const nodes of groups(before, after))
      for (const bgpPeer of this.#bgpPeers) {
        const had = this.#hadSession.get(bgpPeer);
        const has = this.#hasSession.get(bgpPeer);
        const byPresence = Map.groupBy(nodes, (node) => `${had?.has(node)}${has?.has(node)}`);
        for (const alikes of byPresence.values()) {
          const a = this.#before?.route(alikes[0]!, bgpPeer, prefix);
          const b = this.#after?.route(alikes[0]!, bgpPeer, prefix);
          const difference = differenceOf(a, b);
          if (difference) found.add(difference, bgpPeer, alikes);
        }
      }
    return found.all();
  }
}

function sessionsByPeer(table: ExpectationTable | null): Map<string, Set<string>> {
  const sets = new Map<string, Set<string>>();
  for (const { node, bgpPeer } of table?.sessions ?? []) {
    const set = sets.get(bgpPeer);
    if (set) set.add(node);
    else sets.set(bgpPeer, new Set([node]));
  }
  return sets;
}

function alikeIn(table: ExpectationTable | null, prefix: string): Alike {
  if (table === null) return { key: '', classes: [] };
  const { alike } = table as ExpectationTable & Partial<GroupsNodes>;
  return alike ? alike.call(table, prefix) : { key: prefix, classes: Array.from(table.nodes.keys(), (node) => [node]) };
}

/** Nodes that are alike in both states. */
function groups(before: Alike, after: Alike): Iterable<readonly string[]> {
  const classesOf = new Map<string, string>();
  for (const [i, nodes] of before.classes.entries()) for (const node of nodes) classesOf.set(node, `${i}`);
  for (const [i, nodes] of after.classes.entries())
    for (const node of nodes) classesOf.set(node, `${classesOf.get(node) ?? ''}/${i}`);
  return Map.groupBy(classesOf.keys(), (node) => classesOf.get(node)!).values();
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
