/** The kinds watched in a cluster: one table for the watches, `/status` and `peerglass config rbac`. */
import { configMapNames } from '../metallb/objects/config-map.ts';
import type { Kind } from '../metallb/objects/resources.ts';

export interface WatchedKind {
  kind: Kind;
  /** '' for the core group. */
  group: string;
  version: string;
  /** Resource name in paths and RBAC rules. */
  plural: string;
  /**
   * Where objects are read. `either`: in all namespaces if allowed, to point out objects in a wrong one; otherwise in
   * MetalLB's namespace.
   */
  scope: 'cluster' | 'namespace' | 'either';
  /** Name of the only object to watch, for kinds with many unrelated objects. */
  name?: string;
  /** Expected routes would be wrong without it, so there are none until it is read. */
  essential?: true;
  /** A kind that configures MetalLB. */
  configuration?: true;
  /** Every cluster has some: an empty list after a non-empty one is a failure. */
  neverEmpty?: true;
  /** Watched only with this key of `expect.kubernetes`. */
  onRequest?: 'secrets';
  /** Exists only on OpenShift. */
  openshift?: true;
  /** Objects per page, for large objects. */
  pageSize?: number;
}

const metallb = { group: 'metallb.io', version: 'v1beta1', scope: 'either' } as const;
const configuration = { ...metallb, essential: true, configuration: true } as const;
const frrK8s = { group: 'frrk8s.metallb.io', version: 'v1beta1', scope: 'either' } as const;
const core = { group: '', version: 'v1' } as const;

export const watchedKinds: readonly WatchedKind[] = [
  { kind: 'IPAddressPool', plural: 'ipaddresspools', ...configuration },
  { kind: 'BGPAdvertisement', plural: 'bgpadvertisements', ...configuration },
  { kind: 'L2Advertisement', plural: 'l2advertisements', ...configuration },
  { kind: 'BGPPeer', plural: 'bgppeers', ...configuration, version: 'v1beta2' },
  { kind: 'Community', plural: 'communities', ...configuration },
  { kind: 'BFDProfile', plural: 'bfdprofiles', ...configuration },
  { kind: 'Node', plural: 'nodes', ...core, scope: 'cluster', essential: true, neverEmpty: true },
  { kind: 'Namespace', plural: 'namespaces', ...core, scope: 'cluster', neverEmpty: true },
  { kind: 'Service', plural: 'services', ...core, scope: 'cluster', essential: true },
  {
    kind: 'EndpointSlice',
    plural: 'endpointslices',
    group: 'discovery.k8s.io',
    version: 'v1',
    scope: 'cluster',
    essential: true,
  },
  // without a label selector: the Helm chart and the plain manifests label speakers with different keys
  { kind: 'Pod', plural: 'pods', ...core, scope: 'namespace' },
  { kind: 'Secret', plural: 'secrets', ...core, scope: 'namespace', onRequest: 'secrets' },
  ...configMapNames.map(
    (name): WatchedKind => ({ kind: 'ConfigMap', plural: 'configmaps', ...core, scope: 'namespace', name }),
  ),
  { kind: 'MetalLB', plural: 'metallbs', ...metallb },
  { kind: 'ServiceBGPStatus', plural: 'servicebgpstatuses', ...metallb },
  { kind: 'ServiceL2Status', plural: 'servicel2statuses', ...metallb },
  { kind: 'ConfigurationState', plural: 'configurationstates', ...metallb },
  { kind: 'FRRConfiguration', plural: 'frrconfigurations', ...frrK8s },
  { kind: 'BGPSessionState', plural: 'bgpsessionstates', ...frrK8s },
  { kind: 'FRRNodeState', plural: 'frrnodestates', ...frrK8s, scope: 'cluster' },
  {
    kind: 'Network',
    plural: 'networks',
    group: 'operator.openshift.io',
    version: 'v1',
    scope: 'cluster',
    openshift: true,
  },
  {
    kind: 'MachineConfig',
    plural: 'machineconfigs',
    group: 'machineconfiguration.openshift.io',
    version: 'v1',
    scope: 'cluster',
    openshift: true,
    pageSize: 10, // up to megabytes each
  },
];

export const apiVersionOf = ({ group, version }: WatchedKind): string => (group ? `${group}/${version}` : version);

/** `bgppeers.metallb.io`, as in messages of the API server. */
export const resourceOf = ({ group, plural }: Pick<WatchedKind, 'group' | 'plural'>): string =>
  group ? `${plural}.${group}` : plural;

/** Field selector of lists and watches. RBAC with resourceNames allows them only with this selector. */
export const fieldSelectorOf = ({ name }: WatchedKind): string | undefined => name && `metadata.name=${name}`;

/** True for kinds of Kubernetes itself, false for CRDs. */
export const isBuiltIn = ({ group }: WatchedKind): boolean => group === '' || group.endsWith('.k8s.io');

/** Path of the group's version, where discovery lists the kinds. */
export const groupPath = ({ group, version }: WatchedKind): string =>
  group ? `/apis/${group}/${version}` : `/api/${version}`;

/** Paths of the kind's objects, widest first. */
export function pathsOf(row: WatchedKind, namespace: string): string[] {
  const everywhere = `${groupPath(row)}/${row.plural}`;
  const own = `${groupPath(row)}/namespaces/${encodeURIComponent(namespace)}/${row.plural}`;
  return { cluster: [everywhere], namespace: [own], either: [everywhere, own] }[row.scope];
}

/** One kind of object that is watched in a cluster. */
export interface KindStatus {
  /** `ConfigMap/bgpextras` where one object of a kind is watched. */
  kind: string;
  apiVersion: string;
  /** forbidden: no RBAC rule; absent: the cluster does not have the kind. */
  state: 'synced' | 'syncing' | 'forbidden' | 'absent' | 'failing';
  objects: number;
  /** epoch ms; when the state began. */
  since: number;
  /** What is wrong and what to do about it. */
  text: string | null;
}
