/** Nodes whose sessions are refused because bgp.neighbors does not have their address. */
import { canonicalAddress, contains, parsePrefix } from '../../ip.ts';
import type { Check, Facts, Finds } from '../types.ts';
import { span } from '../words.ts';

/** How long after its last attempt an address is still reported, ms. */
const recentMs = 600_000;

export const nodeNotConfigured: Check = {
  code: 'node-not-configured',
  severity: 'critical',
  title: 'Node is not a configured neighbor',
  looksFor: 'nodes that connect from an address that bgp.neighbors does not have.',
  find,
};

function* find({ cluster, strangers, now, own }: Facts): Finds {
  if (cluster === null || strangers.length === 0) return;
  const nodes = new Map<string, string>();
  for (const [node, { addresses }] of cluster.table.nodes) {
    yield;
    for (const address of addresses) nodes.set(address, node);
  }
  for (const { address, connections, lastAt } of strangers) {
    const canonical = canonicalAddress(address) ?? address;
    const node = nodes.get(canonical);
    if (node === undefined || now - lastAt > recentMs) continue;
    // configured since
    const host = parsePrefix(canonical);
    if (host && own.neighbors.some(({ range }) => contains(parsePrefix(range)!, host))) continue;
    yield {
      node,
      about: address,
      text: `${node} connected ${connections} times from ${address}, last ${span(now - lastAt)} ago. No neighbor is configured for this address.`,
      hint: `Add ${address}, or a range that contains it, to bgp.neighbors.`,
    };
  }
}
