/** The third column: what the cluster's own status objects say of what should be announced, beside what is. */
import { disagreementOf, disagreements, saysOf } from '../metallb/answers/says.ts';
import { shownRoute } from '../metallb/answers/shown.ts';
import type { ApiDeps } from './deps.ts';
import type { CheckRow, ExpectedRoute, Says, Verdict } from './schemas.ts';

interface Cell {
  node: string | null;
  bgpPeer: string | null;
  prefix: string;
  expected: ExpectedRoute | null;
  /** A route of that prefix is there and fresh; null: that cannot be told yet. */
  received: boolean | null;
}

/** null: it is not known whose announcement it would be, or that node has no status objects. */
export function saysOfCell({ resources, expect }: ApiDeps, cell: Cell): Says | null {
  const { node, bgpPeer, prefix, expected, received } = cell;
  const objects = resources();
  if (objects === null || node === null || bgpPeer === null) return null;
  const services = expected ? [...new Set(expected.chain.map(({ service }) => service))] : undefined;
  const says = saysOf(objects, expect.namespace, { node, bgpPeer, prefix, services });
  if (!says) return null;
  const code = received === null ? undefined : disagreementOf(expected !== null, says.announced, received);
  return { ...says, reasonCode: code ?? null, reasonText: code ? disagreements[code] : null };
}

/** A verdict as it is shown, with what the cluster says of it. */
export function withSays(deps: ApiDeps, verdict: Verdict): CheckRow {
  const { node, bgpPeer, prefix, expected } = verdict;
  const says = saysOfCell(deps, { node, bgpPeer, prefix, expected, received: isReceived(verdict) });
  return { ...verdict, expected: expected && shownRoute(expected), says };
}

/** A stale route is what was there, not what is; and within grace, or before a session is synced, nobody knows. */
export function isReceived({ verdict, received }: Verdict): boolean | null {
  if (verdict === 'pending' || verdict === 'unknown') return null;
  return received !== null && verdict !== 'stale';
}
