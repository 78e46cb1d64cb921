/** How many rows of each verdict there are, and how sessions and services are. */
import type { NeighborMatch, RowOwner } from './neighbor-matches.ts';
import { type VerdictSummary, type VerdictWord, verdicts } from './types.ts';

export interface SummarySource extends Pick<VerdictSummary, 'services' | 'evaluatedAt'> {
  /** Everything that has rows. */
  owners: readonly RowOwner[];
  matches: readonly NeighborMatch[];
  /** Sessions that objects ask for, wherever they go. */
  sessions: number;
  /** There is nothing to go by. */
  isIdle: boolean;
  /** Why there is nothing to compare, when so many sessions go elsewhere. */
  emptyText: (elsewhere: number) => string;
}

export function summaryOf({ owners, matches, sessions, isIdle, emptyText, ...rest }: SummarySource): VerdictSummary {
  const counts = new Float64Array(verdicts.length);
  for (const { rows } of owners) for (let i = 0; i < counts.length; i++) counts[i]! += rows.counts[i]!;
  const expected = matches.filter(({ facts }) => facts.role === 'expected');
  const established = expected.filter(({ facts }) => facts.status === 'up' || facts.status === 'syncing');
  const elsewhere = sessions - expected.length;
  return {
    verdicts: Object.fromEntries(verdicts.map((word, i) => [word, counts[i]!])) as Record<VerdictWord, number>,
    sessions: { expected: expected.length, established: established.length, elsewhere },
    emptyText: isIdle || (expected.length === 0 && elsewhere > 0) ? emptyText(elsewhere) : null,
    ...rest,
  };
}
