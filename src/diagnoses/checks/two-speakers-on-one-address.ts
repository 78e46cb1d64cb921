/** Addresses that are not one speaker's alone (MetalLB issues 2367, 1683 and 1560). */

import { names } from '../../metallb/problems/words.ts';
import type { Neighbor } from '../../rib/types.ts';
import { established } from '../sessions.ts';
import type { Check, Facts, Finds } from '../types.ts';
import { sessionEvidence, subject } from '../words.ts';

/** Two sessions from one address to the same of ours: two speakers on one node, or two nodes behind one address. */
export const twoSpeakersOnOneAddress: Check = {
  code: 'two-speakers-on-one-address',
  severity: 'warning',
  title: 'Two sessions from one address',
  looksFor: 'two established sessions between the same two addresses.',
  find,
};

function* find(facts: Facts): Finds {
  const byAddress = new Map<string, Neighbor[]>();
  for (const neighbor of established(facts)) {
    yield;
    const { remoteAddress, localAddress, localPort } = neighbor;
    const key = `${remoteAddress} ${localAddress} ${localPort}`;
    byAddress.set(key, [...(byAddress.get(key) ?? []), neighbor]);
  }
  for (const sessions of byAddress.values()) {
    if (sessions.length < 2) continue;
    const [first] = sessions;
    yield {
      ...subject(first!),
      text:
        `${first!.remoteAddress} has ${sessions.length} sessions to ${first!.localAddress} port ` +
        `${first!.localPort} at once, as ` +
        `${names(sessions.map(({ asn, routerId }) => `AS ${asn} (router ID ${routerId})`))}: two BGP ` +
        'speakers run there, or several nodes share the address.',
      hint:
        'Look for a second BGP daemon on the node (Calico, Cilium, an old speaker pod), or for address ' +
        'translation between the nodes and this host.',
      evidence: sessions.flatMap(sessionEvidence),
    };
  }
}
