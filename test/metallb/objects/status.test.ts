import { describe, expect, it } from 'vitest';
import { createCalculator } from '../../../src/metallb/calculator.ts';
import { noExpectations } from '../../../src/metallb/expectations/expectation-change.ts';
import { assembleResources, type ReadResult, readObject } from '../../../src/metallb/objects/read.ts';
import type { Kind } from '../../../src/metallb/objects/resources.ts';
import { readText } from '../../../src/metallb/objects/yaml.ts';

const labels = {
  'metallb.io/node': 'node-a',
  'metallb.io/service-name': 'web',
  'metallb.io/service-namespace': 'default',
};
const reads: { title: string; raw: object; spec: object }[] = [
  {
    title: 'a ServiceBGPStatus says to which peers a node means to announce a service',
    raw: {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'ServiceBGPStatus',
      metadata: { name: 'bgp-x7', namespace: 'metallb-system' },
      status: { node: 'node-a', serviceName: 'web', serviceNamespace: 'default', peers: ['tor-1', 'tor-2'] },
    },
    spec: { node: 'node-a', service: 'default/web', peers: ['tor-1', 'tor-2'] },
  },
  {
    title: 'its labels say of what it is before its status is written',
    raw: {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'ServiceBGPStatus',
      metadata: { name: 'bgp-x8', namespace: 'metallb-system', labels },
    },
    spec: { node: 'node-a', service: 'default/web', peers: [] },
  },
  {
    title: 'a ServiceL2Status says which node answers on which interfaces',
    raw: {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'ServiceL2Status',
      metadata: { name: 'l2-x7', namespace: 'metallb-system', labels },
      status: { interfaces: [{ name: 'eth0' }] },
    },
    spec: { node: 'node-a', service: 'default/web', interfaces: ['eth0'] },
  },
  {
    title: 'a ConfigurationState says whether a speaker could use its configuration',
    raw: {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'ConfigurationState',
      metadata: {
        name: 'speaker-node-a',
        namespace: 'metallb-system',
        labels: { 'metallb.io/component-type': 'speaker', 'metallb.io/node-name': 'node-a' },
      },
      status: { result: 'Invalid', errorSummary: 'peer tor-1 referencing non existing bfd profile' },
    },
    spec: {
      component: 'speaker',
      node: 'node-a',
      result: 'Invalid',
      error: 'peer tor-1 referencing non existing bfd profile',
    },
  },
  {
    title: 'a ConfigurationState without a summary has its error in a condition',
    raw: {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'ConfigurationState',
      metadata: { name: 'controller', namespace: 'metallb-system' },
      status: {
        result: 'Invalid',
        conditions: [
          { type: 'poolReconcilerValid', status: 'True', reason: 'ok', message: '' },
          { type: 'configReconcilerValid', status: 'False', reason: 'ConfigurationError', message: 'no such alias' },
        ],
      },
    },
    spec: { component: '', node: '', result: 'Invalid', error: 'no such alias' },
  },
  {
    title: 'a BGPSessionState says how FRR on the node sees a session',
    raw: {
      apiVersion: 'frrk8s.metallb.io/v1beta1',
      kind: 'BGPSessionState',
      metadata: { name: 'node-a-x', namespace: 'frr-k8s-system', labels: { 'frrk8s.metallb.io/node': 'node-a' } },
      status: { bgpStatus: 'Established', bfdStatus: 'N/A', peer: '192.0.2.1', vrf: '' },
    },
    spec: { node: 'node-a', peer: '192.0.2.1', vrf: '', bgpStatus: 'Established', bfdStatus: 'N/A' },
  },
  {
    title: 'a FRRNodeState says how the last reload went, and its running configuration is not kept',
    raw: {
      apiVersion: 'frrk8s.metallb.io/v1beta1',
      kind: 'FRRNodeState',
      metadata: { name: 'node-a' },
      status: { runningConfig: 'neighbor x password y', lastConversionResult: 'success', lastReloadResult: 'success' },
    },
    spec: { lastConversionResult: 'success', lastReloadResult: 'success' },
  },
  {
    title: 'a Pod says on which node it runs, and whether it is ready',
    raw: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'speaker-1', namespace: 'metallb-system', deletionTimestamp: '2026-01-01T00:00:00Z' },
      spec: { nodeName: 'node-a', containers: [{ name: 'speaker' }] },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    },
    spec: { node: 'node-a', phase: 'Running', ready: true, terminating: true },
  },
];

describe('what the cluster says of itself is read', () => {
  it.each(reads)('$title', ({ raw, spec }) => {
    const { object, refusal, lint } = readObject({ raw });
    expect(refusal).toBeUndefined();
    expect(lint).toEqual([]);
    expect(object?.spec).toEqual(spec);
  });

  it('a FRRNodeState is in no namespace', () => {
    const { object } = readObject({ raw: reads.find(({ title }) => title.includes('FRRNodeState'))!.raw });
    expect(object?.key).toBe('node-a');
  });
});

const cluster = readText(
  `
{apiVersion: v1, kind: Node, metadata: {name: node-a}, status: {addresses: [{type: InternalIP, address: 192.0.2.11}]}}
---
{apiVersion: metallb.io/v1beta2, kind: BGPPeer, metadata: {name: tor-1, namespace: metallb-system}, spec: {myASN: 64512, peerASN: 64500, peerAddress: 192.0.2.1}}
---
{apiVersion: metallb.io/v1beta1, kind: IPAddressPool, metadata: {name: pool, namespace: metallb-system}, spec: {addresses: [203.0.113.0/24]}}
---
{apiVersion: metallb.io/v1beta1, kind: BGPAdvertisement, metadata: {name: adv, namespace: metallb-system}}
---
{apiVersion: v1, kind: Service, metadata: {name: web, namespace: default}, spec: {type: LoadBalancer}, status: {loadBalancer: {ingress: [{ip: 203.0.113.1}]}}}
---
{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: web-1, namespace: default, labels: {kubernetes.io/service-name: web}}, endpoints: [{addresses: [10.1.1.5], nodeName: node-a}]}
`,
  'cluster.yaml',
);

describe('what the cluster says of itself is nothing to go by', () => {
  const statuses = reads
    .filter(({ raw }) => (raw as { kind: Kind }).kind !== 'Pod')
    .map(({ raw }) => readObject({ raw }));
  const broken: ReadResult = readObject({
    raw: {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'ServiceBGPStatus',
      metadata: { name: 'bgp-1', namespace: 'metallb-system' },
      status: { peers: 7 },
    },
  });
  it.each([
    { title: 'status objects appear', added: statuses, same: true },
    { title: 'one of them is malformed', added: [broken], same: false },
  ])('no expectation is looked at again when $title', ({ added, same }) => {
    expect(added.length).toBeGreaterThan(0);
    const calculator = createCalculator({
      mode: 'frr-k8s',
      namespace: 'metallb-system',
      ignoreExcludeLB: false,
      loadBalancerClass: '',
      fieldValidation: 'strict',
    });
    const before = assembleResources(cluster);
    const { table } = calculator.update(before);
    expect([...table.prefixes()]).toEqual(['203.0.113.1/32']);
    const after = assembleResources([...cluster, ...added], before);
    expect(after.configuration).toEqual(before.configuration);
    const next = calculator.update(after);
    expect(next.change).toEqual(noExpectations);
    expect(next.table === table).toBe(same);
  });
});
