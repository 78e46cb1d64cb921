/** What the calculator says of a cluster: who should announce what to whom, and why not. MetalLB words throughout. */
import type { Family } from '../ip.ts';
import type { LintCode, RefusalCode } from './codes.ts';
import type { MetalLBVersion } from './versions.ts';

/** speaker's BGP implementation, METALLB_BGP_TYPE. */
export type BGPMode = 'native' | 'frr' | 'frr-k8s';

export interface ExpectOptions {
  mode: BGPMode;
  /**
   * What the admission webhook goes by: its own pod's mode, which need not be that of the speakers (the operator's
   * webhook server is `native` always), or nothing at all where it is off. Left out, as `mode`.
   */
  webhookMode?: BGPMode | 'disabled' | undefined;
  /** Version of MetalLB, where rules differ: a minor one, or a patch with an oddity of its own; left out, the newest. */
  version?: MetalLBVersion;
  /** MetalLB's own namespace; only its objects count. */
  namespace: string;
  /** speaker flag --ignore-exclude-lb */
  ignoreExcludeLB: boolean;
  /** flag --lb-class of controller and speaker; '' = services without a class. */
  loadBalancerClass: string;
  /** What the API server does with unknown fields: refuse the object, or drop the field. */
  fieldValidation: 'strict' | 'prune';
  /** Each object is applied once, as kubectl does; left out, again until nothing more is accepted, as GitOps tools do. */
  appliesOnce?: boolean;
  /** Where speakers run, for sources that show no Pods of theirs; left out, what the operator or MetalLB's manifests say. */
  speakers?: SpeakerPlacement | undefined;
  /** speaker flag --frrk8s-secret-passthrough: password Secrets are frr-k8s' affair, speakers do not look at them. */
  frrk8sSecretPassthrough?: boolean;
}

export interface SpeakerPlacement {
  /** Labels that a node must have, besides being linux. */
  readonly nodeSelector?: Readonly<Record<string, string>> | undefined;
  /** core/v1 Tolerations, besides those that MetalLB's DaemonSet has. '' = not set. */
  readonly tolerations: readonly {
    readonly key: string;
    readonly operator: 'Exists' | 'Equal' | '';
    readonly value: string;
    readonly effect: string;
  }[];
}

/** An object of the cluster, and where it was read from when it came from a file. */
export interface ObjectRef {
  kind: string;
  namespace?: string;
  name: string;
  file?: string;
  /** 1-based. */
  line?: number;
}

/** An object that some stage refuses, and what that does. */
export interface Refusal {
  /** Stable; see codes.ts. */
  code: RefusalCode;
  stage: 'yaml' | 'schema' | 'webhook' | 'config' | 'runtime';
  object: ObjectRef;
  error: string;
  effect: string;
  /** Nodes whose speaker keeps its last valid configuration because of it; empty = the object just does not exist. */
  nodes: string[];
}

/** Why something is not announced. */
export interface Reason {
  /** MetalLB's own reason word: notOwner, noEndpoints, nodeNetworkUnavailable … */
  readonly reason: string;
  /** One sentence with the objects in it. */
  readonly text: string;
}

export interface NotAnnounced {
  /** `namespace/name` */
  service: string;
  node: string;
  /** MetalLB's own reason word: notOwner, noEndpoints, nodeNetworkUnavailable … */
  reason: string;
  /** One sentence with the objects in it. */
  text: string;
}

export interface Lint {
  /** Stable; see codes.ts. */
  code: LintCode;
  /** Earlier codes of the same problem. */
  aliases?: readonly string[];
  object: ObjectRef;
  /** Field path, e.g. `spec.nodeSelector`. */
  path: string;
  message: string;
  hint?: string;
}

/** One BGPPeer on one node: the TCP connection that a router would see. */
export interface ExpectedSession {
  node: string;
  bgpPeer: string;
  /** The AS the speaker uses on this session (localASN considered where the mode honors it). */
  myASN: number;
  peerASN: number | 'internal' | 'external';
  /** Undefined for unnumbered (`interface`) peers. */
  peerAddress?: string;
  /** Of unnumbered peers. */
  interface?: string;
  /** Not there: the default one. */
  vrf?: string;
  peerPort: number;
  /** Families whose prefixes go to this session. */
  families: Family[];
  /** myASN = peerASN; with dynamicASN as the class says. */
  ibgp: boolean;
  sourceAddress?: string;
}

/** One service address contributing to an expected route. */
export interface ChainLink {
  /** `namespace/name` */
  service: string;
  ip: string;
  pool: string;
  advertisement: string;
  objects: ObjectRef[];
}

export interface ExpectedRoute {
  node: string;
  bgpPeer: string;
  /** RFC 5952, host bits zero. */
  prefix: string;
  family: Family;
  /** null: the attribute must be absent. */
  localPref: number | null;
  /** More than one value is possible (MetalLB decides by map order): any of these is right. */
  localPrefAnyOf?: number[];
  /** Sorted as text, `64512:100`. */
  communities: string[];
  /** More than one set is possible, each sorted; native mode up to 0.15 takes one of the contributors'. */
  communitiesAnyOf?: string[][];
  /** Sorted as text, `64512:1:2`. */
  largeCommunities: string[];
  /** An address that the node owns. */
  nextHop: 'self';
  asPath: number[];
  /** null: must be absent (native); 0 in the FRR modes. */
  med: number | null;
  origin: 'igp';
  chain: ChainLink[];
}

export interface NodeView {
  name: string;
  /** InternalIP and ExternalIP addresses, canonical. */
  addresses: string[];
  hostname?: string;
  /** Set when this node's speaker refuses the present configuration: expectations are those of the last valid one. */
  staleConfig?: string;
  /** Set beside `staleConfig` when no valid configuration was ever seen: what the speaker announces cannot be said. */
  configurationUnknown?: boolean;
}

export interface L2Announcer {
  service: string;
  node: string;
  /** Empty = all. */
  interfaces: string[];
}

/** What layer 2 should do for one service whose pool has an L2Advertisement. */
export interface L2Expectation {
  /** `namespace/name` */
  service: string;
  /** Canonical, in the order of the status; one node answers for all of them. */
  addresses: string[];
  pool: string | null;
  /** Empty: nobody. More than one only while speakers go by different configurations. */
  elected: L2Announcer[];
  /** Who would be elected without the nodes that are not Ready, where that makes a difference. */
  instead: L2Announcer[];
  /** MetalLB's word and one sentence, when nobody is elected. */
  reason: { reason: string; text: string } | null;
  /** The Service, its pool and its L2Advertisements. */
  objects: ObjectRef[];
}

/** Layer 2 of one cluster state. Elections are held when asked for. */
export interface Layer2 {
  /** Every Service of type LoadBalancer with an address in a pool that has an L2Advertisement. */
  services(): Iterable<string>;
  /** Undefined of any other service. */
  of(service: string): L2Expectation | undefined;
  /** Pools with an L2Advertisement, and what they cover as CIDRs. */
  readonly pools: readonly { name: string; blocks: string[] }[];
}
