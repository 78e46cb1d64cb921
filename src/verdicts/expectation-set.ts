/** What verdicts go by: the expectations of the cluster's objects, and hand-written rules over them. */

import type { ExpectationTable } from '../metallb/expectations/table.ts';
import type { ExpectedRoute } from '../metallb/types.ts';
import type { RulesInEffect } from '../overlay/in-effect.ts';
import type { UnrequestedRoute } from './evaluate.ts';
import type { NeighborMatch } from './neighbor-matches.ts';

export interface ExpectationSet {
  /** null = no objects: only rules say what should be there. */
  readonly table: ExpectationTable | null;
  readonly rules: RulesInEffect;
}

/** What the objects ask of a match for a prefix, unless a rule forbids it. */
export function expectedOf(
  expectations: ExpectationSet,
  match: NeighborMatch,
  prefix: string,
): ExpectedRoute | undefined {
  return allowed(expectations, match, prefix, askedOf(expectations, match, prefix));
}

/** What the objects ask, forbidden or not. */
export function askedOf(
  { table }: ExpectationSet,
  { node, bgpPeer }: NeighborMatch,
  prefix: string,
): ExpectedRoute | undefined {
  return node === null || bgpPeer === null ? undefined : table?.route(node, bgpPeer, prefix);
}

/** `asked`, unless a rule forbids it. */
export function allowed(
  { rules }: ExpectationSet,
  match: NeighborMatch,
  prefix: string,
  asked: ExpectedRoute | undefined,
): ExpectedRoute | undefined {
  return asked && rules.forbids(match, prefix) ? undefined : asked;
}

export function unaskedOf({ table, rules }: ExpectationSet, match: NeighborMatch, prefix: string): UnrequestedRoute {
  if (rules.forbids(match, prefix)) return 'forbidden';
  if (rules.callsFor(match, prefix)) return 'called-for';
  return table === null ? 'open' : 'unexpected';
}
