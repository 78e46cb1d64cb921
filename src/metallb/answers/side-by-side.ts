/**
 * Two tables of expectations side by side, row by row: routes as they would look on the wire, sessions, and who answers
 * on layer 2. For states that somebody asks about; what is compared at every change of a cluster is differences.ts.
 */
import type { ExpectationTable } from '../expectations/table.ts';
import type { ExpectedRoute, ExpectedSession, L2Announcer, ObjectRef } from '../types.ts';

export type DifferenceKind = 'appears' | 'disappears' | 'changes';

/** A route whose attributes stay the same is no difference, whatever makes it. */
export interface RouteDifference {
  difference: DifferenceKind;
  node: string;
  bgpPeer: string;
  prefix: string;
  /** Attributes that differ, for `changes`. */
  fields: string[];
  before: ExpectedRoute | null;
  after: ExpectedRoute | null;
}

export interface SessionDifference {
  difference: DifferenceKind;
  node: string;
  bgpPeer: string;
  before: ExpectedSession | null;
  after: ExpectedSession | null;
}

export interface L2Difference {
  difference: DifferenceKind;
  /** `namespace/name` */
  service: string;
  before: Omit<L2Announcer, 'service'> | null;
  after: Omit<L2Announcer, 'service'> | null;
}

/** Sessions that are looked at; undefined = of all nodes, of all BGPPeers. */
export interface SessionFilter {
  node?: string | undefined;
  bgpPeer?: string | undefined;
}

/** A route as two tables have it; one of them may not have it at all. */
export interface RoutePair {
  node: string;
  bgpPeer: string;
  prefix: string;
  before: ExpectedRoute | undefined;
  after: ExpectedRoute | undefined;
}

/**
 * Every route that one of the tables has, ordered by node, BGPPeer and prefix.
 * @param scope prefixes in which they may differ at all.
 */
export function* pairsOf(
  before: ExpectationTable,
  after: ExpectationTable,
  scope: ReadonlySet<string> | 'all',
  filter: SessionFilter = {},
): Generator<RoutePair> {
  const prefixes = scope === 'all' ? undefined : [...scope].sort();
  for (const { node, bgpPeer } of sessionsOf(before, after).filter(sessionTest(filter)))
    for (const pair of prefixes
      ? named(before, after, node, bgpPeer, prefixes)
      : merged(before.routes(node, bgpPeer), after.routes(node, bgpPeer)))
      yield { node, bgpPeer, prefix: (pair.before ?? pair.after)!.prefix, ...pair };
}

type Sides = Pick<RoutePair, 'before' | 'after'>;

function* named(
  before: ExpectationTable,
  after: ExpectationTable,
  node: string,
  bgpPeer: string,
  prefixes: readonly string[],
): Generator<Sides> {
  for (const prefix of prefixes) {
    const sides = { before: before.route(node, bgpPeer, prefix), after: after.route(node, bgpPeer, prefix) };
    if (sides.before || sides.after) yield sides;
  }
}

/** Two lists that are ordered by prefix, side by side. */
function* merged(before: Iterable<ExpectedRoute>, after: Iterable<ExpectedRoute>): Generator<Sides> {
  const [left, right] = [before[Symbol.iterator](), after[Symbol.iterator]()];
  let [a, b] = [left.next(), right.next()];
  while (!a.done || !b.done) {
    if (b.done || (!a.done && a.value.prefix < b.value.prefix)) {
      yield { before: a.value as ExpectedRoute, after: undefined };
      a = left.next();
    } else if (a.done || b.value.prefix < a.value.prefix) {
      yield { before: undefined, after: b.value };
      b = right.next();
    } else {
      yield { before: a.value, after: b.value };
      [a, b] = [left.next(), right.next()];
    }
  }
}

/** How the two sides differ; undefined when they look the same on the wire. */
export function routeDifference({ before, after, ...place }: RoutePair): RouteDifference | undefined {
  const fields = before && after ? wireFields.filter((field) => !isSame(before[field], after[field])) : [];
  if (before && after && fields.length === 0) return undefined;
  return { difference: changeOf(before, after), ...place, fields, before: before ?? null, after: after ?? null };
}

const changeOf = (before: unknown, after: unknown): DifferenceKind =>
  before === undefined ? 'appears' : after === undefined ? 'disappears' : 'changes';

/** `nextHop` and `origin` are the same for all. */
const wireFields = [
  'asPath',
  'localPref',
  'localPrefAnyOf',
  'med',
  'communities',
  'communitiesAnyOf',
  'largeCommunities',
] as const;

function isSame(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.length === b.length && a.every((value, i) => isSame(value, b[i]));
}

/** Sessions that only one of the tables has, or that have other ends. */
export function sessionDifferences(
  before: ExpectationTable,
  after: ExpectationTable,
  filter: SessionFilter = {},
): SessionDifference[] {
  const sessions = sessionsOf(before, after).filter(sessionTest(filter));
  return sessions.flatMap(({ node, bgpPeer }): SessionDifference[] => {
    const [old, fresh] = [before.session(node, bgpPeer), after.session(node, bgpPeer)];
    if (old && fresh && textOf(old) === textOf(fresh)) return [];
    return [{ difference: changeOf(old, fresh), node, bgpPeer, before: old ?? null, after: fresh ?? null }];
  });
}

/** Where another object was read from, as sentences have it: `(cluster.yaml:7)`. */
const places = / \([^()\s]+:\d+\)/g;

/** Those of `list` that `others` does not say, whatever lines they speak of. */
export function newIn<T extends { object: ObjectRef }>(list: readonly T[], others: readonly T[]): T[] {
  const words = ({ object: { kind, namespace, name }, ...rest }: T): string =>
    JSON.stringify([kind, namespace, name, Object.entries(rest).sort()]).replaceAll(places, '');
  const known = new Set(others.map(words));
  return list.filter((one) => !known.has(words(one)));
}

/** Services that another node, or nobody any more, answers for on layer 2; ordered by service. */
export function l2Differences(before: ExpectationTable, after: ExpectationTable): L2Difference[] {
  const [old, fresh] = [before, after].map(({ l2 }) => new Map(l2.map(({ service, ...rest }) => [service, rest])));
  const services = [...new Set([...old!.keys(), ...fresh!.keys()])].sort();
  return services.flatMap((service): L2Difference[] => {
    const [was, is] = [old!.get(service), fresh!.get(service)];
    if (was && is && textOf(was) === textOf(is)) return [];
    return [{ difference: changeOf(was, is), service, before: was ?? null, after: is ?? null }];
  });
}

const textOf = (one: object): string => JSON.stringify(Object.entries(one).sort());

const sessionTest =
  ({ node, bgpPeer }: SessionFilter) =>
  (session: ExpectedSession): boolean =>
    (node === undefined || session.node === node) && (bgpPeer === undefined || session.bgpPeer === bgpPeer);

/** Sessions of both tables, each once, ordered by node and BGPPeer. */
function sessionsOf(before: ExpectationTable, after: ExpectationTable): ExpectedSession[] {
  const added = after.sessions.filter(({ node, bgpPeer }) => !before.session(node, bgpPeer));
  return [...before.sessions, ...added].sort(
    (a, b) => compareTexts(a.node, b.node) || compareTexts(a.bgpPeer, b.bgpPeer),
  );
}

/** By code units, as prefixes are ordered. */
export const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
