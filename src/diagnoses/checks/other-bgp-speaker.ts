/** Sessions of nodes that are not MetalLB's (MetalLB issues 2367, 1683 and 1560). */

import { count, names } from '../../metallb/problems/words.ts';
import { established } from '../sessions.ts';
import type { Check, Facts, Finds } from '../types.ts';
import { sessionEvidence, subject } from '../words.ts';

/** Another daemon on a node, which may get in the way of the speaker there. */
export const otherBgpSpeaker: Check = {
  code: 'other-bgp-speaker',
  severity: 'warning',
  title: 'Another BGP speaker on a node',
  looksFor: 'sessions of nodes in an AS that no BGPPeer uses.',
  find,
};

function* find(facts: Facts): Finds {
  const { cluster } = facts;
  // with frr-k8s others may configure sessions of their own, in an AS of their own
  if (!cluster || (facts.options.mode === 'frr-k8s' && cluster.resources.FRRConfiguration.size > 0)) return;
  for (const neighbor of established(facts)) {
    yield;
    const { node, asn, routes } = neighbor;
    const sessions = node === null ? undefined : cluster.sessionsByNode.get(node);
    if (!sessions || asn === null || sessions.some(({ myASN }) => myASN === asn)) continue;
    // while a BGPPeer is edited the session goes on in the old AS
    if (cluster.written.peers.some(({ spec }) => spec.myASN === asn || spec.localASN === asn)) continue;
    yield {
      ...subject(neighbor),
      text:
        `A BGP speaker on ${node} (${neighbor.remoteAddress}) uses AS ${asn} and announces ` +
        `${count(routes.ipv4 + routes.ipv6, 'route')}; ` +
        `MetalLB's sessions of that node are in AS ${names(sessions.map(({ myASN }) => String(myASN)))}.`,
      hint:
        'Another BGP speaker runs on the node (Calico and Cilium have one, which conflicts with MetalLB on ' +
        'port 179). In frr-k8s mode an FRRConfiguration may configure it. Point it at another router, ' +
        'or give its addresses their own entry in bgp.neighbors.',
      evidence: sessionEvidence(neighbor),
    };
  }
}
