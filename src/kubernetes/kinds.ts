/** What is watched in a cluster. The one table that the watches, `/status` and `peerglass config rbac` go by. */
import { configMapNames } from '../metallb/objects/config-map.ts';
import type { Kind } from '../metallb/objects/resources.ts';

export interface WatchedKind {
  kind: Kind;
  /** '' = the core group. */
  group: string;
  version: string;
  /** The resource, as paths and RBAC rules call it. */
  plural: string;
  /**
   * Where it is looked for. `either`: in all namespaces where that is allowed, since objects in a wrong one are worth a
   * word, otherwise in MetalLB's.
   */
  scope: 'cluster' | 'namespace' | 'either';
  /** The one object that is watched of a kind that holds all sorts of things. */
  name?: string;
  /** Without it, what is expected would be wrong: nothing is until it could be read. */
  essential?: true;
  /** One of MetalLB's own kinds by which people configure it. */
  configuration?: true;
  /** A cluster without any is none: an empty list is not believed when there were some. */
  neverEmpty?: true;
  /** Watched only when asked for: these keys of `expect.kubernetes`. */
  onRequest?: 'secrets';
  /** Only OpenShift has it. */
  openshift?: true;
  /** Objects per page, where they are large. */
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
  // by all labels: the chart and the plain manifests call speakers by different keys, which one selector cannot say
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

/** `bgppeers.metallb.io`, as the API server's own messages have it. */
export const resourceOf = ({ group, plural }: Pick<WatchedKind, 'group' | 'plural'>): string =>
  group ? `${plural}.${group}` : plural;

/** What a list and its watches are narrowed to; RBAC lets by who may read that one object only if they say so. */
export const fieldSelectorOf = ({ name }: WatchedKind): string | undefined => name && `metadata.name=${name}`;

/** Is it part of Kubernetes itself, rather than of a CRD? */
export const isBuiltIn = ({ group }: WatchedKind): boolean => group === '' || group.endsWith('.k8s.io');

/** Path of the group's version, where discovery tells which kinds there are. */
export const groupPath = ({ group, version }: WatchedKind): string =>
  group ? `/apis/${group}/${version}` : `/api/${version}`;

/** Paths at which its objects are, the one that shows most first. */
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
