/** Speakers that cannot have a session because of our own router ID (MetalLB issues 2367, 1683 and 1560). */
import { failing } from '../failing-sessions.ts';
import type { Check, Facts, Finds } from '../types.ts';
import { sessionEvidence, subject, who } from '../words.ts';

/** RFC 6286: within one AS, equal BGP Identifiers keep a session from coming up. */
export const routerIdIsOurs: Check = {
  code: 'router-id-is-ours',
  severity: 'critical',
  title: 'Speaker uses the router ID of the collector',
  looksFor: 'iBGP sessions refused because both sides have the same router ID.',
  find,
};

function* find(facts: Facts): Finds {
  const { own } = facts;
  for (const neighbor of failing(facts)) {
    yield;
    if (!neighbor?.lastDown.code.endsWith('bad-bgp-identifier')) continue;
    yield {
      ...subject(neighbor),
      text:
        `${who(neighbor)} has the router ID ${neighbor.routerId ?? own.routerId}, the same as this collector, on a session ` +
        `within the AS. The session is refused (${neighbor.lastDown.text}).`,
      hint: 'Set bgp.routerId here, or spec.routerID of the BGPPeer, to another address.',
      evidence: sessionEvidence(neighbor),
    };
  }
}
