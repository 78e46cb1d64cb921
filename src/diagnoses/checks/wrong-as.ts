/** AS numbers that keep a session from coming up (MetalLB issue 1114). */
import type { ExpectedSession } from '../../metallb/types.ts';
import { failing, isBadPeerAs } from '../failing-sessions.ts';
import { hostOf, Ranges } from '../ranges.ts';
import type { Check, Facts, Finds, OwnNeighbor } from '../types.ts';
import { sessionEvidence, subject, who } from '../words.ts';

/** Whichever side refuses: what it sent tells whose number the other did not expect. */
export const wrongAs: Check = {
  code: 'wrong-as',
  severity: 'critical',
  title: 'AS number mismatch',
  looksFor: 'sessions refused for the AS number of one side.',
  find,
};

function* find(facts: Facts): Finds {
  const { cluster, own } = facts;
  const ranges = new Ranges(own.neighbors);
  for (const neighbor of failing(facts)) {
    yield;
    if (!neighbor || !isBadPeerAs(neighbor.lastDown.code)) continue;
    const { asn, bgpPeer, node, lastDown } = neighbor;
    const session = node !== null && bgpPeer !== null ? cluster?.table.session(node, bgpPeer) : undefined;
    const entry = ranges.entryOf(hostOf(neighbor.remoteAddress));
    const refusedByUs = lastDown.direction === 'sent';
    const ours = neighbor.localAsn ?? own.asn;
    yield {
      ...subject(neighbor),
      text: refusedByUs
        ? `${who(neighbor)} announces itself as AS ${asn ?? 'unknown'}, and bgp.neighbors expects ` +
          `${entry?.asn ?? 'another'}: the session is refused (${lastDown.text}).`
        : `${who(neighbor)} refuses our AS ${ours}: ${lastDown.text}.`,
      hint: refusedByUs
        ? theirSide(asn, session, entry)
        : `${session ? `BGPPeer ${bgpPeer} says peerASN ${session.peerASN}` : 'Compare peerASN of its BGPPeer'}; what is spoken here is AS ${ours} (bgp.asn).`,
      objects: bgpPeer !== null && cluster?.peer(bgpPeer) ? [cluster.peer(bgpPeer)!.ref] : [],
      evidence: sessionEvidence(neighbor),
    };
  }
}

/** Which of the two is wrong about the speaker's AS: its BGPPeer tells. */
function theirSide(asn: number | null, session: ExpectedSession | undefined, entry: OwnNeighbor | undefined): string {
  if (!session)
    return 'Set asn of bgp.neighbors to what the speaker announces, or spec.myASN of its BGPPeer to what is configured here.';
  const { bgpPeer, myASN } = session;
  if (myASN === asn)
    return `BGPPeer ${bgpPeer} says myASN ${myASN} too, so asn of bgp.neighbors ${entry?.range ?? ''} is what to change.`;
  return `BGPPeer ${bgpPeer} says myASN ${myASN}: the speaker runs with another configuration than that, or this is another speaker.`;
}
