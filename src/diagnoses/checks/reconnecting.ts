/**
 * Sessions that never get there: hot loops, wrong AS numbers, our own router ID (MetalLB issues 2367, 1683, 1560 and
 * 1114).
 */
import type { ExpectedSession } from '../../metallb/types.ts';
import type { Neighbor } from '../../rib/types.ts';
import type { Facts, Finds, OwnNeighbor } from '../types.ts';
import { sessionEvidence, span, subject, who } from '../words.ts';
import { hostOf, Ranges } from './ranges.ts';

/** Ends and refusals from one address within a minute that make a loop of it. */
const leastPerMinute = 6;
const windowMs = 60_000;
/** How long after its last end a neighbor is still worth a word, ms. */
const recentMs = 600_000;

/** Native speakers reset their back-off with every OPEN that they get an answer to, and come back at once. */
export function* hotReconnect(facts: Facts): Finds {
  const { history, now, options } = facts;
  for (const neighbor of failing(facts)) {
    yield;
    if (!neighbor) continue;
    const ends = history.ends(neighbor.id).filter(({ at }) => at > now - windowMs);
    const total = ends.reduce((sum, { suppressed }) => sum + 1 + suppressed, 0);
    if (total < leastPerMinute) continue;
    const last = ends.at(-1)!;
    yield {
      ...subject(neighbor),
      text:
        `${who(neighbor)} tried about ${total} times in the last ${span(now - ends[0]!.at + 1000)} and each ` +
        `session came to an end. Last: ${last.text}.` +
        (options.mode === 'native' ? ' Native speakers do not wait between attempts once they got an answer.' : ''),
      hint: whatToChange(neighbor, last.code),
      evidence: sessionEvidence(neighbor),
    };
  }
}

/** The AS numbers of the two sides do not fit each other. */
export function* wrongAsn(facts: Facts): Finds {
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

/** RFC 6286: within one AS, equal BGP Identifiers keep a session from coming up. */
export function* routerIdIsOurs(facts: Facts): Finds {
  const { own } = facts;
  for (const neighbor of failing(facts)) {
    yield;
    if (!neighbor?.lastDown.code.endsWith('bad-bgp-identifier')) continue;
    yield {
      ...subject(neighbor),
      text:
        `${who(neighbor)} has the router ID ${neighbor.routerId ?? own.routerId}, which is ours, on a session ` +
        `within the AS: it is refused (${neighbor.lastDown.text}).`,
      hint: 'Set bgp.routerId here, or spec.routerID of the BGPPeer, to another address.',
      evidence: sessionEvidence(neighbor),
    };
  }
}

/** Neighbors that are not up and ended lately, but for those whose address is up as another neighbor: with the right AS. */
function* failing({ rib, now }: Facts): Generator<FailingNeighbor | undefined> {
  const up = new Set<string>();
  const way = ({ remoteAddress, localAddress }: Neighbor): string => `${remoteAddress} ${localAddress}`;
  for (const neighbor of rib.neighbors.values()) if (neighbor.state === 'established') up.add(way(neighbor));
  for (const neighbor of rib.neighbors.values()) {
    yield;
    const { lastDown } = neighbor;
    if (lastDown === null || now - lastDown.at > recentMs || up.has(way(neighbor))) continue;
    yield { ...neighbor, lastDown };
  }
}

type FailingNeighbor = Neighbor & { lastDown: NonNullable<Neighbor['lastDown']> };

const isBadPeerAs = (code: string): boolean => code.endsWith('bad-peer-as');

function whatToChange({ bgpPeer }: Neighbor, code: string): string {
  const peer = bgpPeer === null ? 'its BGPPeer' : `BGPPeer ${bgpPeer}`;
  if (isBadPeerAs(code))
    return (
      `One of the two AS numbers is wrong: compare spec.myASN and spec.peerASN of ${peer} with bgp.asn and ` +
      'bgp.neighbors here.'
    );
  if (code === 'unconfigured-neighbor')
    return 'Add the address to bgp.neighbors, or keep the speaker from connecting here.';
  if (code.includes('connection-closed') || code.includes('reset'))
    return (
      `The speaker hangs up without a word, as native ones do when our AS is not spec.peerASN of ${peer}: ` +
      'compare that with bgp.asn here.'
    );
  return `Look at the reason of the last end, and compare ${peer} with bgp.neighbors here.`;
}
