/** Routes that stay although nothing serves them any more (MetalLB issues 1613, 877 and 312). */

import { count, names } from '../../metallb/problems/words.ts';
import type { ObjectRef } from '../../metallb/types.ts';
import { rowsThatAre } from '../rows.ts';
import type { Check, Facts, Finds } from '../types.ts';

/** MetalLB's words for what should have ended an announcement. */
const reasons = new Set(['noEndpoints', 'noLocalEndpoints', 'noService']);

interface Left {
  /** Why it should not be there. */
  text: string;
  nodes: Set<string>;
  objects: Map<string, ObjectRef>;
}

export const announcedWithoutEndpoints: Check = {
  code: 'announced-without-endpoints',
  severity: 'critical',
  title: 'Announced without endpoints',
  looksFor: 'routes that stay after their Service or its last endpoint is gone.',
  find,
};

function* find({ cluster, verdicts }: Facts): Finds {
  if (!cluster) return;
  const byPrefix = new Map<string, Left>();
  for (const row of rowsThatAre(verdicts, ['unexpected'])) {
    yield;
    if (row?.reasonCode !== 'no-expectation' || row.node === null || row.bgpPeer === null) continue;
    const { prefix, node, bgpPeer } = row;
    const why = cluster.table.whyNot(node, bgpPeer, prefix);
    if (!why || !reasons.has(why.reason)) continue;
    const left = byPrefix.get(prefix) ?? { text: why.text, nodes: new Set(), objects: new Map() };
    byPrefix.set(prefix, left);
    left.nodes.add(node);
    for (const object of why.objects)
      if (object.kind === 'Service' || object.kind === 'IPAddressPool')
        left.objects.set(`${object.kind}/${object.namespace}/${object.name}`, object);
  }
  for (const [prefix, { text, nodes, objects }] of byPrefix)
    yield {
      prefix,
      ...(nodes.size === 1 && { node: [...nodes][0]! }),
      text:
        `${prefix} is still announced by ${count(nodes.size, 'node')} (${names(nodes)}) although ${text}. ` +
        'The traffic is lost.',
      hint:
        'The speaker missed the change. Check its log, and restart the speaker pod on the node if it does not ' +
        'withdraw the routes. In frr-k8s mode, check for an FRRConfiguration that a dead speaker left behind.',
      objects: [...objects.values()].slice(0, 5),
    };
}
