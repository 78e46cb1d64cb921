/** Next hops that come and go (MetalLB issues 926, 720 and 420). */

import { count, names } from '../../metallb/problems/words.ts';
import type { Check, Facts, Finds } from '../types.ts';
import { span } from '../words.ts';

/** Ends of sessions within the window that make the set of next hops restless. */
const leastEnds = 4;
const leastShareOfSessions = 0.1;
const windowMs = 600_000;

/** Sessions that come and go change the set of next hops, and routers move connections with every change. */
export const nextHopChurn: Check = {
  code: 'next-hop-churn',
  severity: 'info',
  title: 'Set of next hops keeps changing',
  looksFor: 'four or more established sessions, and a tenth of all, that ended within ten minutes.',
  find,
};

function* find({ rib, history, now }: Facts): Finds {
  let ends = 0;
  const nodes = new Set<string>();
  for (const neighbor of rib.neighbors.values()) {
    yield;
    const own = history.ends(neighbor.id).filter(({ wasUp, at }) => wasUp && at > now - windowMs).length;
    if (own === 0) continue;
    ends += own;
    nodes.add(neighbor.node ?? neighbor.remoteAddress);
  }
  if (ends < Math.max(leastEnds, rib.neighbors.size * leastShareOfSessions)) return;
  yield {
    text:
      `In the last ${span(windowMs)} ${count(ends, 'session')} (of ${names(nodes)}) ended. Each end changed the set ` +
      'of next hops, and routers without resilient hashing moved connections of all nodes.',
    hint:
      'Find out why the sessions end. Routers with resilient ECMP (consistent hashing) keep the connections of ' +
      'the nodes that stay.',
    about: 'next hops',
  };
}
