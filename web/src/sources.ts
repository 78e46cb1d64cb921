/** Kinds that a source cannot read. Pure. */
import type { SourceStatus } from '../../src/api/schemas.ts';

/** The read state of one kind. */
export type SourceKind = NonNullable<SourceStatus['kinds']>[number];

/** Tooltips. */
export const kindStates: Readonly<Record<SourceKind['state'], string>> = {
  synced: 'in sync',
  syncing: 'loading',
  forbidden: 'no permission to read it',
  absent: 'kind not installed in the cluster',
  failing: 'reads fail; keeping the objects read last',
};

const urgency: readonly SourceKind['state'][] = ['failing', 'forbidden', 'syncing', 'absent', 'synced'];

/** Kinds that are not in sync, worst first. */
export function notSyncedKinds(kinds: readonly SourceKind[]): SourceKind[] {
  return kinds
    .filter(({ state }) => state !== 'synced')
    .sort((a, b) => urgency.indexOf(a.state) - urgency.indexOf(b.state) || a.kind.localeCompare(b.kind));
}

/** Names the kinds that Peerglass cannot read; empty if none. Kinds that are not installed do not count. */
export function unreadableKinds(kinds: readonly SourceKind[]): string {
  const of = (state: SourceKind['state']) => kinds.filter((kind) => kind.state === state).map(({ kind }) => kind);
  const [forbidden, failing] = [of('forbidden'), of('failing')];
  return [
    forbidden.length > 0 && `no permission to read ${forbidden.join(', ')}`,
    failing.length > 0 && `reading ${failing.join(', ')} fails, keeping the objects read last`,
  ]
    .filter(Boolean)
    .join('; ');
}
