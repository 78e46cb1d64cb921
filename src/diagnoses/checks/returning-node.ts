/** Routes that vanish for a while after their node came back (MetalLB issues 2803, 1354 and 1292). */

import { count } from '../../metallb/problems/words.ts';
import { prefixesOf, stormsOf, tellMs } from '../gaps.ts';
import type { Check, Facts, Finds } from '../types.ts';
import { sessionEvidence, span, subject, who } from '../words.ts';

/** A gap that began so soon after the session came up belongs to its coming up, ms. */
const returnMs = 60_000;

/** A node that is back: its routes appear, vanish and appear again, so traffic is drawn before it can be served. */
export const returningNode: Check = {
  code: 'returning-node',
  severity: 'warning',
  title: 'Routes disappear after a node returns',
  looksFor: 'routes withdrawn and announced again within a minute of their session coming up.',
  find,
};

function* find(facts: Facts): Finds {
  const { rib, history, now, startedAt } = facts;
  for (const neighbor of rib.neighbors.values()) {
    yield;
    const { establishedAt, flaps } = neighbor;
    if (establishedAt === null || neighbor.state !== 'established' || now - establishedAt > tellMs) continue;
    // sessions that begin just after our own start: it was us that came back
    if (flaps === 0 && establishedAt < startedAt + returnMs) continue;
    const early = history
      .gaps(neighbor.id)
      .filter(({ from }) => from >= establishedAt && from <= establishedAt + returnMs);
    if (early.length === 0 || stormsOf(early, neighbor).length > 0) continue;
    const longest = Math.max(...early.map(({ from, to }) => to - from));
    yield {
      ...subject(neighbor),
      text:
        `After ${who(neighbor)} came up, ${count(new Set(early.map(({ nlri }) => nlri)).size, 'route')} ` +
        `(${prefixesOf(facts, early)}) ` +
        `appeared, disappeared within ${span(returnMs)} and returned after up to ${span(longest)}.`,
      hint:
        'The speaker announced before it knew all Services or endpoints of the node. Check its log from the ' +
        'start of the session. Newer versions of MetalLB wait for them.',
      evidence: sessionEvidence(neighbor),
    };
  }
}
