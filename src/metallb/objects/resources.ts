/**
 * The objects that decide what is announced, as one immutable snapshot. Where they come from (files, a cluster, a
 * request body) makes no difference behind this type.
 */
import type { z } from 'zod';
import type { Lint, ObjectRef, Refusal } from '../types.ts';
import type { configMap } from './config-map.ts';
import type { FieldProblem } from './fields.ts';
import type * as openshift from './openshift.ts';
import type * as placement from './placement.ts';
import type * as schema from './schema.ts';
import type * as status from './status.ts';

export type { LabelSelector } from './schema.ts';
export type Labels = Readonly<Record<string, string>>;

/** What all objects have. Unchanged objects keep their identity from snapshot to snapshot: results are memoised by it. */
export interface KubeObject<Spec> {
  readonly ref: ObjectRef;
  /** `namespace/name`; of a Node its name. */
  readonly key: string;
  readonly labels: Labels;
  readonly spec: Spec;
  /** Fields that the schema does not have: the API server refuses the object, or drops the fields. */
  readonly unknownFields: readonly FieldProblem[];
  /** A cluster has it: its API server and webhooks have let it in. */
  readonly admitted?: true;
  /** Lines of the fields of `spec` by path (`spec.peers`, `spec.peers[2]`), of MetalLB's own kinds when they were text. */
  readonly lines: ReadonlyMap<string, number>;
  /** Of an object that an API server has. */
  readonly origin?: ObjectOrigin;
}

/** What an API server knows of the last write of an object. */
export interface ObjectOrigin {
  readonly resourceVersion?: string;
  /** The field manager of the last write: `kubectl-edit`, `controller` … */
  readonly manager?: string;
}

export type IPAddressPool = KubeObject<z.output<typeof schema.ipAddressPool>>;
export type BGPAdvertisement = KubeObject<z.output<typeof schema.bgpAdvertisement>>;
export type L2Advertisement = KubeObject<z.output<typeof schema.l2Advertisement>>;
export type BGPPeer = KubeObject<z.output<typeof schema.bgpPeer>>;
export type Community = KubeObject<z.output<typeof schema.community>>;
export type BFDProfile = KubeObject<z.output<typeof schema.bfdProfile>>;
export type Service = KubeObject<z.output<typeof schema.service>>;
export type EndpointSlice = KubeObject<z.output<typeof schema.endpointSlice>>;
export type Node = KubeObject<z.output<typeof schema.node>>;
export type Namespace = KubeObject<z.output<typeof schema.namespace>>;
export type Secret = KubeObject<z.output<typeof schema.secret>>;
export type ConfigMap = KubeObject<z.output<typeof configMap>>;
export type FRRConfiguration = KubeObject<z.output<typeof schema.frrConfiguration>>;
export type Network = KubeObject<z.output<typeof openshift.network>>;
export type MachineConfig = KubeObject<z.output<typeof openshift.machineConfig>>;
export type MetalLB = KubeObject<z.output<typeof placement.metallb>>;
export type Pod = KubeObject<z.output<typeof placement.pod>>;
export type ServiceBGPStatus = KubeObject<z.output<typeof status.serviceBGPStatus>>;
export type ServiceL2Status = KubeObject<z.output<typeof status.serviceL2Status>>;
export type ConfigurationState = KubeObject<z.output<typeof status.configurationState>>;
export type BGPSessionState = KubeObject<z.output<typeof status.bgpSessionState>>;
export type FRRNodeState = KubeObject<z.output<typeof status.frrNodeState>>;

/** Kind → its objects by key, in the order in which they were given. */
export interface ObjectsByKind {
  readonly IPAddressPool: ReadonlyMap<string, IPAddressPool>;
  readonly BGPAdvertisement: ReadonlyMap<string, BGPAdvertisement>;
  readonly L2Advertisement: ReadonlyMap<string, L2Advertisement>;
  readonly BGPPeer: ReadonlyMap<string, BGPPeer>;
  readonly Community: ReadonlyMap<string, Community>;
  readonly BFDProfile: ReadonlyMap<string, BFDProfile>;
  readonly Service: ReadonlyMap<string, Service>;
  readonly EndpointSlice: ReadonlyMap<string, EndpointSlice>;
  readonly Node: ReadonlyMap<string, Node>;
  readonly Namespace: ReadonlyMap<string, Namespace>;
  readonly Secret: ReadonlyMap<string, Secret>;
  readonly ConfigMap: ReadonlyMap<string, ConfigMap>;
  readonly FRRConfiguration: ReadonlyMap<string, FRRConfiguration>;
  readonly Network: ReadonlyMap<string, Network>;
  readonly MachineConfig: ReadonlyMap<string, MachineConfig>;
  readonly MetalLB: ReadonlyMap<string, MetalLB>;
  readonly Pod: ReadonlyMap<string, Pod>;
  readonly ServiceBGPStatus: ReadonlyMap<string, ServiceBGPStatus>;
  readonly ServiceL2Status: ReadonlyMap<string, ServiceL2Status>;
  readonly ConfigurationState: ReadonlyMap<string, ConfigurationState>;
  readonly BGPSessionState: ReadonlyMap<string, BGPSessionState>;
  readonly FRRNodeState: ReadonlyMap<string, FRRNodeState>;
}
export type Kind = keyof ObjectsByKind;
export type AnyObject = KubeObject<unknown>;

/** One cluster state, as far as it could be read. */
export interface Resources extends ObjectsByKind {
  /** MetalLB's own objects of all kinds in the order in which they were given: of two that exclude each other the later one is refused. */
  readonly configuration: readonly AnyObject[];
  /** Objects of all kinds. */
  readonly size: number;
  /** What could not be read (stage `yaml`) or is no valid object (stage `schema`). */
  readonly refusals: readonly Refusal[];
  readonly lint: readonly Lint[];
}

/** Kinds in which the cluster says what it does. Nothing is expected because of them, nothing refused or linted. */
export const statusKinds: ReadonlySet<string> = new Set<Kind>([
  'ServiceBGPStatus',
  'ServiceL2Status',
  'ConfigurationState',
  'BGPSessionState',
  'FRRNodeState',
]);

/** `namespace/name`, or the name of what is in no namespace. */
export function keyOf(ref: ObjectRef): string {
  return ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`;
}

/** `file:line`, or the object's name where there is no file. */
export function place(ref: ObjectRef): string {
  if (ref.file === undefined) return `${ref.kind}/${ref.name}`;
  return ref.line === undefined ? ref.file : `${ref.file}:${ref.line}`;
}
