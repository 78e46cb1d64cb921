/** Which node answers for a service on layer 2: the election that every speaker makes by itself, all with one result. */
import { createHash } from 'node:crypto';
import { hasBit } from './bits.ts';
import type { ClusterNodes } from './nodes.ts';
import type { Plan } from './plan.ts';
import type { L2Advertisement, Node } from './resources.ts';
import { matches, selects } from './selectors.ts';
import type { ServiceView } from './services.ts';
import type { L2Announcer } from './types.ts';

/** The elected node, or undefined when nobody is. Interfaces play no part in the election, and nobody steps in. */
export function electL2(service: ServiceView, plan: Plan, nodes: ClusterNodes): L2Announcer | undefined {
  const { group, object, endpoints, ips } = service;
  const [first] = ips;
  if (!group || !first || !endpoints.anyForL2) return undefined;
  const advertisements = plan.l2OfPool
    .get(group.pool)!
    .filter(({ spec }) => selects(spec.serviceSelectors, object.labels));
  // sharing an address would need both services' advertisements to agree on the node
  if (object.spec.sharingKey !== '' && advertisements.some(({ spec }) => spec.serviceSelectors.length > 0))
    return undefined;

  const local = object.spec.externalTrafficPolicy === 'Local';
  let best: { node: Node; score: number; hash: Buffer } | undefined;
  for (const node of nodes.objects.values()) {
    const number = nodes.numberOf(node.ref.name);
    if (
      hasBit(nodes.networkUnavailable, number) ||
      hasBit(nodes.excluded, number) ||
      hasBit(nodes.withoutSpeaker, number)
    )
      continue;
    if (local && !endpoints.nodesForL2.has(node.ref.name)) continue;
    const own = advertisements.filter((advertisement) => hasBit(nodes.selectedBy(advertisement), number));
    if (own.length === 0) continue;
    const candidate = {
      node,
      score: scoreOf(node, own),
      hash: createHash('sha256').update(`${node.ref.name}#${first.text}`).digest(),
    };
    if (
      !best ||
      candidate.score > best.score ||
      (candidate.score === best.score && candidate.hash.compare(best.hash) < 0)
    )
      best = candidate;
  }
  if (!best) return undefined;
  const { name } = best.node.ref;
  return {
    service: service.name,
    node: name,
    interfaces: interfacesOn(
      advertisements.filter((advertisement) => nodes.has(nodes.selectedBy(advertisement), name)),
    ),
  };
}

/** Sum of the weights of all preferences that the node meets. */
function scoreOf(node: Node, advertisements: readonly L2Advertisement[]): number {
  return advertisements
    .flatMap(({ spec }) => spec.preferredNodeSelectors)
    .reduce((score, { weight, preference }) => score + (matches(preference, node.labels) ? weight : 0), 0);
}

/** The union; one advertisement without a list means all interfaces. */
function interfacesOn(advertisements: readonly L2Advertisement[]): string[] {
  if (advertisements.some(({ spec }) => spec.interfaces.length === 0)) return [];
  return [...new Set(advertisements.flatMap(({ spec }) => spec.interfaces))].sort();
}
