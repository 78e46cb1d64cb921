/** Routes that stay although nothing serves them any more (MetalLB issues 1613, 877 and 312). */
import type { ObjectRef } from '../../metallb/types.ts';
import type { Facts, Finds } from '../types.ts';
import { count, names } from '../words.ts';

/** MetalLB's words for what should have ended an announcement. */
const reasons = new Set(['noEndpoints', 'noLocalEndpoints', 'noService']);
/** Rows asked for at once, and looked at in one pass. */
const pageRows = 64;
const maxRows = 2_048;

interface Left {
  /** Why it should not be there. */
  text: string;
  nodes: Set<string>;
  objects: Map<string, ObjectRef>;
}

export function* announcedWithoutEndpoints({ cluster, verdicts }: Facts): Finds {
  if (!cluster || verdicts.summary().verdicts.unexpected === 0) return;
  const byPrefix = new Map<string, Left>();
  let looked = 0;
  for (let after: Parameters<typeof verdicts.list>[1]; ; ) {
    const { rows, next } = verdicts.list({ verdict: ['unexpected'] }, after, pageRows);
    for (const { prefix, node, bgpPeer, reasonCode } of rows) {
      yield;
      if (reasonCode !== 'no-expectation' || node === null || bgpPeer === null) continue;
      const why = cluster.table.whyNot(node, bgpPeer, prefix);
      if (!why || !reasons.has(why.reason)) continue;
      const entry = byPrefix.get(prefix) ?? { text: why.text, nodes: new Set(), objects: new Map() };
      entry.nodes.add(node);
      for (const object of why.objects.filter(({ kind }) => kind === 'Service' || kind === 'IPAddressPool'))
        entry.objects.set(`${object.kind}/${object.namespace}/${object.name}`, object);
      byPrefix.set(prefix, entry);
    }
    looked += rows.length;
    if (!next || looked >= maxRows) break;
    after = next;
    yield;
  }
  for (const [prefix, { text, nodes, objects }] of byPrefix)
    yield {
      prefix,
      ...(nodes.size === 1 && { node: [...nodes][0]! }),
      text:
        `${prefix} is still announced by ${count(nodes.size, 'node')} (${names(nodes)}) although ` +
        `${text}: what arrives there is lost.`,
      hint:
        'The speaker missed the change: look at its log, and restart the speaker pod on the node if it does ' +
        'not withdraw. In frr-k8s mode also look whether an FRRConfiguration of a dead speaker was left behind.',
      objects: [...objects.values()].slice(0, 5),
    };
}
