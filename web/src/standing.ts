/** How things stand, in one sentence; nothing is called good that was not seen to be good. Pure. */
import type { SourceStatus, VerdictWord } from '../../src/api/schemas.ts';
import { formatCount, plural } from './format.ts';

type Counts = Readonly<Record<VerdictWord, number>>;

/** Neither right nor wrong until something happens. */
const undecided = ['stale', 'pending', 'unknown'] as const;

export interface Standing {
  kind: 'good' | 'wrong' | 'open';
  text: string;
}

/** What all verdicts together amount to. */
export function standing(counts: Counts): Standing {
  const wrong = counts.missing + counts.mismatch + counts.unexpected;
  if (wrong > 0) return { kind: 'wrong', text: plural(wrong, 'route is wrong', 'routes are wrong') };
  const open = undecided.filter((word) => counts[word] > 0).map((word) => `${formatCount(counts[word])} ${word}`);
  if (open.length > 0) return { kind: 'open', text: `Nothing wrong yet: ${open.join(', ')}` };
  if (counts.ok > 0) return { kind: 'good', text: 'All as expected' };
  return { kind: 'open', text: `Nothing is checked: ${formatCount(counts.suppressed)} suppressed` };
}

/** What an empty list of problems means. */
export function noProblems(counts: Counts): string {
  if (Object.values(counts).every((count) => count === 0)) return 'None, as there is nothing to compare yet.';
  const { kind, text } = standing(counts);
  if (kind === 'good') return 'None: every expected route is there, and nothing else.';
  // the counts are ahead of the list
  if (kind === 'wrong') return 'Being read again.';
  return `None so far. ${text}.`;
}

/** What counts although the source has problems: a clause without a full stop. */
export function inForce({ synced, readAt, objects }: Pick<SourceStatus, 'synced' | 'readAt' | 'objects'>): string {
  if (!synced || readAt === null) return 'nothing could be read from it yet';
  if (objects === 0) return 'nothing in it could be read';
  return `what is expected goes by the ${plural(objects, 'object')} that could be read`;
}
