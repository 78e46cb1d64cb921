/** Many wrong verdicts, few causes: verdicts that share one are shown as one problem. Pure. */
import type { Verdict } from '../../src/api/schemas.ts';
import { verdictOrder } from './verdicts.ts';

export interface Problem {
  /** The newest of them; its reason speaks for all. */
  verdict: Verdict;
  /** What they have in common: one session, or one prefix. */
  shared: 'session' | 'prefix';
  count: number;
}

/** So many prefixes with the same complaint make it a problem of the session. */
export const sessionThreshold = 3;

/** Groups verdicts by session where one has many alike, else by prefix; the worst word first, then the largest group. */
export function groupProblems(verdicts: readonly Verdict[]): Problem[] {
  const bySession = groups(verdicts, ({ verdict, reasonCode, node, bgpPeer, neighbor }) => [
    verdict,
    reasonCode,
    node,
    bgpPeer,
    node === null ? neighbor : null,
  ]);
  const large = bySession.filter((group) => group.length >= sessionThreshold);
  const rest = bySession.filter((group) => group.length < sessionThreshold).flat();
  const byPrefix = groups(rest, ({ verdict, reasonCode, prefix }) => [verdict, reasonCode, prefix]);
  return [
    ...large.map((group) => problem(group, 'session')),
    ...byPrefix.map((group) => problem(group, 'prefix')),
  ].sort(byUrgency);
}

function groups(verdicts: readonly Verdict[], keyOf: (verdict: Verdict) => unknown[]): Verdict[][] {
  return [...Map.groupBy(verdicts, (verdict) => JSON.stringify(keyOf(verdict))).values()];
}

function problem(group: readonly Verdict[], shared: Problem['shared']): Problem {
  const verdict = group.reduce((newest, other) => (other.since > newest.since ? other : newest));
  return { verdict, shared, count: group.length };
}

function byUrgency(a: Problem, b: Problem): number {
  return (
    verdictOrder.indexOf(a.verdict.verdict) - verdictOrder.indexOf(b.verdict.verdict) ||
    b.count - a.count ||
    b.verdict.since.localeCompare(a.verdict.since)
  );
}
