/** Routes that keep going and coming while their session stays up (MetalLB issues 2803, 1354 and 1292). */

import { count } from '../../metallb/problems/words.ts';
import { prefixesOf } from '../gaps.ts';
import type { Check, Facts, Finds } from '../types.ts';
import { sessionEvidence, span, subject, who } from '../words.ts';

/** Gaps of one route within ten minutes that make it flap. */
const leastGaps = 3;
const flapWindowMs = 600_000;

export const prefixFlapping: Check = {
  code: 'prefix-flapping',
  severity: 'warning',
  title: 'Prefix flaps',
  looksFor: 'routes withdrawn and announced again three times in ten minutes while the session stays up.',
  find,
};

function* find(facts: Facts): Finds {
  const { rib, history, now } = facts;
  for (const neighbor of rib.neighbors.values()) {
    yield;
    const recent = history.gaps(neighbor.id).filter(({ to }) => to > now - flapWindowMs);
    if (recent.length < leastGaps) continue;
    const byRoute = Map.groupBy(recent, ({ nlri }) => nlri);
    const flapping = [...byRoute.values()].filter((gaps) => gaps.length >= leastGaps);
    if (flapping.length === 0) continue;
    const most = flapping.reduce((a, b) => (b.length > a.length ? b : a));
    yield {
      ...subject(neighbor),
      text:
        `${who(neighbor)} withdrew and announced again ${count(flapping.length, 'route')} ` +
        `(${prefixesOf(facts, flapping.flat())}) ` +
        `in the last ${span(flapWindowMs)}, ${facts.rib.prefixText(most[0]!.nlri)} ${most.length} times, ` +
        'while the session stayed up.',
      hint:
        'With externalTrafficPolicy Local, routes follow the endpoints: check whether the pods of the Service ' +
        'keep becoming unready. Otherwise look for two writers of the same objects.',
      evidence: sessionEvidence(neighbor),
    };
  }
}
