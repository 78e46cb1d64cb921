/** Names in a peers list that lead nowhere (MetalLB issue 2113). */
import { didYouMean } from '../../suggest.ts';
import type { Cluster } from './cluster.ts';
import { type ObjectProblems, type ObjectRule, placeOf } from './rule.ts';
import { names } from './words.ts';

/** One for each edge from an advertisement to a peer that has a session on none of the advertisement's nodes. */
export const peersWithoutSession: ObjectRule = {
  code: 'peers-without-session',
  aliases: ['peer-without-session'],
  severity: 'warning',
  title: 'peers selects no session',
  looksFor: 'names in spec.peers of a BGPAdvertisement without a session on its nodes.',
  find,
};

function* find(cluster: Cluster): ObjectProblems {
  if (cluster.resources.Node.size === 0) return;
  const { accepted, written } = cluster;
  const known = written.configuration.peers;
  for (const advertisement of accepted.advertisements) {
    yield;
    const own = cluster.selectedBy(advertisement);
    const leadsTo = (name: string): boolean =>
      (cluster.sessionsByPeer.get(name) ?? []).some(({ node }) => own.has(node));
    const dead = advertisement.spec.peers.filter((name) => !leadsTo(name));
    const isMute = dead.length === advertisement.spec.peers.length;
    for (const name of dead) {
      const path = `spec.peers[${advertisement.spec.peers.indexOf(name)}]`;
      const peer = known.get(name);
      const meant = peer ? undefined : didYouMean(name, known.keys());
      const selected = peer && cluster.selectedBy(peer);
      const why = !peer
        ? 'there is no BGPPeer with that ' +
          `name${meant ? ` (did you mean ${meant}?)` : known.size > 0 ? `; there are ${names([...known.keys()].sort())}` : ''}`
        : selected!.size === 0
          ? 'its nodeSelectors match no node'
          : cluster.sharedBy(peer, advertisement).length > 0
            ? `the BGPPeer is rejected, or no speaker runs on the nodes they share`
            : `it has sessions on ${names(selected!)}, and the advertisement selects ${names(own)}`;
      yield {
        ...(isMute && { severity: 'critical' as const }),
        bgpPeer: name,
        text:
          `BGPAdvertisement ${advertisement.ref.name} lists the peer ${name}, but none of its nodes has a ` +
          `session with this BGPPeer: ${why}.` +
          (isMute ? ' None of its peers has a session, so it announces nothing.' : ''),
        hint: peer
          ? `Compare spec.nodeSelectors of BGPPeer ${name} with spec.nodeSelectors of the advertisement.`
          : `Put metadata.name of a BGPPeer into spec.peers of the advertisement; an empty list means all peers.`,
        objects: peer ? [placeOf(advertisement, path), peer.ref] : [placeOf(advertisement, path)],
        path,
      };
    }
  }
}
