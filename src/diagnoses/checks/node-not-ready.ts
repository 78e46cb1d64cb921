/** Routes of nodes that Kubernetes has given up or drains (MetalLB issues 2677, 485 and 148). */

import { count } from '../../metallb/problems/words.ts';
import { excludeLabel } from '../../metallb/relations/nodes.ts';
import { established } from '../sessions.ts';
import type { Check, Facts, Finds } from '../types.ts';
import { sessionEvidence, span, subject, who } from '../words.ts';

/** MetalLB does not look at Ready or at cordons: the session decides, as long as it lives. */
export const nodeNotReady: Check = {
  code: 'node-not-ready',
  severity: 'warning',
  title: 'Node is not ready but still announces',
  looksFor: 'routes of nodes that are not Ready (warning) or cordoned (info).',
  find,
};

function* find(facts: Facts): Finds {
  const { cluster, now } = facts;
  if (!cluster) return;
  for (const neighbor of established(facts)) {
    yield;
    const { node: name, bgpPeer, routes, negotiated, lastUpdateAt } = neighbor;
    const node = name === null ? undefined : cluster.node(name);
    const held = routes.ipv4 + routes.ipv6 - routes.stale;
    if (!node || held === 0) continue;
    const ready = node.spec.conditions.find(({ type }) => type === 'Ready')?.status;
    const isUnready = ready !== undefined && ready !== 'True';
    // MetalLB 0.14.9 withdraws from cordoned nodes: a route that stays is unexpected, and its verdict says so
    const isCordoned = node.spec.unschedulable && !cluster.nodes.has(cluster.nodes.cordoned, node.ref.name);
    if (!isUnready && !isCordoned) continue;
    const peer = bgpPeer === null ? undefined : cluster.peer(bgpPeer);
    const hold = negotiated?.holdTime ?? 0;
    const heard = lastUpdateAt === null ? '' : `, last UPDATE ${span(now - lastUpdateAt)} ago`;
    yield {
      ...(!isUnready && { severity: 'info' as const }),
      ...subject(neighbor),
      text:
        `${who(neighbor)} is ${isUnready ? `not ready (Ready is ${ready})` : 'cordoned'} and still announces ` +
        `${count(held, 'route')} ` +
        `(hold time ${hold} s${heard}). MetalLB looks at neither, so its routes stay until the session ends.`,
      hint:
        (isUnready
          ? 'If the node is dead, its routes go ' +
            `${hold > 0 ? `after ${hold} s without a KEEPALIVE` : 'only when TCP notices'}` +
            `${peer && !peer.spec.bfdProfile ? '; a bfdProfile or a shorter holdTime in the BGPPeer makes that sooner' : ''}. ` +
            'To withdraw its routes now, '
          : 'To withdraw its routes before draining it, ') +
        (cluster.nodes.honorsExcludeLabel
          ? `label it ${excludeLabel}.`
          : `change spec.nodeSelectors of the BGPAdvertisements: the speakers ignore the label ${excludeLabel}.`),
      objects: [node.ref, ...(peer ? [peer.ref] : [])],
      evidence: sessionEvidence(neighbor),
    };
  }
}
