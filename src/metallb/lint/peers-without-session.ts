import { difference, intersection, isEmpty } from '../relations/bits.ts';
import { finding, type LintRule } from './scope.ts';

/**
 * A peer in the list that has a session on none of the advertisement's nodes: the service counts as announced, and
 * nobody hears of it.
 */
export const peersWithoutSession: LintRule = function* ({ written, accepted, nodes }) {
  if (nodes.size === 0) return;
  const byName = new Map(accepted.peers.map((peer) => [peer.ref.name, peer]));
  for (const advertisement of written.advertisements) {
    const own = nodes.selectedBy(advertisement);
    if (isEmpty(own)) continue; // its own nodeSelectors are the trouble then
    for (const [i, name] of advertisement.spec.peers.entries()) {
      const peer = byName.get(name);
      if (!peer) continue;
      const sessions = difference(nodes.selectedBy(peer), nodes.withoutSpeaker);
      if (!isEmpty(intersection(sessions, own))) continue;
      yield finding(
        'peer-without-session',
        advertisement,
        `spec.peers[${i}]`,
        isEmpty(sessions)
          ? `BGPPeer ${name} has a session on no node`
          : `none of the advertisement's nodes has a session with BGPPeer ${name}, whose nodes are ${namesOf(nodes.namesOf(sessions).sort())}`,
        `compare the nodeSelectors of the two`,
      );
    }
  }
};

/** Nodes that are named; of more of them the number tells enough. */
const maxNamed = 3;

const namesOf = (names: readonly string[]): string =>
  names.slice(0, maxNamed).join(', ') + (names.length > maxNamed ? ` and ${names.length - maxNamed} more` : '');
