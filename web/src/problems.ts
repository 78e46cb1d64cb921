/** Groups verdicts with a common cause into problems. Pure. */
import type { Verdict } from '../../src/api/schemas.ts';
import { verdictOrder } from './verdicts.ts';

export interface Problem {
  /** The newest verdict of the group; its reason is shown. */
  verdict: Verdict;
  /** What the verdicts share: a session or a prefix. */
  shared: 'session' | 'prefix';
  count: number;
}

/** Minimum prefixes with the same reason to form a problem of the session. */
export const minSessionPrefixes = 3;

/** Groups equal verdicts by session if it has many, otherwise by prefix; worst verdict first, then largest group. */
export function groupProblems(verdicts: readonly Verdict[]): Problem[] {
  const bySession = groups(verdicts, ({ verdict, reasonCode, node, bgpPeer, neighbor }) => [
    verdict,
    reasonCode,
    node,
    bgpPeer,
    node === null ? neighbor : null,
  ]);
  const large = bySession.filter((group) => group.length >= minSessionPrefixes);
  const rest = bySession.filter((group) => group.length < minSessionPrefixes).flat();
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
