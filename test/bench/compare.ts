/** Results → ratios and the verdict on each target. Pure. */
import type { Result } from './measure.ts';
import { peerglass } from './peerglass.ts';
import { scenarios } from './scenarios.ts';
import { median } from './statistics.ts';
import { visible } from './subject.ts';
import type { Target } from './targets.ts';

export interface Comparison {
  /** Peerglass ÷ daemon, one for each round that both ran in. */
  ratios: number[];
  /** The same, had the daemon been done right after the last poll that did not show it yet. */
  atWorst: number[];
  /** The daemon did not finish in some round: its timeout stands in, the true ratio is lower. */
  bound: boolean;
}

export interface TargetResult extends Comparison {
  target: Target;
  verdict: 'reached' | 'not reached' | 'not measured';
}

/** Compares Peerglass's `what` with `daemon` on `scenario`, round by round: rounds are what is close in time. */
export function compare(
  results: readonly Result[],
  scenario: string,
  what: Target['what'],
  daemon: string,
): Comparison {
  const of = (subject: string) => results.filter((one) => one.scenario === scenario && one.subject === subject);
  const comparison: Comparison = { ratios: [], atWorst: [], bound: false };
  for (const ours of of(peerglass.name)) {
    const theirs = of(daemon).find((one) => one.round === ours.round);
    if (!theirs || theirs.error || ours.error) continue;
    if (what === 'rss') {
      comparison.ratios.push(ours.peakRssMiB / theirs.peakRssMiB);
      continue;
    }
    const seconds = ours.readings[what]?.seconds ?? Number.POSITIVE_INFINITY;
    const reading = theirs.readings[visible];
    const timeout = timeoutOf(scenario);
    comparison.ratios.push(seconds / (reading?.seconds ?? timeout));
    comparison.atWorst.push(seconds / (reading?.notBefore ?? timeout));
    comparison.bound ||= reading === undefined;
  }
  return comparison;
}

export function judge(results: readonly Result[], targets: readonly Target[]): TargetResult[] {
  return targets.map((target) => {
    const comparison = compare(results, target.scenario, target.what, target.daemon);
    const verdict = comparison.ratios.length === 0 ? 'not measured' : reached(comparison, target);
    return { target, ...comparison, verdict };
  });
}

function reached({ ratios }: Comparison, { atMost }: Target): TargetResult['verdict'] {
  return median(ratios) <= atMost ? 'reached' : 'not reached';
}

const timeoutOf = (name: string): number => scenarios.find((scenario) => scenario.name === name)!.timeout;
