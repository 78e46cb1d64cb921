/** The objects of a cluster as etcd and the watch cache have them: versions, snapshots, a history that is forgotten. */

/** A kind as the API server serves it. */
export interface Resource {
  kind: string;
  /** '' = the core group. */
  group: string;
  version: string;
  plural: string;
  namespaced: boolean;
}

export interface ApiObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; resourceVersion?: string; [key: string]: unknown };
  [key: string]: unknown;
}

export interface ClusterEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: ApiObject;
  version: number;
}

const resource = (kind: string, apiVersion: string, plural: string, namespaced = true): Resource => {
  const [group, version] = apiVersion.includes('/') ? (apiVersion.split('/') as [string, string]) : ['', apiVersion];
  return { kind, group, version, plural, namespaced };
};

/** What a cluster with MetalLB and frr-k8s serves. */
export const resources: readonly Resource[] = [
  resource('Service', 'v1', 'services'),
  resource('Node', 'v1', 'nodes', false),
  resource('Namespace', 'v1', 'namespaces', false),
  resource('Pod', 'v1', 'pods'),
  resource('Secret', 'v1', 'secrets'),
  resource('ConfigMap', 'v1', 'configmaps'),
  resource('EndpointSlice', 'discovery.k8s.io/v1', 'endpointslices'),
  resource('IPAddressPool', 'metallb.io/v1beta1', 'ipaddresspools'),
  resource('BGPAdvertisement', 'metallb.io/v1beta1', 'bgpadvertisements'),
  resource('L2Advertisement', 'metallb.io/v1beta1', 'l2advertisements'),
  resource('BGPPeer', 'metallb.io/v1beta2', 'bgppeers'),
  resource('Community', 'metallb.io/v1beta1', 'communities'),
  resource('BFDProfile', 'metallb.io/v1beta1', 'bfdprofiles'),
  resource('ServiceBGPStatus', 'metallb.io/v1beta1', 'servicebgpstatuses'),
  resource('ServiceL2Status', 'metallb.io/v1beta1', 'servicel2statuses'),
  resource('ConfigurationState', 'metallb.io/v1beta1', 'configurationstates'),
  resource('FRRConfiguration', 'frrk8s.metallb.io/v1beta1', 'frrconfigurations'),
  resource('FRRNodeState', 'frrk8s.metallb.io/v1beta1', 'frrnodestates', false),
  resource('BGPSessionState', 'frrk8s.metallb.io/v1beta1', 'bgpsessionstates'),
];

const keyOf = ({ metadata: { namespace = '', name } }: ApiObject): string => `${namespace}/${name}`;

export class FakeCluster {
  readonly #objects = new Map<string, Map<string, ApiObject>>();
  readonly #listeners = new Set<(resource: Resource, event: ClusterEvent) => void>();
  #history: { resource: Resource; event: ClusterEvent }[] = [];
  /** Versions up to this one are forgotten. */
  #forgotten = 0;
  #clock = Date.UTC(2026, 0, 1);
  version = 100;
  /** Plurals that are not served: CRDs that are not installed. */
  readonly absent = new Set<string>();

  resourceOf(kind: string): Resource {
    const found = resources.find((each) => each.kind === kind);
    if (!found) throw new Error(`no kind ${kind}`);
    return found;
  }

  /** Creates or replaces, as `kubectl apply`. */
  apply(given: ApiObject, manager = 'kubectl-client-side-apply'): ApiObject {
    const resource = this.resourceOf(given.kind);
    const objects = this.#of(resource);
    const object = structuredClone(given);
    if (resource.namespaced) object.metadata.namespace ??= 'default';
    const before = objects.get(keyOf(object));
    this.#clock += 1000;
    const now = new Date(this.#clock).toISOString().replace(/\.\d+Z/, 'Z');
    Object.assign(object.metadata, {
      uid: before?.metadata['uid'] ?? `uid-${this.version}`,
      creationTimestamp: before?.metadata['creationTimestamp'] ?? now,
      managedFields: [
        {
          manager,
          operation: 'Update',
          apiVersion: object.apiVersion,
          time: now,
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:spec': {} },
        },
      ],
    });
    this.#happened(resource, before ? 'MODIFIED' : 'ADDED', object);
    objects.set(keyOf(object), object);
    return object;
  }

  delete(kind: string, name: string, namespace = ''): void {
    const resource = this.resourceOf(kind);
    const objects = this.#of(resource);
    const object = objects.get(`${namespace}/${name}`);
    if (!object) throw new Error(`no ${kind} ${namespace}/${name}`);
    objects.delete(keyOf(object));
    this.#happened(resource, 'DELETED', structuredClone(object));
  }

  /** All objects of a kind are gone, and no event says so: etcd was restored. */
  wipe(...kinds: string[]): void {
    for (const kind of kinds) this.#of(this.resourceOf(kind)).clear();
    this.version++;
    this.forget();
  }

  /** Watches from before now, and pages of lists, are answered with 410. */
  forget(): void {
    this.#forgotten = this.version;
    this.#history = [];
  }

  get(kind: string, name: string, namespace = ''): ApiObject | undefined {
    return this.#of(this.resourceOf(kind)).get(`${namespace}/${name}`);
  }

  /** In the order of their keys, as etcd has them. */
  list(resource: Resource, namespace: string | undefined): ApiObject[] {
    return [...this.#of(resource)]
      .filter(([, { metadata }]) => namespace === undefined || metadata.namespace === namespace)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => structuredClone(object));
  }

  isForgotten(version: number): boolean {
    return version < this.#forgotten;
  }

  /** What happened since `version`. */
  since(resource: Resource, version: number): ClusterEvent[] {
    return this.#history
      .filter((each) => each.resource === resource && each.event.version > version)
      .map(({ event }) => event);
  }

  onEvent(listener: (resource: Resource, event: ClusterEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #of(resource: Resource): Map<string, ApiObject> {
    let objects = this.#objects.get(resource.kind);
    if (!objects) this.#objects.set(resource.kind, (objects = new Map()));
    return objects;
  }

  #happened(resource: Resource, type: ClusterEvent['type'], object: ApiObject): void {
    const version = ++this.version;
    object.metadata.resourceVersion = String(version);
    const event = { type, object: structuredClone(object), version };
    this.#history.push({ resource, event });
    for (const listener of this.#listeners) listener(resource, event);
  }
}
