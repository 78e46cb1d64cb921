/** Speakers without a router ID (MetalLB issues 2367, 1683 and 1560). */
import { established } from '../sessions.ts';
import type { Check, Facts, Finds } from '../types.ts';
import { sessionEvidence, subject, who } from '../words.ts';

/** A node without any IPv4 address, and no routerID for it. RFC 6286 §2.1 calls it invalid. */
export const zeroRouterId: Check = {
  code: 'zero-router-id',
  severity: 'warning',
  title: 'Router ID 0.0.0.0',
  looksFor: 'speakers on nodes without IPv4 whose BGPPeer sets no routerID.',
  find,
};

function* find(facts: Facts): Finds {
  for (const neighbor of established(facts)) {
    yield;
    if (neighbor.routerId !== '0.0.0.0') continue;
    const { bgpPeer } = neighbor;
    const peer = bgpPeer === null ? undefined : facts.cluster?.peer(bgpPeer);
    yield {
      ...subject(neighbor),
      text:
        `${who(neighbor)} has the router ID 0.0.0.0, as FRR has on a node without an IPv4 address. It is let ` +
        'in here; most routers refuse it (RFC 6286).',
      hint: `Set spec.routerID of ${bgpPeer === null ? 'its BGPPeer' : `BGPPeer ${bgpPeer}`}.`,
      objects: peer ? [peer.ref] : [],
      evidence: sessionEvidence(neighbor),
    };
  }
}
