/** Sessions that are up without a family they should carry (MetalLB issues 2858, 1736 and 1402, `NoNeg`). */
import { established } from '../sessions.ts';
import type { Check, Facts, Finds } from '../types.ts';
import { sessionEvidence, who } from '../words.ts';

export const familyNotNegotiated: Check = {
  code: 'family-not-negotiated',
  severity: 'warning',
  title: 'Established session lacks an address family',
  looksFor: 'established sessions that lack a family which their BGPPeer asks for.',
  find,
};

function* find(facts: Facts): Finds {
  const { cluster } = facts;
  if (!cluster) return;
  for (const neighbor of established(facts)) {
    yield;
    const { node, bgpPeer, negotiated } = neighbor;
    if (node === null || bgpPeer === null || negotiated === null) continue;
    const session = cluster.table.session(node, bgpPeer);
    const lacking = session?.families.filter((family) => !negotiated.families.includes(family)) ?? [];
    if (lacking.length === 0) continue;
    const families = lacking.map((family) => `IPv${family}`).join(' and ');
    yield {
      node,
      bgpPeer,
      neighbor: neighbor.id,
      text:
        `The session of ${who(neighbor)} with BGPPeer ${bgpPeer} should carry ${families}, but the speaker ` +
        'did not announce ' +
        `${lacking.length === 1 ? 'that family' : 'those families'} in its OPEN, so it cannot announce such routes.`,
      hint:
        `The configuration on ${node} is older than the BGPPeer's (look at the speaker's log), or the ` +
        `speaker's version does not know spec.dualStackAddressFamily; a reset of the session makes it ` +
        'negotiate anew.',
      objects: cluster.peer(bgpPeer) ? [cluster.peer(bgpPeer)!.ref] : [],
      evidence: sessionEvidence(neighbor),
    };
  }
}
