/** What a cluster says of itself, as short as a test can say it. */
import type { KubeObject } from './metallb-objects.ts';

let count = 0;
const metallb = (kind: string, name: string, labels: Record<string, string>, status: object): KubeObject => ({
  apiVersion: 'metallb.io/v1beta1',
  kind,
  metadata: { name, namespace: 'metallb-system', labels },
  status,
});

/** The speaker on `node` says that it announces a service of namespace default to these BGPPeers. */
export const serviceBGPStatus = (node: string, serviceName: string, peers: string[]): KubeObject =>
  metallb('ServiceBGPStatus', `bgp-${++count}`, {}, { node, serviceName, serviceNamespace: 'default', peers });

export const configurationState = (node: string, result: string, errorSummary = ''): KubeObject =>
  metallb(
    'ConfigurationState',
    `speaker-${node}`,
    { 'metallb.io/component-type': 'speaker', 'metallb.io/node-name': node },
    { result, errorSummary },
  );

export const bgpSessionState = (node: string, peer: string, bgpStatus: string, vrf = ''): KubeObject => ({
  apiVersion: 'frrk8s.metallb.io/v1beta1',
  kind: 'BGPSessionState',
  metadata: { name: `${node}-${++count}`, namespace: 'frr-k8s-system' },
  status: { node, peer, vrf, bgpStatus, bfdStatus: 'N/A' },
});

export const frrNodeState = (node: string, lastConversionResult: string, lastReloadResult: string): KubeObject => ({
  apiVersion: 'frrk8s.metallb.io/v1beta1',
  kind: 'FRRNodeState',
  metadata: { name: node },
  status: { lastConversionResult, lastReloadResult },
});

export interface PodExtras {
  namespace?: string;
  labels?: Record<string, string>;
  phase?: string;
  deleted?: boolean;
}

/** A Pod of the speakers' DaemonSet, with the labels of MetalLB's plain manifests. */
export const pod = (name: string, nodeName: string, extras: PodExtras = {}): KubeObject => {
  const metadata = {
    name,
    namespace: extras.namespace ?? 'metallb-system',
    labels: extras.labels ?? { app: 'metallb', component: 'speaker' },
    ...(extras.deleted && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: { nodeName },
    status: { phase: extras.phase ?? 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };
};
