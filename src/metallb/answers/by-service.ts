/** What is announced, summed up by Service: found by looking at one node of each that are alike. */

import { alikeIn, candidatesIn } from '../expectations/alike.ts';
import type { ExpectationTable } from '../expectations/table.ts';
import type { ReportFilter } from './rows.ts';

export interface ServiceSummary {
  /** `namespace/name` */
  service: string;
  prefixes: string[];
  /** Nodes that announce its most widely announced prefix. */
  nodes: number;
  bgpPeers: string[];
  routes: number;
}

/** In the order of the Services' names. */
export function summaryByService(table: ExpectationTable, only: ReportFilter = {}): ServiceSummary[] {
  const summaries = new Map<string, ServiceSummary & { peers: Set<string> }>();
  const peersOf = peersByClass(table, only);
  for (const prefix of only.prefix === undefined ? candidatesIn(table) : [only.prefix]) {
    const announcing = new Map<string, number>();
    for (const nodes of alikeIn(table, prefix).classes) {
      const seen = new Set<string>();
      for (const [bgpPeer, { node, count }] of peersOf(nodes)) {
        const route = table.route(node, bgpPeer, prefix);
        for (const service of new Set(route?.chain.map((link) => link.service))) {
          if (only.service !== undefined && service !== only.service) continue;
          let summary = summaries.get(service);
          if (!summary) {
            summary = { service, prefixes: [], nodes: 0, bgpPeers: [], routes: 0, peers: new Set() };
            summaries.set(service, summary);
          }
          summary.routes += count;
          summary.peers.add(bgpPeer);
          if (!seen.has(service)) announcing.set(service, (announcing.get(service) ?? 0) + count);
          seen.add(service);
        }
      }
    }
    for (const [service, nodes] of announcing) {
      const summary = summaries.get(service)!;
      summary.prefixes.push(prefix);
      summary.nodes = Math.max(summary.nodes, nodes);
    }
  }
  return Array.from(summaries.values(), ({ peers, ...summary }) => ({ ...summary, bgpPeers: [...peers].sort() })).sort(
    (a, b) => (a.service < b.service ? -1 : 1),
  );
}

/** BGPPeer → one node of a class that has a session with it, and how many have. */
function peersByClass(table: ExpectationTable, { node: only, bgpPeer }: ReportFilter) {
  const byNode = Map.groupBy(table.sessions, ({ node }) => node);
  const known = new WeakMap<readonly string[], Map<string, { node: string; count: number }>>();
  return (nodes: readonly string[]): Map<string, { node: string; count: number }> => {
    let peers = known.get(nodes);
    if (peers) return peers;
    known.set(nodes, (peers = new Map()));
    for (const node of nodes) {
      if (only !== undefined && node !== only) continue;
      for (const session of byNode.get(node) ?? []) {
        if (bgpPeer !== undefined && session.bgpPeer !== bgpPeer) continue;
        const peer = peers.get(session.bgpPeer);
        if (peer) peer.count++;
        else peers.set(session.bgpPeer, { node, count: 1 });
      }
    }
    return peers;
  };
}
