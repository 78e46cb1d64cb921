/** Where one expectation table may differ from the table before it. */

export interface SomeExpectations {
  readonly kind: 'some';
  /** Canonical prefixes that may have other routes, or routes of other Services, on any node. */
  readonly prefixes: ReadonlySet<string>;
  /** Nodes that may have other routes of some more prefixes, or of all prefixes and other sessions. */
  readonly nodes: ReadonlyMap<string, ReadonlySet<string> | 'all'>;
  /** Prefixes that keep their routes and Services on all nodes; only other objects in the chains differ. */
  readonly chains: ReadonlySet<string>;
}

export type ExpectationChange = { readonly kind: 'all' } | SomeExpectations;

/** Prefixes that may differ on some node. */
export type PrefixScope = ReadonlySet<string> | 'all';

const noPrefixes: ReadonlySet<string> = new Set();
const joined = (a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> => new Set([...a, ...b]);

export const allExpectations: ExpectationChange = { kind: 'all' };
export const noExpectations = someExpectations({});

export function someExpectations(some: Partial<Omit<SomeExpectations, 'kind'>>): SomeExpectations {
  return { kind: 'some', prefixes: noPrefixes, nodes: new Map(), chains: noPrefixes, ...some };
}

/** The change of these prefixes on any node. */
export const changeOfPrefixes = (prefixes: PrefixScope): ExpectationChange =>
  prefixes === 'all' ? allExpectations : someExpectations({ prefixes });

/** Whether another route, or a route of another Service, may be expected of a node for a prefix. */
export function contains(change: ExpectationChange, node: string | null, prefix: string): boolean {
  if (change.kind === 'all' || change.prefixes.has(prefix)) return true;
  const own = node === null ? undefined : change.nodes.get(node);
  return own === 'all' || own?.has(prefix) === true;
}

/** Two changes, one after the other, as one. */
export function union(a: ExpectationChange, b: ExpectationChange): ExpectationChange {
  if (a.kind === 'all' || b.kind === 'all') return allExpectations;
  const nodes = new Map(a.nodes);
  for (const [node, own] of b.nodes) {
    const other = nodes.get(node);
    nodes.set(node, own === 'all' || other === 'all' ? 'all' : joined(own, other ?? noPrefixes));
  }
  return someExpectations({ prefixes: joined(a.prefixes, b.prefixes), nodes, chains: joined(a.chains, b.chains) });
}

/** All prefixes that may differ on some node, chains included. */
export function prefixesOf(change: ExpectationChange): PrefixScope {
  if (change.kind === 'all') return 'all';
  const prefixes = new Set([...change.prefixes, ...change.chains]);
  for (const own of change.nodes.values()) {
    if (own === 'all') return 'all';
    for (const prefix of own) prefixes.add(prefix);
  }
  return prefixes;
}
