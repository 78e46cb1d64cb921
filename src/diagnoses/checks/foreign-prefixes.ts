/** Prefixes on MetalLB's sessions that are not MetalLB's (MetalLB issues 705, 114 and 117). */
import { contains, type Prefix, parsePrefix } from '../../ip.ts';
import type { Cluster } from '../../metallb/problems/cluster.ts';
import { count, names } from '../../metallb/problems/words.ts';
import { formatCidr } from '../../metallb/relations/cidr.ts';
import { rowsThatAre } from '../rows.ts';
import type { Check, Facts, Finds } from '../types.ts';

/** One for each node, over prefixes that no pool has anything to do with. */
export const foreignPrefixes: Check = {
  code: 'foreign-prefixes',
  severity: 'warning',
  title: 'Prefixes that MetalLB does not announce',
  looksFor: 'unexpected prefixes outside every pool on the sessions of BGPPeers.',
  find,
};

function* find({ cluster, verdicts }: Facts): Finds {
  if (!cluster) return;
  const blocks = blocksOf(cluster);
  const byNode = new Map<string, Set<string>>();
  for (const row of rowsThatAre(verdicts, ['unexpected'])) {
    yield;
    if (row?.reasonCode !== 'no-expectation' || row.node === null) continue;
    const prefix = parsePrefix(row.prefix)!;
    // within a pool, or around one, it may be MetalLB's by mistake
    if (blocks.some((block) => contains(block, prefix) || contains(prefix, block))) continue;
    byNode.set(row.node, (byNode.get(row.node) ?? new Set()).add(row.prefix));
  }
  for (const [node, prefixes] of byNode)
    yield {
      node,
      text:
        `${node} announces ${count(prefixes.size, 'route')} (${names(prefixes, 3)}) outside every IPAddressPool, ` +
        'on a session of a BGPPeer.',
      hint:
        'Find what else announces on this session: raw FRR configuration, an FRRConfiguration ' +
        'that Peerglass does not read, or another BGP speaker in the same AS (Calico, Cilium).',
      objects: [...(cluster.node(node) ? [cluster.node(node)!.ref] : [])],
    };
}

const blocksOf = ({ accepted }: Cluster): Prefix[] =>
  accepted.pools.flatMap(({ entries }) =>
    entries.flatMap(({ cidrs }) => cidrs.map((cidr) => parsePrefix(formatCidr(cidr))!)),
  );
