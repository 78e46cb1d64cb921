/** What two tables of expectations differ in: routes as they would look on the wire, and sessions. */
import type { ExpectationTable, ExpectedRoute, ExpectedSession } from '../../metallb/types.ts';
import type { RouteDifference, SessionDifference } from '../schemas.ts';

/** A route as two tables have it; one of them may not have it at all. */
export interface Pair {
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
): Generator<Pair> {
  const prefixes = scope === 'all' ? undefined : [...scope].sort();
  for (const { node, bgpPeer } of sessionsOf(before, after))
    for (const pair of prefixes
      ? named(before, after, node, bgpPeer, prefixes)
      : merged(before.routes(node, bgpPeer), after.routes(node, bgpPeer)))
      yield { node, bgpPeer, prefix: (pair.before ?? pair.after)!.prefix, ...pair };
}

type Sides = Pick<Pair, 'before' | 'after'>;

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
export function differenceOf({ before, after, ...place }: Pair): RouteDifference | undefined {
  const fields = before && after ? wireFields.filter((field) => !isSame(before[field], after[field])) : [];
  if (before && after && fields.length === 0) return undefined;
  const difference = !before ? 'appears' : !after ? 'disappears' : 'changes';
  return { difference, ...place, fields, before: before ?? null, after: after ?? null };
}

/** `nextHop` and `origin` are the same for all. */
const wireFields = ['asPath', 'localPref', 'localPrefAnyOf', 'med', 'communities', 'largeCommunities'] as const;

function isSame(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** Sessions that only one of the tables has, or that have other ends. */
export function sessionDifferences(before: ExpectationTable, after: ExpectationTable): SessionDifference[] {
  return sessionsOf(before, after).flatMap(({ node, bgpPeer }): SessionDifference[] => {
    const [old, fresh] = [before.session(node, bgpPeer), after.session(node, bgpPeer)];
    if (old && fresh && textOf(old) === textOf(fresh)) return [];
    const difference = !old ? 'appears' : !fresh ? 'disappears' : 'changes';
    return [{ difference, node, bgpPeer, before: old ?? null, after: fresh ?? null }];
  });
}

const textOf = (session: ExpectedSession): string => JSON.stringify(Object.entries(session).sort());

/** Sessions of both tables, each once, ordered by node and BGPPeer. */
function sessionsOf(before: ExpectationTable, after: ExpectationTable): ExpectedSession[] {
  const added = after.sessions.filter(({ node, bgpPeer }) => !before.session(node, bgpPeer));
  return [...before.sessions, ...added].sort(
    (a, b) => compareTexts(a.node, b.node) || compareTexts(a.bgpPeer, b.bgpPeer),
  );
}

/** By code units, as prefixes are ordered. */
export const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
