/** Which node answers for a service on layer 2: the election that every speaker makes by itself, all with one result. */
import { hash } from 'node:crypto';
import type { Plan } from '../expectations/plan.ts';
import type { ServiceView } from '../expectations/prefixes.ts';
import type { L2Advertisement, Node } from '../objects/resources.ts';
import { difference, isEmpty, members, noBits, union } from '../relations/bits.ts';
import type { ClusterNodes, NodeNumbers } from '../relations/nodes.ts';
import { takesService } from '../relations/relations.ts';
import { matches } from '../relations/selectors.ts';
import type { L2Announcer, Reason } from '../types.ts';
import type { VersionRules } from '../versions.ts';

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
  group ? plan.relations.l2AdvertisementsOf(group.pool) : [];

function elect(service: ServiceView, plan: Plan, nodes: ClusterNodes, rules: VersionRules): Election {
  const { group, object, endpoints, ips, name } = service;
  const [first] = ips;
  if (!group || !first)
    return { reason: service.refused ?? { reason: 'noIPAllocated', text: `Service ${name} has no address` } };
  if (!endpoints.anyForL2) return nobody('notOwner', `Service ${name} has no serving endpoint`);
  const pool = `IPAddressPool ${group.pool.object.ref.name}`;
  const ofPool = l2AdvertisementsOf(service, plan);
  if (ofPool.length === 0) return nobody('notOwner', `no L2Advertisement selects ${pool}`);
  const advertisements = ofPool.filter((advertisement) => takesService(advertisement, object));
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

  const selected = advertisements.reduce((bits, one) => union(bits, nodes.selectedBy(one)), noBits);
  const usable = [nodes.networkUnavailable, nodes.excluded, nodes.cordoned, nodes.withoutSpeaker].reduce(
    difference,
    selected,
  );
  const local = object.spec.externalTrafficPolicy === 'Local';
  const hasPreferences = advertisements.some(({ spec }) => spec.preferredNodeSelectors.length > 0);
  const hashes = hashesOf(first.text, nodes.numbers);
  let best: Candidate | undefined;
  let bestReady: Candidate | undefined;
  for (const number of members(usable)) {
    const nodeName = nodes.numbers.nameOf(number);
    if (local && !endpoints.nodesForL2.has(nodeName)) continue;
    const score = hasPreferences ? scoreOf(nodes, nodeName, advertisements) : 0;
    const candidate = { name: nodeName, score, hash: hashes.of(number) };
    if (!best || goesBefore(candidate, best, first.text)) best = candidate;
    if ((!bestReady || goesBefore(candidate, bestReady, first.text)) && isReady(nodes.objects.get(nodeName)!))
      bestReady = candidate;
  }
  if (!best)
    return nobody(
      'notOwner',
      isEmpty(selected)
        ? `no L2Advertisement that applies to Service ${name} (${names(advertisements)}) selects a node`
        : local
          ? `Service ${name} has externalTrafficPolicy Local, and no node that ${names(advertisements)} selects has a serving endpoint of it and may announce`
          : `none of the nodes that ${names(advertisements)} selects may announce: no speaker, no network, or excluded from load balancers`,
    );
  const announcer = (candidate: Candidate): L2Announcer => ({
    service: name,
    node: candidate.name,
    interfaces: interfacesOn(
      advertisements.filter((advertisement) => nodes.has(nodes.selectedBy(advertisement), candidate.name)),
    ),
  });
  return {
    elected: announcer(best),
    instead: bestReady && bestReady.name !== best.name ? announcer(bestReady) : undefined,
  };
}

interface Candidate {
  readonly name: string;
  readonly score: number;
  /** The first 48 bits. */
  readonly hash: number;
}

function goesBefore(a: Candidate, b: Candidate, ip: string): boolean {
  if (a.score !== b.score) return a.score > b.score;
  return a.hash !== b.hash ? a.hash < b.hash : digest(a.name, ip) < digest(b.name, ip);
}

/** As hex, which sorts as its octets do. */
const digest = (node: string, ip: string): string => hash('sha256', `${node}#${ip}`, 'hex');

/** The nodes' hashes for one address, by number: made once, since a large cluster would make millions at every change. */
class Hashes {
  readonly #ip: string;
  readonly #numbers: NodeNumbers;
  #made = new Float64Array();

  constructor(ip: string, numbers: NodeNumbers) {
    this.#ip = ip;
    this.#numbers = numbers;
  }

  of(number: number): number {
    const known = this.#made[number];
    if (known !== undefined) return known;
    const more = new Float64Array(this.#numbers.size);
    more.set(this.#made);
    for (let i = this.#made.length; i < more.length; i++)
      more[i] = Number.parseInt(digest(this.#numbers.nameOf(i), this.#ip).slice(0, 12), 16);
    this.#made = more;
    return more[number]!;
  }
}

/** Addresses whose hashes are kept; beyond it keeping starts anew. */
const maxHashed = 16_384;
const hashed = new WeakMap<NodeNumbers, Map<string, Hashes>>();

function hashesOf(ip: string, numbers: NodeNumbers): Hashes {
  let byAddress = hashed.get(numbers);
  if (!byAddress || byAddress.size >= maxHashed) hashed.set(numbers, (byAddress = new Map()));
  let hashes = byAddress.get(ip);
  if (!hashes) byAddress.set(ip, (hashes = new Hashes(ip, numbers)));
  return hashes;
}

/** A node that says nothing of it counts as ready. */
const isReady = ({ spec }: Node): boolean =>
  !spec.conditions.some(({ type, status }) => type === 'Ready' && status !== 'True');

const nobody = (reason: string, text: string): Election => ({ reason: { reason, text } });

const names = (advertisements: readonly L2Advertisement[]): string =>
  advertisements.map(({ ref }) => ref.name).join(', ');

/** Sum of the weights of all preferences that the node meets, of advertisements that select it. */
function scoreOf(nodes: ClusterNodes, name: string, advertisements: readonly L2Advertisement[]): number {
  const { labels } = nodes.objects.get(name)!;
  return advertisements
    .filter((advertisement) => nodes.has(nodes.selectedBy(advertisement), name))
    .flatMap(({ spec }) => spec.preferredNodeSelectors)
    .reduce((score, { weight, preference }) => score + (matches(preference, labels) ? weight : 0), 0);
}

/** The union; one advertisement without a list means all interfaces. */
function interfacesOn(advertisements: readonly L2Advertisement[]): string[] {
  if (advertisements.some(({ spec }) => spec.interfaces.length === 0)) return [];
  return [...new Set(advertisements.flatMap(({ spec }) => spec.interfaces))].sort();
}
