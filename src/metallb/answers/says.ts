/**
 * What the cluster says itself, the third column beside what it should do and what it does. To be taken as a hint:
 * speakers over-report. A ServiceBGPStatus names every BGPPeer that has a session object on the node and is in the
 * advertisement's list, whatever its family and whether or not it is established, and services that share a prefix
 * inherit each other's peers. A ConfigurationState may read Valid while the configuration is not in force.
 */
import { canonicalAddress } from '../../ip.ts';
import type {
  BGPSessionState,
  ConfigurationState,
  FRRNodeState,
  Pod,
  Resources,
  Service,
  ServiceBGPStatus,
} from '../objects/resources.ts';
import { clip } from '../refusals.ts';
import { ByAddress } from '../relations/by-address.ts';
import { parseBlock, parseNumber } from '../relations/cidr.ts';
import { isFrrK8sPod, isSpeakerPod } from '../relations/speakers.ts';
import type { ObjectRef } from '../types.ts';

/** What is said of one (service, node, BGPPeer), or of several services behind one prefix. */
export interface Says {
  /** null: nothing says it. */
  announced: boolean | null;
  /** A sentence. */
  text: string;
  configuration: 'valid' | 'invalid' | 'unknown' | null;
  configurationText: string | null;
  /** The word of FRR on the node: Established, Active …; null: nothing says it. */
  session: string | null;
  objects: ObjectRef[];
}

/** What is said of one node as a whole. */
export interface NodeSays extends Pick<Says, 'configuration' | 'configurationText' | 'objects'> {
  /** What frr-k8s made of its FRRConfigurations, and what FRR made of that: `success`, or the error. */
  conversion: string | null;
  reload: string | null;
  sessions: { peer: string; vrf: string; bgpStatus: string; bfdStatus: string }[];
  /** The Pods of the speaker and of frr-k8s there. */
  pods: { name: string; namespace: string; phase: string; ready: boolean; terminating: boolean }[];
}

export interface Claim {
  node: string;
  bgpPeer: string;
  /** Canonical. */
  prefix: string;
  /** `namespace/name` of those that make the prefix; undefined: those that have an address in it. */
  services: readonly string[] | undefined;
}

/** Characters that are shown of an error in a status object. */
const maxErrorLength = 1_000;
/** Services whose status objects one answer looks at; an aggregate may have more. */
export const maxServices = 1_000;
/** Objects that one answer names. */
const maxObjects = 20;

/** undefined where no status object of the node is to be seen. `namespace`: MetalLB's. */
export function saysOf(resources: Resources, namespace: string, claim: Claim): Says | undefined {
  const node = nodeOf(resources, claim.node);
  if (!node) return undefined;
  const services = claim.services ?? servicesIn(resources, claim.prefix);
  const announcement = announcedBy(resources, node, claim, services);
  const session = sessionWith(resources, namespace, node, claim.bgpPeer);
  return {
    announced: announcement.announced,
    text: announcement.text,
    ...configurationOf(claim.node, node),
    session: session?.spec.bgpStatus || null,
    objects: [...announcement.objects, node.configuration?.ref, session?.ref, node.frr?.ref]
      .filter((ref) => ref !== undefined)
      .slice(0, maxObjects),
  };
}

/** undefined where nothing is to be seen of the node. */
export function nodeSays(resources: Resources, namespace: string, name: string): NodeSays | undefined {
  const node = nodeOf(resources, name);
  const pods = [...resources.Pod.values()].filter(
    (pod) => pod.spec.node === name && (isSpeakerPod(pod, namespace) || isFrrK8sPod(pod)),
  );
  if (!node && pods.length === 0) return undefined;
  const { configuration, frr, sessions = [] } = node ?? {};
  return {
    ...configurationOf(name, node),
    conversion: frr ? clip(frr.spec.lastConversionResult, maxErrorLength) || null : null,
    reload: frr ? clip(frr.spec.lastReloadResult, maxErrorLength) || null : null,
    sessions: sessions.map(({ spec: { peer, vrf, bgpStatus, bfdStatus } }) => ({ peer, vrf, bgpStatus, bfdStatus })),
    pods: pods.map(podOf),
    objects: [configuration?.ref, frr?.ref, ...sessions.map(({ ref }) => ref), ...pods.map(({ ref }) => ref)]
      .filter((ref) => ref !== undefined)
      .slice(0, maxObjects),
  };
}

const podOf = ({ ref, spec: { phase, ready, terminating } }: Pod): NodeSays['pods'][number] => ({
  name: ref.name,
  namespace: ref.namespace ?? '',
  phase,
  ready,
  terminating,
});

interface OfNode {
  /** `namespace/name` of a service → the objects about it; normally there is one. */
  readonly services: Map<string, ServiceBGPStatus[]>;
  readonly sessions: BGPSessionState[];
  configuration?: ConfigurationState;
  frr?: FRRNodeState;
}

interface Index {
  /** The maps that it was made of: those of a kind in which nothing changed stay the same. */
  readonly of: readonly unknown[];
  readonly nodes: ReadonlyMap<string, OfNode>;
}

const indexes = new WeakMap<Resources['ServiceBGPStatus'], Index>();

/** Everything that the node says; made when first asked for, and again when one of these objects has changed. */
function nodeOf(resources: Resources, name: string): OfNode | undefined {
  const { ServiceBGPStatus, BGPSessionState, FRRNodeState, ConfigurationState } = resources;
  const of = [BGPSessionState, FRRNodeState, ConfigurationState];
  let index = indexes.get(ServiceBGPStatus);
  if (!index?.of.every((map, i) => map === of[i])) {
    index = { of, nodes: indexByNode(resources) };
    indexes.set(ServiceBGPStatus, index);
  }
  return index.nodes.get(name);
}

function indexByNode(resources: Resources): Map<string, OfNode> {
  const nodes = new Map<string, OfNode>();
  const of = (name: string): OfNode => {
    let node = nodes.get(name);
    if (!node) nodes.set(name, (node = { services: new Map(), sessions: [] }));
    return node;
  };
  for (const status of resources.ServiceBGPStatus.values()) {
    const { services } = of(status.spec.node);
    const own = services.get(status.spec.service);
    if (own) own.push(status);
    else services.set(status.spec.service, [status]);
  }
  for (const session of resources.BGPSessionState.values()) of(session.spec.node).sessions.push(session);
  for (const state of resources.FRRNodeState.values()) of(state.ref.name).frr = state;
  for (const state of resources.ConfigurationState.values())
    if (state.spec.node !== '') of(state.spec.node).configuration = state;
  nodes.delete(''); // of an object whose status is not written yet
  return nodes;
}

const byAddress = new WeakMap<Resources['Service'], ByAddress<Service>>();

function servicesIn({ Service }: Resources, prefix: string): string[] {
  let addresses = byAddress.get(Service);
  if (!addresses) {
    const all = [...Service.values()].flatMap((item) =>
      item.spec.ingress.flatMap((text) => {
        const address = parseNumber(text);
        return address ? [{ address, item }] : [];
      }),
    );
    byAddress.set(Service, (addresses = new ByAddress(all)));
  }
  const block = parseBlock(prefix);
  return block ? addresses.within(block).map(({ key }) => key) : [];
}

/** Does one of the services claim to be announced there to the peer? */
function announcedBy(
  resources: Resources,
  node: OfNode,
  { node: name, bgpPeer, prefix }: Claim,
  services: readonly string[],
): Pick<Says, 'announced' | 'text' | 'objects'> {
  const nothing = (text: string) => ({ announced: null, text, objects: [] });
  if (resources.ServiceBGPStatus.size === 0)
    return nothing('No ServiceBGPStatus is to be seen, so nothing says which services are announced to whom.');
  if (services.length === 0) return nothing(`No Service has an address in ${prefix}, so nothing is said of it.`);
  const about = services.slice(0, maxServices).flatMap((service) => node.services.get(service) ?? []);
  const naming = about.filter(({ spec }) => spec.peers.includes(bgpPeer));
  const [first] = naming;
  if (first)
    return {
      announced: true,
      text: `The speaker on node ${name} says that it announces Service ${first.spec.service} to BGPPeer ${bgpPeer}. It says so of every session that it has, established or not.`,
      objects: naming.map(({ ref }) => ref),
    };
  if (services.length > maxServices)
    return nothing(
      `The speaker on node ${name} reports none of the first ${maxServices} of ${services.length} Services in ${prefix} as announced to BGPPeer ${bgpPeer}. Peerglass does not look at the others, so it cannot tell whether the speaker reports one of them.`,
    );
  const what = services.length === 1 ? `Service ${services[0]}` : `any of ${services.length} services in ${prefix}`;
  const others = [...new Set(about.flatMap(({ spec }) => spec.peers))];
  return {
    announced: false,
    text:
      others.length === 0
        ? `The speaker on node ${name} does not say of ${what} that it announces it to anybody.`
        : `The speaker on node ${name} does not say of ${what} that it announces it to BGPPeer ${bgpPeer}, but to ${others.sort().slice(0, maxObjects).join(', ')}.`,
    objects: about.map(({ ref }) => ref),
  };
}

function sessionWith(
  { BGPPeer }: Resources,
  namespace: string,
  { sessions }: OfNode,
  bgpPeer: string,
): BGPSessionState | undefined {
  const spec = BGPPeer.get(`${namespace}/${bgpPeer}`)?.spec;
  if (!spec) return undefined;
  const address = canonicalAddress(spec.peerAddress) ?? spec.interface;
  return sessions.find(
    ({ spec: { peer, vrf } }) =>
      (canonicalAddress(peer) ?? peer) === address && (vrf === spec.vrf || vrf === 'default'),
  );
}

const words = { Valid: 'valid', Invalid: 'invalid', Unknown: 'unknown' } as const;
const succeeded = (result: string): boolean => result === '' || /\bsuccess/i.test(result);

/** What the speaker makes of MetalLB's objects, and frr-k8s of what the speaker hands it. */
function configurationOf(name: string, node: OfNode | undefined): Pick<Says, 'configuration' | 'configurationText'> {
  const { configuration: state, frr } = node ?? {};
  const result =
    state && Object.hasOwn(words, state.spec.result) ? words[state.spec.result as keyof typeof words] : null;
  const sentences: string[] = [];
  if (result === 'invalid')
    sentences.push(
      `The speaker on node ${name} refuses its configuration: ${clip(state!.spec.error || 'it does not say why', maxErrorLength)}.`,
    );
  if (result === 'valid') sentences.push(`The speaker on node ${name} calls its configuration valid, in force or not.`);
  if (result === 'unknown')
    sentences.push(`The speaker on node ${name} has not said yet what it makes of its configuration.`);
  if (frr && !succeeded(frr.spec.lastConversionResult))
    sentences.push(`frr-k8s there refuses its own: ${clip(frr.spec.lastConversionResult, maxErrorLength)}.`);
  if (frr && !succeeded(frr.spec.lastReloadResult))
    sentences.push(`FRR there failed to load it: ${clip(frr.spec.lastReloadResult, maxErrorLength)}.`);
  return { configuration: result, configurationText: sentences.join(' ') || null };
}

/** How what should be, what is said and what is differ; the codes are stable. */
export const disagreements = {
  'believed-announced': 'The cluster believes that it announces this, and nothing arrives.',
  'believed-though-not-expected':
    'The cluster says that it announces this, which no object asks for and which does not arrive: speakers count sessions that do not carry it.',
  'announced-though-not-expected':
    'The cluster says that it announces this and it arrives, though the objects as they are known here do not ask for it: some of them may be missing here.',
  'not-announced-though-expected':
    'The objects ask for this, and the cluster says itself that it does not announce it.',
  'announced-unsaid': 'This arrives although the cluster does not say that it announces it.',
} as const;
export type Disagreement = keyof typeof disagreements;

/** undefined where the three agree, or one of them is not known. */
export function disagreementOf(should: boolean, says: boolean | null, is: boolean): Disagreement | undefined {
  if (says === null || (should === says && says === is)) return undefined;
  if (says)
    return is ? 'announced-though-not-expected' : should ? 'believed-announced' : 'believed-though-not-expected';
  return is ? 'announced-unsaid' : 'not-announced-though-expected';
}
