/** Which nodes announce a service: the gates that every speaker goes through for its own node. */
import { type Bits, bitsOf, difference, hasBit, intersection, noBits, union } from '../relations/bits.ts';
import { type ClusterNodes, excludeLabel } from '../relations/nodes.ts';
import { localPrefCompatible } from '../rules/advertisement.ts';
import type { ExpectedSession, Reason } from '../types.ts';
import type { Group, Plan } from './plan.ts';
import type { Contribution, ServiceView } from './prefixes.ts';

/** What speakers have in force: a plan, and the nodes of each of its advertisements as they were when it was parsed. */
export interface InForce {
  readonly plan: Plan;
  /** By `Advertisement.index`. */
  readonly nodesOf: readonly Bits[];
}

interface GroupNodes {
  /** Some advertisement of the pool has the node. */
  readonly owner: Bits;
  /** Some advertisement that matches the service too. */
  readonly matching: Bits;
  /** Two of those want different localPref for the same prefix. */
  readonly conflict: Bits;
  /** Nodes that pass everything but the endpoints. */
  readonly eligible: Bits;
}

/** The gates of one cluster state. Sets are made once per group, when first asked for. */
export class Gates {
  readonly #inForce: InForce;
  readonly #nodes: ClusterNodes;
  readonly #groups = new Map<Group, GroupNodes>();

  constructor(inForce: InForce, nodes: ClusterNodes) {
    this.#inForce = inForce;
    this.#nodes = nodes;
  }

  /** Does the node announce this contribution to the session? `number` is the node's. */
  passes({ service, advertisement, family }: Contribution, number: number, session: ExpectedSession): boolean {
    return (
      (advertisement.peers === undefined || advertisement.peers.has(session.bgpPeer)) &&
      session.families.includes(family) &&
      hasBit(this.#inForce.nodesOf[advertisement.index]!, number) &&
      hasBit(this.of(service.group!).eligible, number) &&
      (service.object.spec.externalTrafficPolicy !== 'Local' || service.endpoints.nodes.has(session.node))
    );
  }

  /** Nodes that announce a contribution to some session or would if they had one. */
  announcers({ service, advertisement }: Contribution): Bits {
    return intersection(this.#inForce.nodesOf[advertisement.index]!, this.serviceNodes(service));
  }

  /** Nodes on which the service passes all gates. */
  serviceNodes({ object, endpoints, group }: ServiceView): Bits {
    if (!group || !endpoints.any) return noBits;
    const { eligible } = this.of(group);
    if (object.spec.externalTrafficPolicy !== 'Local') return eligible;
    const local = new Set(Array.from(endpoints.nodes, (name) => this.#nodes.numberOf(name)));
    return intersection(
      eligible,
      bitsOf(this.#nodes.numbers.size, (number) => local.has(number)),
    );
  }

  /** Why the node does not announce the service; undefined when it does. The first gate that fails names the reason. */
  whyNot(service: ServiceView, node: string): Reason | undefined {
    const number = this.#nodes.numberOf(node);
    if (!this.#nodes.objects.has(node)) return { reason: 'notOwner', text: `there is no node ${node}` };
    const noSpeaker = this.#nodes.whyNoSpeaker(node);
    if (noSpeaker) return noSpeaker;
    if (service.refused) return service.refused;
    const group = service.group!;
    const bits = this.of(group);
    const pool = `IPAddressPool ${group.pool.object.ref.name}`;
    if (!hasBit(bits.owner, number))
      return {
        reason: 'notOwner',
        text:
          group.ofPool.length === 0
            ? `no BGPAdvertisement selects ${pool}`
            : `no BGPAdvertisement of ${pool} (${list(group.ofPool)}) selects node ${node}`,
      };
    if (!hasBit(bits.matching, number))
      return {
        reason: 'noMatchingAdvertisement',
        text: `no BGPAdvertisement of ${pool} that selects node ${node} matches the labels of Service ${service.name}`,
      };
    if (hasBit(bits.conflict, number))
      return {
        reason: 'conflictingAdvertisements',
        text: `advertisements of Service ${service.name} on node ${node} (${list(group.matching)}) want different localPref for the same prefix`,
      };
    if (hasBit(this.#nodes.cordoned, number))
      return {
        reason: 'nodeUnschedulable',
        text: `node ${node} is cordoned, and MetalLB 0.14.9 withdraws from such nodes`,
      };
    if (hasBit(this.#nodes.networkUnavailable, number))
      return { reason: 'nodeNetworkUnavailable', text: `node ${node} has the condition NetworkUnavailable` };
    if (hasBit(this.#nodes.excluded, number))
      return {
        reason: 'nodeLabeledExcludeBalancers',
        text: `node ${node} has the label ${excludeLabel}`,
      };
    if (service.object.spec.externalTrafficPolicy === 'Local') {
      if (!service.endpoints.nodes.has(node))
        return {
          reason: 'noLocalEndpoints',
          text: `Service ${service.name} has externalTrafficPolicy Local and no serving endpoint on node ${node}`,
        };
    } else if (!service.endpoints.any)
      return { reason: 'noEndpoints', text: `Service ${service.name} has no serving endpoint` };
    return undefined;
  }

  of(group: Group): GroupNodes {
    let sets = this.#groups.get(group);
    if (!sets) this.#groups.set(group, (sets = this.#make(group)));
    return sets;
  }

  #make({ pool, ofPool, matching }: Group): GroupNodes {
    const nodes = this.#nodes;
    const nodesOf = (list: Group['matching']): Bits =>
      list.reduce((bits, { index }) => union(bits, this.#inForce.nodesOf[index]!), noBits);
    let conflict = noBits;
    for (const [i, a] of matching.entries())
      for (const b of matching.slice(0, i))
        if (!localPrefCompatible(a.object, b.object, pool, this.#inForce.plan.rules))
          conflict = union(conflict, intersection(this.#inForce.nodesOf[a.index]!, this.#inForce.nodesOf[b.index]!));
    const matched = nodesOf(matching);
    const eligible = [conflict, nodes.networkUnavailable, nodes.excluded, nodes.cordoned, nodes.withoutSpeaker].reduce(
      difference,
      intersection(matched, nodes.all),
    );
    return { owner: nodesOf(ofPool), matching: matched, conflict, eligible };
  }
}

const list = (advertisements: Group['matching']): string =>
  advertisements.map(({ object }) => object.ref.name).join(', ');
