/** Why something is not announced: the first thing in MetalLB's order of evaluation that stands in the way. */
import { canonicalPrefix } from '../../ip.ts';
import { type Cidr, parseBlock } from '../relations/cidr.ts';
import type { ExpectedSession, ObjectRef } from '../types.ts';
import { mergedProblem } from './attributes.ts';
import { hostnameMismatch } from './peers.ts';
import type { ServiceView } from './prefixes.ts';
import { servicesIn } from './service-index.ts';
import type { Standing, TableState } from './state.ts';

export interface WhyNot {
  reason: string;
  text: string;
  objects: ObjectRef[];
}

interface Question {
  node: string;
  bgpPeer: string;
  prefix: string;
  session: ExpectedSession | undefined;
  /** What reached the node's BGP daemon. */
  published: Standing | undefined;
  state: TableState;
}

/** Services named in one answer; more of them say the same. */
const maxObjects = 20;

/** Nobody reads raw FRR configuration but FRR: with it, no reason of MetalLB's is the last word. */
export function orByRawConfiguration(why: WhyNot | undefined, raw: ObjectRef, prefix: string): WhyNot {
  const { reason, text, objects }: WhyNot = why ?? {
    reason: 'rawConfiguration',
    text: `no object of MetalLB asks for ${prefix}`,
    objects: [],
  };
  return {
    reason,
    text: `${text}; raw FRR configuration in ConfigMap ${raw.name} may announce it`,
    objects: [...objects, raw],
  };
}

/** Undefined where MetalLB has no reason of its own: an unknown node, an address that is of no pool. */
export function whyNot({ node, bgpPeer, prefix, session, published, state }: Question): WhyNot | undefined {
  const object = state.cluster.nodes.objects.get(node);
  const block = parseBlock(prefix);
  if (!object || !block) return undefined;
  if (!published) return { ...noConfig(node), objects: [object.ref] };
  const { inForce, index, gates } = published;
  const noSpeaker = state.cluster.nodes.whyNoSpeaker(node);
  if (noSpeaker) return { ...noSpeaker, objects: [object.ref] };
  const peer = inForce.plan.relations.configuration.peers.get(bgpPeer);
  if (!peer) return { reason: 'noSuchPeer', text: `there is no BGPPeer ${bgpPeer}`, objects: [] };
  if (!session) {
    if (state.cluster.options.mode === 'frr-k8s' && hostnameMismatch(object))
      return {
        reason: 'hostnameLabel',
        text: `the label kubernetes.io/hostname of node ${node} is not its name, so its FRRConfiguration selects no node`,
        objects: [object.ref],
      };
    return {
      reason: 'noSession',
      text: `the nodeSelectors of BGPPeer ${bgpPeer} do not select node ${node}`,
      objects: [peer.ref, object.ref],
    };
  }

  const services = servicesIn(index, block);
  if (services.length === 0) {
    const pool = inForce.plan.relations.poolOf({ family: block.family, value: block.first });
    return (
      pool && {
        reason: 'noService',
        text: `no Service has an address in ${prefix} (IPAddressPool ${pool.object.ref.name})`,
        objects: [pool.object.ref],
      }
    );
  }
  const closest = services.find((service) => !gates.whyNot(service, node)) ?? services[0]!;
  const reason = gates.whyNot(closest, node);
  const refs = services.slice(0, maxObjects).map((service) => service.object.ref);
  if (reason) return { ...reason, objects: [...refs, ...groupRefs(closest), object.ref] };
  return {
    ...sessionReason(closest, session, published, state, block, prefix),
    objects: [...refs, ...groupRefs(closest), peer.ref],
  };
}

export const noConfig = (node: string): { reason: string; text: string } => ({
  reason: 'noConfig',
  text: `the speaker on node ${node} has not accepted any configuration yet`,
});

/** The node announces the service, but not like this, or not to this peer. */
function sessionReason(
  service: ServiceView,
  session: ExpectedSession,
  { index, gates }: Standing,
  state: TableState,
  block: Cidr,
  prefix: string,
): { reason: string; text: string } {
  const { node, bgpPeer } = session;
  const canonical = canonicalPrefix(prefix);
  if (!session.families.includes(block.family))
    return {
      reason: 'familyMismatch',
      text: `a session with ${session.peerAddress ?? bgpPeer} carries no IPv${block.family} routes; dualStackAddressFamily or a peer of that family would`,
    };
  const number = state.cluster.nodes.numberOf(node);
  const here = service.contributions.filter(({ family }) => family === block.family);
  const toPeer = here.filter((contribution) => gates.passes(contribution, number, session));
  const exact = here.filter((contribution) => contribution.prefix === canonical);
  const handed = index.prefixes.get(canonical!)?.handedTo(session, number, gates, state.cluster.options);
  const refused = handed && mergedProblem(handed, state.cluster.options.mode);
  if (refused !== undefined)
    return { reason: 'tooManyCommunities', text: `BGPAdvertisement ${names(exact)}: ${refused}` };
  if (exact.length > 0 && exact.every(({ advertisement }) => advertisement.peers && !advertisement.peers.has(bgpPeer)))
    return { reason: 'peerNotListed', text: `the peers of BGPAdvertisement ${names(exact)} do not include ${bgpPeer}` };
  if (exact.length > 0)
    return {
      reason: 'notOwner',
      text: `BGPAdvertisement ${names(exact)} of IPAddressPool ${service.group!.pool.object.ref.name} does not select node ${node}`,
    };
  const unpublishable = service.group!.matching.find((advertisement) => advertisement.unpublishable !== undefined);
  if (unpublishable)
    return {
      reason: 'tooManyCommunities',
      text: `BGPAdvertisement ${unpublishable.object.ref.name}: ${unpublishable.unpublishable}`,
    };
  const instead = [...new Set(toPeer.map((contribution) => contribution.prefix))].join(', ');
  return {
    reason: 'aggregationLength',
    text: `no BGPAdvertisement makes ${prefix} of Service ${service.name}${instead && `; node ${node} announces ${instead}`}`,
  };
}

const names = (contributions: ServiceView['contributions']): string =>
  [...new Set(contributions.map(({ advertisement }) => advertisement.object.ref.name))].join(', ');

function groupRefs({ group }: ServiceView): ObjectRef[] {
  return group ? [group.pool.object.ref, ...group.ofPool.slice(0, maxObjects).map(({ object }) => object.ref)] : [];
}
