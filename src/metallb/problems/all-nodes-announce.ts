/** "Why do all nodes announce it": because the policy says so (MetalLB issue 773). */
import type { Cluster } from './cluster.ts';
import type { ObjectProblems, ObjectRule } from './rule.ts';
import { count, names } from './words.ts';

/** Endpoints on so small a part of the nodes that somebody will ask. */
const smallShare = 0.5;

/** One for the whole cluster, as an explanation. */
export const allNodesAnnounce: ObjectRule = {
  code: 'all-nodes-announce',
  severity: 'info',
  title: 'All nodes announce because of the policy',
  looksFor: 'services with externalTrafficPolicy Cluster and endpoints on few nodes.',
  isCostly: true,
  find,
};

function* find(cluster: Cluster): ObjectProblems {
  const total = [...cluster.sessionsByNode.keys()].filter((name) => !cluster.nodes.isHeldBack(name)).length;
  if (total < 3) return;
  const asked: string[] = [];
  for (const service of cluster.services()) {
    yield;
    if (service.spec.externalTrafficPolicy === 'Local' || service.spec.ingress.length === 0) continue;
    const { nodes } = cluster.endpoints(service);
    if (nodes.size > 0 && nodes.size < total * smallShare)
      asked.push(`${service.key} (endpoints on ${count(nodes.size, 'node')})`);
  }
  if (asked.length === 0) return;
  yield {
    text:
      `${count(asked.length, 'service')} with externalTrafficPolicy Cluster ` +
      `${asked.length === 1 ? 'has' : 'have'} endpoints on fewer than half of the ${total} nodes with ` +
      'sessions, ' +
      `and all selected nodes announce ${asked.length === 1 ? 'it' : 'them'}: ${names(asked, 3)}. That is ` +
      'what the policy means: every node forwards to the pods.',
    hint:
      'To have only nodes with pods as next hops, set spec.externalTrafficPolicy: Local; to limit the nodes ' +
      'otherwise, use spec.nodeSelectors of the BGPAdvertisement.',
    about: 'cluster',
  };
}
