/** What verdicts go by: the expectations of the cluster's objects, and hand-written rules over them. */

import type { ExpectationTable } from '../metallb/expectations/table.ts';
import type { ExpectedRoute } from '../metallb/types.ts';
import type { RulesInEffect } from '../overlay/in-effect.ts';
import type { Unasked } from './evaluate.ts';
import type { Pairing } from './pairings.ts';

export interface Standard {
  /** null = no objects: only rules say what should be there. */
  readonly table: ExpectationTable | null;
  readonly rules: RulesInEffect;
}

/** What the objects ask of a pairing for a prefix, unless a rule forbids it. */
export function expectedOf(standard: Standard, pairing: Pairing, prefix: string): ExpectedRoute | undefined {
  return allowed(standard, pairing, prefix, askedOf(standard, pairing, prefix));
}

/** What the objects ask, forbidden or not. */
export function askedOf({ table }: Standard, { node, bgpPeer }: Pairing, prefix: string): ExpectedRoute | undefined {
  return node === null || bgpPeer === null ? undefined : table?.route(node, bgpPeer, prefix);
}

/** `asked`, unless a rule forbids it. */
export function allowed(
  { rules }: Standard,
  pairing: Pairing,
  prefix: string,
  asked: ExpectedRoute | undefined,
): ExpectedRoute | undefined {
  return asked && rules.forbids(pairing, prefix) ? undefined : asked;
}

export function unaskedOf({ table, rules }: Standard, pairing: Pairing, prefix: string): Unasked {
  if (rules.forbids(pairing, prefix)) return 'forbidden';
  if (rules.callsFor(pairing, prefix)) return 'called-for';
  return table === null ? 'open' : 'unexpected';
}
