/** Verdicts that are not ok, counted by verdict, reason and session: a leak of a million routes is a few groups. */

import type { RowOwner } from './neighbor-matches.ts';
import type { Prefixes } from './prefixes.ts';
import { reasonCodes, reasons } from './reasons.ts';
import { reasonIndex } from './rows.ts';
import type { VerdictGroup, VerdictGroups } from './types.ts';

/** Groups of one answer, largest first. */
export const maxGroups = 100;
/** Prefixes named per group, and rows that are looked at for them. */
export const maxGroupExamples = 3;
const maxLooks = 10_000;

export function groupsOf(owners: readonly RowOwner[], prefixes: Prefixes): VerdictGroups {
  const found: { owner: RowOwner; reason: number; count: number }[] = [];
  for (const owner of owners)
    for (const [reason, code] of reasonCodes.entries()) {
      const count = reasons[code].verdict === 'ok' ? 0 : owner.rows.ofReason(reason);
      if (count > 0) found.push({ owner, reason, count });
    }
  found.sort((a, b) => b.count - a.count);
  const groups = found.slice(0, maxGroups).map(({ owner, reason, count }): VerdictGroup => {
    const { node, bgpPeer, neighbor, rule } = owner;
    const reasonCode = reasonCodes[reason]!;
    const { verdict } = reasons[reasonCode];
    const examples = examplesOf(owner, reason, prefixes);
    return { verdict, reasonCode, node, bgpPeer, neighbor, rule, count, examples };
  });
  return { groups, moreGroups: found.length - groups.length };
}

function examplesOf({ rows }: RowOwner, reason: number, prefixes: Prefixes): string[] {
  const examples: string[] = [];
  let looks = 0;
  for (const prefix of rows.prefixes()) {
    if (reasonIndex(rows.get(prefix)) === reason) examples.push(prefixes.text(prefix));
    if (examples.length === maxGroupExamples || ++looks === maxLooks) break;
  }
  return examples;
}
