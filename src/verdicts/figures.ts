/** What the metrics show of verdicts besides the summary. */

import type { RowOwner } from './neighbor-matches.ts';
import { reasonCodes, reasons } from './reasons.ts';
import type { ServiceStatus, VerdictFigures } from './types.ts';

type Row = VerdictFigures['rows'][number];

export function figuresOf(owners: readonly RowOwner[], services: ReadonlyMap<string, ServiceStatus>): VerdictFigures {
  const rows = new Map<string, Row>();
  const expected = new Map<number, number>();
  for (const [i, code] of reasonCodes.entries()) {
    const { verdict, severity } = reasons[code];
    const key = `${verdict} ${severity}`;
    let row = rows.get(key);
    if (!row) rows.set(key, (row = { verdict, severity, count: 0 }));
    for (const { rows: own } of owners) row.count += own.ofReason(i);
  }
  for (const { neighbor, rule, rows: own } of owners)
    if (neighbor !== null && rule === null) expected.set(neighbor, own.expected);
  return { rows: [...rows.values()], expected, services };
}
