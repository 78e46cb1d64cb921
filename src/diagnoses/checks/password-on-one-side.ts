/** Passwords that only one side of a session has (MetalLB issue 1125). */

import type { Cluster } from '../../metallb/problems/cluster.ts';
import { names } from '../../metallb/problems/words.ts';
import type { ExpectedSession } from '../../metallb/types.ts';
import { hostOf, Ranges } from '../ranges.ts';
import type { Check, Facts, Finds, OwnNeighbor } from '../types.ts';

/** A password in the BGPPeer and none here, or the other way round, on sessions that do not come up. */
export const passwordOnOneSide: Check = {
  code: 'password-on-one-side',
  severity: 'critical',
  title: 'Password on one side only',
  looksFor: 'BGPPeers with a password where bgp.neighbors has none, or the other way round, and no session.',
  find,
};

function* find({ cluster, own, rib }: Facts): Finds {
  if (!cluster) return;
  const ranges = new Ranges(own.neighbors);
  const up = new Set<string>();
  for (const { node, bgpPeer, state } of rib.neighbors.values())
    if (state === 'established' && node !== null) up.add(`${node}\n${bgpPeer}`);
  for (const [bgpPeer, sessions] of cluster.sessionsByPeer) {
    yield;
    const peer = cluster.peer(bgpPeer);
    // another router's address, or a translated one: what is configured there is not known here
    if (!peer || !own.interfaces.some(({ address }) => address === sessions[0]?.peerAddress)) continue;
    const theirs = peer.spec.password || peer.spec.passwordSecret.name !== '';
    const differing: ExpectedSession[] = [];
    for (const session of sessions) {
      yield;
      if (up.has(`${session.node}\n${bgpPeer}`)) continue;
      const entry = entryFor(session, cluster, ranges);
      if (entry && entry.hasPassword !== theirs) differing.push(session);
    }
    if (differing.length === 0) continue;
    yield {
      bgpPeer,
      text: theirs
        ? `BGPPeer ${bgpPeer} has a password, and the entry of bgp.neighbors for ` +
          `${names(differing.map(({ node }) => node))} has none: the kernel drops every SYN from there.`
        : `The entry of bgp.neighbors for ${names(differing.map(({ node }) => node))} has a password, and ` +
          `BGPPeer ${bgpPeer} has none: the kernel drops every SYN from there.`,
      hint: theirs
        ? `Set password in the entry of bgp.neighbors, the same as in the BGPPeer's ` +
          `${peer.spec.passwordSecret.name === '' ? 'spec.password' : `Secret ${peer.spec.passwordSecret.name}`}.`
        : `Set spec.passwordSecret of BGPPeer ${bgpPeer}, or take password out of the entry of bgp.neighbors.`,
      objects: [peer.ref],
    };
  }
}

/** The entry that lets the node's address in; undefined where that cannot be told. */
function entryFor({ node, peerAddress }: ExpectedSession, cluster: Cluster, ranges: Ranges): OwnNeighbor | undefined {
  const family = peerAddress === undefined ? undefined : hostOf(peerAddress)?.family;
  const hosts = (cluster.table.nodes.get(node)?.addresses ?? []).map(hostOf).filter((host) => host?.family === family);
  return hosts.map((host) => ranges.entryOf(host)).find((entry) => entry !== undefined);
}
