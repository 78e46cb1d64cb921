/** Cluster objects as the API server hands them out, as short as a test can say them. */
import { type Calculator, createCalculator } from '../../src/metallb/calculator.ts';
import type { ExpectationTable } from '../../src/metallb/expectations/table.ts';
import { assembleResources, readObject } from '../../src/metallb/objects/read.ts';
import type { Resources } from '../../src/metallb/objects/resources.ts';
import type { ExpectOptions } from '../../src/metallb/types.ts';

export const frr: ExpectOptions = {
  mode: 'frr',
  namespace: 'metallb-system',
  ignoreExcludeLB: false,
  loadBalancerClass: '',
  fieldValidation: 'strict',
};

export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  [field: string]: unknown;
}

type Labels = Record<string, string>;

const metallb = (kind: string, name: string, spec: object, labels: Labels = {}, version = 'v1beta1'): KubeObject => ({
  apiVersion: `metallb.io/${version}`,
  kind,
  metadata: { name, namespace: 'metallb-system', labels },
  spec,
});

export const pool = (name: string, addresses: string[], labels: Labels = {}): KubeObject =>
  metallb('IPAddressPool', name, { addresses }, labels);
export const advertisement = (name: string, spec: object = {}): KubeObject => metallb('BGPAdvertisement', name, spec);
export const l2Advertisement = (name: string, spec: object = {}): KubeObject => metallb('L2Advertisement', name, spec);
export const communityAliases = (name: string, communities: { name: string; value: string }[]): KubeObject =>
  metallb('Community', name, { communities });
export const bfdProfile = (name: string, spec: object = {}): KubeObject => metallb('BFDProfile', name, spec);

/** eBGP from AS 64512 to AS 64500 at 192.0.2.1. */
export const peer = (name: string, spec: object = {}): KubeObject =>
  metallb('BGPPeer', name, { myASN: 64512, peerASN: 64500, peerAddress: '192.0.2.1', ...spec }, {}, 'v1beta2');

export const configMap = (name: string, data: Labels, namespace = 'metallb-system'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data,
});

export interface NodeExtras {
  labels?: Labels;
  address?: string;
  hostname?: string;
  networkUnavailable?: boolean;
  taints?: { key: string; effect: string }[];
}

/** A node whose name, address and labels fit together; `number` is the last octet of its address. */
export function node(name: string, number = 11, extras: NodeExtras = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...extras.labels } },
    spec: { taints: extras.taints ?? [] },
    status: {
      addresses: [
        { type: 'InternalIP', address: extras.address ?? `192.0.2.${number}` },
        { type: 'Hostname', address: extras.hostname ?? name },
      ],
      conditions: [{ type: 'NetworkUnavailable', status: extras.networkUnavailable ? 'True' : 'False' }],
    },
  };
}

export interface ServiceExtras {
  labels?: Labels;
  annotations?: Labels;
  spec?: object;
}

/** A LoadBalancer service in namespace default with these addresses in its status. */
export function service(name: string, ips: string[], extras: ServiceExtras = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default', labels: extras.labels ?? {}, annotations: extras.annotations ?? {} },
    spec: { type: 'LoadBalancer', ports: [{ port: 80 }], ...extras.spec },
    status: { loadBalancer: { ingress: ips.map((ip) => ({ ip })) } },
  };
}

/** One slice with a ready endpoint on each of the nodes. */
export function slice(serviceName: string, nodes: string[], conditions: object = { ready: true }): KubeObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    addressType: 'IPv4',
    metadata: { name: `${serviceName}-1`, namespace: 'default', labels: { 'kubernetes.io/service-name': serviceName } },
    endpoints: nodes.map((nodeName, i) => ({ addresses: [`10.1.1.${i + 1}`], nodeName, conditions })),
  };
}

/** One cluster as it changes: objects that are the same raw object stay the same parsed one. */
export class TestCluster {
  readonly calculator: Calculator;
  readonly #read = new Map<KubeObject, ReturnType<typeof readObject>>();
  #resources: Resources | undefined;

  constructor(options: Partial<ExpectOptions> = {}) {
    this.calculator = createCalculator({ ...frr, ...options });
  }

  update(...objects: KubeObject[]): ReturnType<Calculator['update']> {
    const results = objects.map((raw) => {
      let result = this.#read.get(raw);
      if (!result) this.#read.set(raw, (result = readObject({ raw })));
      return result;
    });
    this.#resources = assembleResources(results, this.#resources);
    return this.calculator.update(this.#resources);
  }
}

/** The table of one state. */
export const tableOf = (objects: KubeObject[], options: Partial<ExpectOptions> = {}): ExpectationTable =>
  new TestCluster(options).update(...objects).table;

/** `node peer prefix` of every expected route, sorted. */
export const routeNames = (table: ExpectationTable): string[] =>
  table.sessions
    .flatMap(({ node, bgpPeer }) =>
      Array.from(table.routes(node, bgpPeer), ({ prefix }) => `${node} ${bgpPeer} ${prefix}`),
    )
    .sort();

/** An FRRConfiguration of somebody else, for all nodes unless `spec` says otherwise. */
export const frrConfiguration = (name: string, bgp: object, spec: object = {}): KubeObject => ({
  apiVersion: 'frrk8s.metallb.io/v1beta1',
  kind: 'FRRConfiguration',
  metadata: { name, namespace: 'frr-k8s-system' },
  spec: { bgp, ...spec },
});

/** A cluster without objects, for tables that are written down. */
export const emptyCluster = tableOf([]).cluster;
