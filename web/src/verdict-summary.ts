/** Summarizes verdicts in one sentence. Only verdicts that are ok count as good. Pure. */
import type { SourceStatus, VerdictWord } from '../../src/api/schemas.ts';
import { formatCount, plural } from './format.ts';

type Counts = Readonly<Record<VerdictWord, number>>;

/** Verdicts that may still become ok or wrong. */
const undecided = ['stale', 'pending', 'unknown'] as const;

export interface VerdictSummary {
  kind: 'good' | 'wrong' | 'undecided';
  text: string;
}

/** Summarizes all verdicts. */
export function summarizeVerdicts(counts: Counts): VerdictSummary {
  const wrong = counts.missing + counts.mismatch + counts.unexpected;
  if (wrong > 0) return { kind: 'wrong', text: plural(wrong, 'route is wrong', 'routes are wrong') };
  const open = undecided.filter((word) => counts[word] > 0).map((word) => `${formatCount(counts[word])} ${word}`);
  if (open.length > 0) return { kind: 'undecided', text: `No wrong routes so far: ${open.join(', ')}` };
  if (counts.ok > 0) return { kind: 'good', text: 'All routes as expected' };
  return { kind: 'undecided', text: `Only suppressed verdicts: ${formatCount(counts.suppressed)}` };
}

/** Explains an empty list of problems. */
export function noProblems(counts: Counts): string {
  if (Object.values(counts).every((count) => count === 0)) return 'None: Peerglass has no routes to compare.';
  const { kind, text } = summarizeVerdicts(counts);
  if (kind === 'good') return 'None: all routes are as expected.';
  // the counts are newer than the list
  if (kind === 'wrong') return 'Loading …';
  return `None. ${text}.`;
}

/** What Peerglass uses from a source with problems: a clause without a full stop. */
export function objectsInEffect({
  synced,
  readAt,
  objects,
}: Pick<SourceStatus, 'synced' | 'readAt' | 'objects'>): string {
  if (!synced || readAt === null) return 'no objects read yet';
  if (objects === 0) return 'it contains no valid object';
  return `using the ${plural(objects, 'valid object')}`;
}
