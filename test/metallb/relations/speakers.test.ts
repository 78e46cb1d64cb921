import { describe, expect, it } from 'vitest';
import { prefixesOf } from '../../../src/metallb/expectations/expectation-change.ts';
import type { ExpectOptions } from '../../../src/metallb/types.ts';
import {
  advertisement,
  type KubeObject,
  node,
  peer,
  pool,
  routeNames,
  service,
  slice,
  TestCluster,
  tableOf,
} from '../../support/metallb-objects.ts';
import { type PodExtras, pod } from '../../support/status-objects.ts';

const helmSpeaker = { 'app.kubernetes.io/name': 'metallb', 'app.kubernetes.io/component': 'speaker' };
const frrK8s = { 'app.kubernetes.io/name': 'frr-k8s', 'app.kubernetes.io/component': 'frr-k8s' };

const daemon = (name: string, nodeName: string, extras: PodExtras = {}): KubeObject =>
  pod(name, nodeName, { namespace: 'frr-k8s-system', labels: frrK8s, ...extras });
const operator = (spec: object): KubeObject => ({
  apiVersion: 'metallb.io/v1beta1',
  kind: 'MetalLB',
  metadata: { name: 'metallb', namespace: 'metallb-system' },
  spec,
});

const web = [
  pool('p', ['10.0.0.0/24']),
  peer('tor'),
  service('web', ['10.0.0.1']),
  slice('web', ['node-a']),
  advertisement('a'),
];
const both = [node('node-a', 11), node('node-b', 12)];
const tainted = node('node-b', 12, { taints: [{ key: 'team', effect: 'NoSchedule' }] });

interface Row {
  title: string;
  objects: KubeObject[];
  options?: Partial<ExpectOptions>;
  announcing: string[];
  /** `node reason: text` of the others. */
  not?: string[];
}

const rows: Row[] = [
  { title: 'no Pods to be seen: every linux node has a speaker', objects: both, announcing: ['node-a', 'node-b'] },
  {
    title: 'a node without a speaker Pod announces nothing when others have one',
    objects: [...both, pod('speaker-1', 'node-a')],
    announcing: ['node-a'],
    not: ['node-b noSpeaker: no speaker runs on node node-b'],
  },
  {
    title: "Helm's labels tell a speaker too",
    objects: [...both, pod('speaker-1', 'node-b', { labels: helmSpeaker })],
    announcing: ['node-b'],
    not: ['node-a noSpeaker: no speaker runs on node node-a'],
  },
  {
    title: 'a Pod on a tainted node is a Pod: what is there counts, not what should keep it off',
    objects: [node('node-a', 11), tainted, pod('speaker-1', 'node-a'), pod('speaker-2', 'node-b')],
    announcing: ['node-a', 'node-b'],
  },
  {
    title: 'a speaker that does not run yet, or not any more and again, is meant to announce',
    objects: [...both, pod('speaker-1', 'node-a', { phase: 'Pending' }), pod('speaker-2', 'node-b')],
    announcing: ['node-a', 'node-b'],
  },
  {
    title: 'a speaker Pod that is being deleted does not count',
    objects: [...both, pod('speaker-1', 'node-a', { deleted: true }), pod('speaker-2', 'node-b')],
    announcing: ['node-b'],
    not: ['node-a noSpeaker: no speaker runs on node node-a: its Pod speaker-1 is being deleted'],
  },
  {
    title: 'its successor counts',
    objects: [...both, pod('old', 'node-a', { deleted: true }), pod('new', 'node-a'), pod('speaker-2', 'node-b')],
    announcing: ['node-a', 'node-b'],
  },
  {
    title: 'an evicted speaker Pod does not count',
    objects: [...both, pod('speaker-1', 'node-a', { phase: 'Failed' }), pod('speaker-2', 'node-b')],
    announcing: ['node-b'],
    not: ['node-a noSpeaker: no speaker runs on node node-a'],
  },
  {
    title: 'Pods of others, and speakers of another namespace, tell nothing',
    objects: [
      ...both,
      pod('web-1', 'node-a', { labels: { app: 'web' } }),
      pod('speaker', 'node-a', { namespace: 'test' }),
    ],
    announcing: ['node-a', 'node-b'],
  },
  {
    title: 'frr-k8s mode needs an frr-k8s Pod beside the speaker',
    objects: [...both, pod('speaker-1', 'node-a'), pod('speaker-2', 'node-b'), daemon('frr-1', 'node-b')],
    options: { mode: 'frr-k8s' },
    announcing: ['node-b'],
    not: ['node-a noFRRK8s: no frr-k8s runs on node node-a'],
  },
  {
    title: 'frr mode needs none',
    objects: [...both, daemon('frr-1', 'node-b')],
    announcing: ['node-a', 'node-b'],
  },
  {
    title: 'the configured selector decides where no Pods are to be seen',
    objects: [node('node-a', 11, { labels: { role: 'edge' } }), node('node-b', 12)],
    options: { speakers: { nodeSelector: { role: 'edge' }, tolerations: [] } },
    announcing: ['node-a'],
    not: ['node-b noSpeaker: the speaker runs on nodes labelled role=edge only, which node node-b is not'],
  },
  {
    title: 'a configured toleration lets a speaker onto a tainted node',
    objects: [node('node-a', 11), tainted],
    options: { speakers: { tolerations: [{ key: 'team', operator: 'Exists', value: '', effect: '' }] } },
    announcing: ['node-a', 'node-b'],
  },
  {
    title: 'a toleration of another value or effect does not',
    objects: [node('node-a', 11), tainted],
    options: {
      speakers: {
        tolerations: [
          { key: 'team', operator: 'Equal', value: 'net', effect: '' },
          { key: 'team', operator: 'Exists', value: '', effect: 'NoExecute' },
        ],
      },
    },
    announcing: ['node-a'],
    not: ['node-b noSpeaker: the taint team:NoSchedule keeps the speaker off node node-b'],
  },
  {
    title: 'a toleration without a key tolerates everything',
    objects: [node('node-a', 11), tainted],
    options: { speakers: { tolerations: [{ key: '', operator: 'Exists', value: '', effect: '' }] } },
    announcing: ['node-a', 'node-b'],
  },
  {
    title: "the operator's nodeSelector and speakerTolerations decide where nothing is configured",
    objects: [
      node('node-a', 11),
      node('node-b', 12, { labels: { role: 'edge' }, taints: [{ key: 'team', effect: 'NoExecute' }] }),
      operator({ nodeSelector: { role: 'edge' }, speakerTolerations: [{ key: 'team', operator: 'Exists' }] }),
    ],
    announcing: ['node-b'],
    not: ['node-a noSpeaker: the speaker runs on nodes labelled role=edge only, which node node-a is not'],
  },
  {
    title: 'a NoExecute taint keeps a speaker off as well',
    objects: [node('node-a', 11), node('node-b', 12, { taints: [{ key: 'team', effect: 'NoExecute' }] })],
    announcing: ['node-a'],
    not: ['node-b noSpeaker: the taint team:NoExecute keeps the speaker off node node-b'],
  },
  {
    title: 'taints that every DaemonSet tolerates, and a mere preference, do not',
    objects: [
      node('node-a', 11, {
        taints: [
          { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' },
          { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' },
          { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
          { key: 'team', effect: 'PreferNoSchedule' },
        ],
      }),
    ],
    announcing: ['node-a'],
  },
];

describe('a node announces only where a speaker runs', () => {
  it.each(rows)('$title', ({ objects, options, announcing, not = [] }) => {
    const table = tableOf([...objects, ...web], options);
    expect(routeNames(table)).toEqual(announcing.map((name) => `${name} tor 10.0.0.1/32`));
    expect(table.notAnnounced.map(({ node, reason, text }) => `${node} ${reason}: ${text}`)).toEqual(not);
    expect(table.sessions.map((session) => session.node)).toEqual(announcing);
  });
});

describe('Pods come and go', () => {
  const cluster = new TestCluster();
  const one = pod('speaker-1', 'node-a');
  const two = pod('speaker-2', 'node-b');
  const steps: { title: string; pods: KubeObject[]; routes: string[]; change: 'all' | 'none' }[] = [
    { title: 'one speaker', pods: [one], routes: ['node-a'], change: 'all' },
    { title: 'a second one', pods: [one, two], routes: ['node-a', 'node-b'], change: 'all' },
    {
      title: 'another Pod on the same node',
      pods: [one, two, pod('s-3', 'node-b')],
      routes: ['node-a', 'node-b'],
      change: 'none',
    },
    { title: 'the first one is gone', pods: [two], routes: ['node-b'], change: 'all' },
  ];
  it.each(steps)('$title', ({ pods, routes, change }) => {
    const { table, change: changed } = cluster.update(...both, ...web, ...pods);
    expect(routeNames(table)).toEqual(routes.map((name) => `${name} tor 10.0.0.1/32`));
    expect(prefixesOf(changed)).toEqual(change === 'all' ? 'all' : new Set());
  });
});
