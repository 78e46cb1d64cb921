/** What a source cannot see, for people. Pure. */
import type { SourceStatus } from '../../src/api/schemas.ts';

/** How far one kind of object is. */
export type SourceKind = NonNullable<SourceStatus['kinds']>[number];

/** One line each. */
export const kindStates: Readonly<Record<SourceKind['state'], string>> = {
  synced: 'read, and followed as it changes',
  syncing: 'being read for the first time',
  forbidden: 'the cluster does not let us read it',
  absent: 'the cluster does not know this kind',
  failing: 'could be read before, and cannot now',
};

const urgency: readonly SourceKind['state'][] = ['failing', 'forbidden', 'syncing', 'absent', 'synced'];

/** Kinds that are not in sync, the worst first. */
export function blindSpots(kinds: readonly SourceKind[]): SourceKind[] {
  return kinds
    .filter(({ state }) => state !== 'synced')
    .sort((a, b) => urgency.indexOf(a.state) - urgency.indexOf(b.state) || a.kind.localeCompare(b.kind));
}

/** What makes verdicts less sure, in a clause; empty when nothing does. A kind that the cluster lacks hides nothing. */
export function blindness(kinds: readonly SourceKind[]): string {
  const of = (state: SourceKind['state']) => kinds.filter((kind) => kind.state === state).map(({ kind }) => kind);
  const [forbidden, failing] = [of('forbidden'), of('failing')];
  return [
    forbidden.length > 0 && `${forbidden.join(', ')} may not be read`,
    failing.length > 0 && `${failing.join(', ')} cannot be read at present, the last good state is kept`,
  ]
    .filter(Boolean)
    .join('; ');
}
