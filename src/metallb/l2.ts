/** Which node answers for a service on layer 2: the election that every speaker makes by itself, all with one result. */
import { hash } from 'node:crypto';
import { hasBit } from './bits.ts';
import type { ClusterNodes } from './nodes.ts';
import type { Plan } from './plan.ts';
import type { L2Advertisement, Node } from './resources.ts';
import { matches, selects } from './selectors.ts';
import type { Reason, ServiceView } from './services.ts';
import type { L2Announcer } from './types.ts';
import type { VersionRules } from './versions.ts';

/** What comes of an election: a node, or why there is none. */
export type Election =
  | {
      readonly elected: L2Announcer;
      /**
       * Who would be elected without the nodes that are not Ready. Speakers elect among the members of their memberlist,
       * which loses a dead node before the cluster's objects say so, and a node may be a member without being Ready.
       * Undefined where that makes no difference.
       */
      readonly instead: L2Announcer | undefined;
      readonly reason?: undefined;
    }
  | { readonly elected?: undefined; readonly instead?: undefined; readonly reason: Reason };

const remembered = new WeakMap<ServiceView, { plan: Plan; nodes: ClusterNodes; election: Election }>();

/** Interfaces play no part in the election, and nobody steps in. Remembered for a service that is asked for again. */
export function electL2(service: ServiceView, plan: Plan, nodes: ClusterNodes, rules: VersionRules): Election {
  const before = remembered.get(service);
  if (before && before.plan === plan && before.nodes === nodes) return before.election;
  const election = elect(service, plan, nodes, rules);
  remembered.set(service, { plan, nodes, election });
  return election;
}

/** The L2Advertisements of the service's pool, whichever services they select. */
export const l2AdvertisementsOf = ({ group }: ServiceView, plan: Plan): readonly L2Advertisement[] =>
  (group && plan.l2OfPool.get(group.pool)) ?? [];

function elect(service: ServiceView, plan: Plan, nodes: ClusterNodes, rules: VersionRules): Election {
  const { group, object, endpoints, ips, name } = service;
  const [first] = ips;
  if (!group || !first)
    return { reason: service.refused ?? { reason: 'noIPAllocated', text: `Service ${name} has no address` } };
  if (!endpoints.anyForL2) return nobody('notOwner', `Service ${name} has no serving endpoint`);
  const pool = `IPAddressPool ${group.pool.object.ref.name}`;
  const ofPool = l2AdvertisementsOf(service, plan);
  if (ofPool.length === 0) return nobody('notOwner', `no L2Advertisement selects ${pool}`);
  const advertisements = ofPool.filter(({ spec }) => selects(spec.serviceSelectors, object.labels));
  if (advertisements.length === 0)
    return nobody('notOwner', `no L2Advertisement of ${pool} (${names(ofPool)}) matches the labels of Service ${name}`);
  // sharing an address would need both services' advertisements to agree on the node
  if (
    rules.sharedIPBarsServiceSelectors &&
    object.spec.sharingKey !== '' &&
    advertisements.some(({ spec }) => spec.serviceSelectors.length > 0)
  )
    return nobody(
      'sharedIPWithServiceSelector',
      `Service ${name} may share its address (allow-shared-ip), and an L2Advertisement picks it by its labels (${names(advertisements)})`,
    );

  const local = object.spec.externalTrafficPolicy === 'Local';
  let best: Candidate | undefined;
  let bestReady: Candidate | undefined;
  let selected = 0;
  for (const node of nodes.objects.values()) {
    const number = nodes.numberOf(node.ref.name);
    const own = advertisements.filter((advertisement) => hasBit(nodes.selectedBy(advertisement), number));
    if (own.length === 0) continue;
    selected++;
    if (!isUsable(number, nodes)) continue;
    if (local && !endpoints.nodesForL2.has(node.ref.name)) continue;
    const candidate = { node, score: scoreOf(node, own), hash: hash('sha256', `${node.ref.name}#${first.text}`) };
    if (!best || goesBefore(candidate, best)) best = candidate;
    if (isReady(node) && (!bestReady || goesBefore(candidate, bestReady))) bestReady = candidate;
  }
  if (!best)
    return nobody(
      'notOwner',
      selected === 0
        ? `no L2Advertisement that applies to Service ${name} (${names(advertisements)}) selects a node`
        : local
          ? `Service ${name} has externalTrafficPolicy Local, and no node that ${names(advertisements)} selects has a serving endpoint of it and may announce`
          : `none of the nodes that ${names(advertisements)} selects may announce: no speaker, no network, or excluded from load balancers`,
    );
  const announcer = ({ node }: Candidate): L2Announcer => ({
    service: name,
    node: node.ref.name,
    interfaces: interfacesOn(
      advertisements.filter((advertisement) => nodes.has(nodes.selectedBy(advertisement), node.ref.name)),
    ),
  });
  return {
    elected: announcer(best),
    instead: bestReady && bestReady !== best ? announcer(bestReady) : undefined,
  };
}

interface Candidate {
  readonly node: Node;
  readonly score: number;
  /** Hex, which sorts as its octets do. */
  readonly hash: string;
}

const goesBefore = (a: Candidate, b: Candidate): boolean =>
  a.score > b.score || (a.score === b.score && a.hash < b.hash);

/** Is the node one that speakers count, whatever the service? */
const isUsable = (number: number, nodes: ClusterNodes): boolean =>
  !(hasBit(nodes.networkUnavailable, number) || hasBit(nodes.excluded, number) || hasBit(nodes.withoutSpeaker, number));

/** A node that says nothing of it counts as ready. */
const isReady = ({ spec }: Node): boolean =>
  !spec.conditions.some(({ type, status }) => type === 'Ready' && status !== 'True');

const nobody = (reason: string, text: string): Election => ({ reason: { reason, text } });

const names = (advertisements: readonly L2Advertisement[]): string =>
  advertisements.map(({ ref }) => ref.name).join(', ');

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
