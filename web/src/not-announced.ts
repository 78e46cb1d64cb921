/** Groups (Service, node) pairs that are not announced by reason. Pure. */
import type { NotAnnounced } from '../../src/api/schemas.ts';

export interface NotAnnouncedGroup {
  /** MetalLB's reason code. */
  reason: string;
  rows: NotAnnounced[];
}

/** Groups by reason, most frequent first. Keeps the order within a reason. */
export function groupNotAnnounced(rows: readonly NotAnnounced[]): NotAnnouncedGroup[] {
  return [...Map.groupBy(rows, ({ reason }) => reason)]
    .map(([reason, rows]) => ({ reason, rows }))
    .sort((a, b) => b.rows.length - a.rows.length || a.reason.localeCompare(b.reason));
}
