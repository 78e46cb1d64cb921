/** Why Services are not announced: many (service, node) pairs, few reasons. Pure. */
import type { NotAnnounced } from '../../src/api/schemas.ts';

export interface Absence {
  /** MetalLB's own word. */
  reason: string;
  rows: NotAnnounced[];
}

/** By reason, the most frequent first; within one as they came. */
export function groupAbsences(rows: readonly NotAnnounced[]): Absence[] {
  return [...Map.groupBy(rows, ({ reason }) => reason)]
    .map(([reason, rows]) => ({ reason, rows }))
    .sort((a, b) => b.rows.length - a.rows.length || a.reason.localeCompare(b.reason));
}
