/** Sessions that are tried again and again (MetalLB issue 1114). */
import type { Neighbor } from '../../rib/types.ts';
import { failing, isBadPeerAs } from '../failing-sessions.ts';
import type { Check, Facts, Finds } from '../types.ts';
import { sessionEvidence, span, subject, who } from '../words.ts';

/** Ends and refusals from one address within a minute that make a loop of it. */
const leastPerMinute = 6;
const windowMs = 60_000;

/** Native speakers reset their back-off with every OPEN that they get an answer to, and come back at once. */
export const hotReconnect: Check = {
  code: 'hot-reconnect',
  severity: 'critical',
  title: 'Hot reconnect loop',
  looksFor: 'speakers that reconnect several times a minute and whose sessions all end.',
  find,
};

function* find(facts: Facts): Finds {
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
        `${who(neighbor)} tried about ${total} times in the last ${span(now - ends[0]!.at + 1000)} and every ` +
        `session ended. Last: ${last.text}.` +
        (options.mode === 'native' ? ' Native speakers do not wait between attempts after a successful OPEN.' : ''),
      hint: whatToChange(neighbor, last.code),
      evidence: sessionEvidence(neighbor),
    };
  }
}

function whatToChange({ bgpPeer }: Neighbor, code: string): string {
  const peer = bgpPeer === null ? 'its BGPPeer' : `BGPPeer ${bgpPeer}`;
  if (isBadPeerAs(code))
    return (
      `One of the two AS numbers is wrong: compare spec.myASN and spec.peerASN of ${peer} with bgp.asn and ` +
      'bgp.neighbors here.'
    );
  if (code.includes('connection-closed') || code.includes('reset'))
    return (
      `The speaker closes the connection without NOTIFICATION, as native speakers do if bgp.asn differs from spec.peerASN of ${peer}: ` +
      'compare the two.'
    );
  return `Check the reason of the last end, and compare ${peer} with bgp.neighbors.`;
}
