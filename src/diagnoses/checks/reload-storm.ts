/** Reloads that take most routes of a session along (MetalLB issue 2900). */

import { names } from '../../metallb/problems/words.ts';
import { prefixesOf, stormsOf, tellMs } from '../gaps.ts';
import type { Check, Facts, Finds } from '../types.ts';
import { sessionEvidence, span, subject, who } from '../words.ts';

/** FRR has been seen to withdraw nearly everything for some ten seconds when one service is added. */
export const reloadStorm: Check = {
  code: 'reload-storm',
  severity: 'warning',
  title: 'Reload withdrew most routes',
  looksFor: 'half of a session’s routes, ten at least, withdrawn together and announced again.',
  find,
};

function* find(facts: Facts): Finds {
  const { rib, history, cluster, now } = facts;
  for (const neighbor of rib.neighbors.values()) {
    yield;
    const storms = stormsOf(history.gaps(neighbor.id), neighbor).filter(({ to }) => now - to < tellMs);
    const last = storms.at(-1);
    if (!last) continue;
    const { node, bgpPeer } = neighbor;
    const services = new Set<string>();
    for (const { nlri } of last.gaps) {
      const prefix = rib.prefixText(nlri);
      const route = node !== null && bgpPeer !== null ? cluster?.table.route(node, bgpPeer, prefix) : undefined;
      for (const { service } of route?.chain ?? []) services.add(service);
    }
    yield {
      ...subject(neighbor),
      text:
        `${who(neighbor)} withdrew ${last.gaps.length} of its ${neighbor.routes.ipv4 + neighbor.routes.ipv6} ` +
        `routes (${prefixesOf(facts, last.gaps)}) ` +
        `at ${new Date(last.from).toISOString()} and announced them again within ` +
        `${span(last.to - last.from)}, in the same session` +
        `${services.size > 0 ? `; affected Services: ${names(services)}` : ''}.${storms.length > 1 ? ` It was the ${storms.length}th time within the hour.` : ''}`,
      hint:
        'A reload of FRR withdrew the routes. Check the log of the FRR container at that time. Fewer edits ' +
        'at once, or a newer FRR, make this rarer.',
      evidence: sessionEvidence(neighbor),
    };
  }
}
