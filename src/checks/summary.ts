/** How many rows of each verdict there are, and how sessions and services are. */
import type { Pairing, RowOwner } from './pairings.ts';
import { type VerdictSummary, type VerdictWord, verdicts } from './types.ts';

export interface SummarySource extends Pick<VerdictSummary, 'services' | 'evaluatedAt' | 'emptyText'> {
  /** Everything that has rows. */
  owners: readonly RowOwner[];
  pairings: readonly Pairing[];
  /** Sessions that objects ask for. */
  sessions: number;
}

export function summaryOf({ owners, pairings, sessions, ...rest }: SummarySource): VerdictSummary {
  const counts = new Float64Array(verdicts.length);
  for (const { rows } of owners) for (let i = 0; i < counts.length; i++) counts[i]! += rows.counts[i]!;
  const established = pairings.filter(
    ({ facts }) => facts.role === 'expected' && (facts.status === 'up' || facts.status === 'syncing'),
  );
  return {
    verdicts: Object.fromEntries(verdicts.map((word, i) => [word, counts[i]!])) as Record<VerdictWord, number>,
    sessions: { expected: sessions, established: established.length },
    ...rest,
  };
}
