/**
 * "nodeSelectors do not work": those of peers and those of advertisements pick different nodes (MetalLB issues 2909,
 * 2586 and 1663).
 */
import { takesPeer } from '../relations/relations.ts';
import type { Cluster } from './cluster.ts';
import type { ObjectProblems, ObjectRule } from './rule.ts';
import { names } from './words.ts';

/** Nodes that an advertisement picks by name, so to speak, and that have no session to announce anything over. */
export const selectorsCompared: ObjectRule = {
  code: 'selectors-compared',
  severity: 'info',
  title: 'Advertisement selects nodes without a session',
  looksFor: 'nodeSelectors of BGPAdvertisements that pick nodes without session (info), or no node at all (warning).',
  find,
};

function* find(cluster: Cluster): ObjectProblems {
  if (cluster.table.sessions.length === 0) return;
  for (const advertisement of cluster.accepted.advertisements) {
    yield;
    const { nodeSelectors, peers } = advertisement.spec;
    if (nodeSelectors.length === 0) continue;
    const own = cluster.selectedBy(advertisement);
    const withSession = new Set(
      cluster.table.sessions.filter(({ bgpPeer }) => takesPeer(advertisement, bgpPeer)).map(({ node }) => node),
    );
    // a list of peers that leads nowhere at all has a diagnosis of its own
    if (withSession.size === 0) continue;
    const lacking = [...own].filter((node) => !withSession.has(node));
    if (own.size > 0 && lacking.length === 0) continue;
    const which = peers.length > 0 ? `BGPPeer ${names(peers)}` : 'any BGPPeer';
    yield {
      ...(own.size === 0 && { severity: 'warning' as const }),
      text:
        own.size === 0
          ? `The nodeSelectors of BGPAdvertisement ${advertisement.ref.name} match no node, so it ` +
            `announces nothing; sessions are on ${names(withSession)}.`
          : `BGPAdvertisement ${advertisement.ref.name} selects ${names(own)}; of these ${names(lacking)} ` +
            `${lacking.length === 1 ? 'has' : 'have'} no session with ${which}, whose nodes are ` +
            `${names(withSession)}. Announcements come from ` +
            `${names([...own].filter((node) => withSession.has(node)))} only.`,
      hint:
        'spec.nodeSelectors of a BGPAdvertisement choose which nodes announce, those of a BGPPeer which nodes ' +
        'have a session at all: a node needs both. Compare the labels of the nodes with both.',
      objects: [advertisement.ref],
    };
  }
}
