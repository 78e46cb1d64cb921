import { describe, expect, it } from 'vitest';
import type { ExpectationTable } from '../../src/metallb/expectations/table.ts';
import type { ExpectOptions } from '../../src/metallb/types.ts';
import { isMetalLBVersion, type MetalLBVersion } from '../../src/metallb/versions.ts';
import {
  advertisement,
  type KubeObject,
  l2Advertisement,
  node,
  peer,
  pool,
  routeNames,
  service,
  slice,
  tableOf,
} from '../support/metallb-objects.ts';

const onlyOn = (name: string): object => ({ nodeSelectors: [{ matchLabels: { 'kubernetes.io/hostname': name } }] });
const nodes = [node('node-a', 11), node('node-b', 12)];
const web = [pool('p', ['10.0.0.0/24']), peer('tor'), service('web', ['10.0.0.1']), slice('web', ['node-a'])];

const excluded = { 'node.kubernetes.io/exclude-from-external-load-balancers': '' };
const cordoned: KubeObject = { ...node('node-a', 11), spec: { unschedulable: true } };

/** Endpoints of one address, of which one serves and one does not. */
const halfReady: KubeObject = {
  ...slice('web', []),
  endpoints: [true, false].map((ready) => ({ addresses: ['10.1.1.1'], nodeName: 'node-a', conditions: { ready } })),
};

interface Row {
  rule: string;
  objects: KubeObject[];
  options?: Partial<ExpectOptions>;
  read: (table: ExpectationTable) => unknown;
  /** What each version makes of it. */
  is: Partial<Record<MetalLBVersion, unknown>>;
}

const refusals = ({ refusals }: ExpectationTable): string[] =>
  refusals.map(({ stage, object, nodes }) => `${stage} ${object.name} ${nodes.join()}`.trim());

const rows: Row[] = [
  {
    rule: 'serviceSelectors are unknown up to 0.15',
    objects: [...nodes, ...web, advertisement('a', { serviceSelectors: [{}] })],
    read: refusals,
    is: { '0.14': ['schema a'], '0.15': ['schema a'], '0.16': [], newest: [] },
  },
  {
    rule: 'unknown serviceSelectors are dropped by a lax API server, and the advertisement is for every service',
    objects: [node('node-a'), ...web, advertisement('a', { serviceSelectors: [{ matchLabels: { app: 'shop' } }] })],
    options: { fieldValidation: 'prune' },
    read: routeNames,
    is: { '0.15': ['node-a tor 10.0.0.1/32'], '0.16': [] },
  },
  {
    rule: 'dropped serviceSelectors do not clash with an aggregate',
    objects: [node('node-a'), ...web, advertisement('a', { serviceSelectors: [{}], aggregationLength: 24 })],
    options: { fieldValidation: 'prune' },
    read: (table) => [...refusals(table), ...routeNames(table)],
    is: { '0.15': ['node-a tor 10.0.0.0/24'], '0.16': ['schema a'] },
  },
  {
    rule: 'a field that is too new is a finding',
    objects: [advertisement('a', { serviceSelectors: [{}] })],
    read: ({ lint }) => lint.map(({ path, hint }) => `${path}: ${hint}`),
    is: { '0.15': ['spec.serviceSelectors: newer versions of MetalLB have it'], '0.16': [] },
  },
  {
    rule: 'localASN is unknown up to 0.15',
    objects: [node('node-a'), peer('tor', { localASN: 64513 })],
    options: { fieldValidation: 'prune' },
    read: ({ sessions }) => sessions.map(({ myASN }) => myASN),
    is: { '0.14': [64512], '0.15': [64512], '0.16': [64513] },
  },
  {
    rule: 'dualStackAddressFamily is unknown up to 0.14',
    objects: [node('node-a'), peer('tor', { dualStackAddressFamily: true })],
    read: refusals,
    is: { '0.14': ['schema tor'], '0.15': [] },
  },
  {
    rule: 'preferences on layer 2 are unknown up to 0.16',
    objects: [...nodes, l2Advertisement('l2', { preferredNodeSelectors: [{ weight: 1, preference: {} }] })],
    read: refusals,
    is: { '0.15': ['schema l2'], '0.16': ['schema l2'], newest: [] },
  },
  {
    rule: 'a bad advertisement makes all nodes stale up to 0.15, then only those that it selects',
    objects: [...nodes, ...web, advertisement('a', { communities: ['vip'], ...onlyOn('node-a') })],
    read: refusals,
    is: { '0.14': ['config a node-a,node-b'], '0.15': ['config a node-a,node-b'], '0.16': ['config a node-a'] },
  },
  {
    rule: 'two peers may differ in myASN on other nodes from 0.16 on',
    objects: [
      ...nodes,
      peer('x', onlyOn('node-a')),
      peer('y', { myASN: 64999, peerAddress: '192.0.2.2', ...onlyOn('node-b') }),
    ],
    read: refusals,
    is: { '0.15': ['webhook y'], '0.16': [] },
  },
  {
    rule: 'an address of which one entry does not serve does not serve up to 0.15',
    objects: [node('node-a'), ...web.slice(0, 3), halfReady, advertisement('a')],
    read: routeNames,
    is: { '0.14': [], '0.15': [], '0.16': ['node-a tor 10.0.0.1/32'] },
  },
  {
    rule: 'it does not serve on its node either',
    objects: [
      node('node-a'),
      ...web.slice(0, 2),
      service('web', ['10.0.0.1'], { spec: { externalTrafficPolicy: 'Local' } }),
      halfReady,
      advertisement('a'),
    ],
    read: routeNames,
    is: { '0.15': [], '0.16': ['node-a tor 10.0.0.1/32'] },
  },
  {
    rule: 'layer 2 takes it in every version',
    objects: [node('node-a'), ...web.slice(0, 3), halfReady, l2Advertisement('l2')],
    read: ({ l2 }) => l2.map((one) => one.node),
    is: { '0.15': ['node-a'], '0.16': ['node-a'] },
  },
  {
    rule: 'native mode takes the communities of the last BGPAdvertisement by name up to 0.15, then those of all',
    objects: [
      node('node-a'),
      ...web,
      advertisement('a', { communities: ['64512:1'] }),
      advertisement('b', { communities: ['64512:2'] }),
    ],
    options: { mode: 'native' },
    read: (table) => {
      const { communities, communitiesAnyOf } = table.route('node-a', 'tor', '10.0.0.1/32')!;
      return communitiesAnyOf ?? communities;
    },
    is: { '0.15': ['64512:2'], '0.16': ['64512:1', '64512:2'] },
  },
  {
    rule: 'a session carries both families up to 0.14',
    objects: [node('node-a'), peer('tor'), peer('old', { peerAddress: '192.0.2.2', disableMP: true })],
    read: ({ sessions }) => sessions.map(({ families }) => families),
    is: {
      '0.14': [[4, 6], [4]],
      '0.15': [[4], [4]],
      newest: [[4], [4]],
    },
  },
  {
    rule: 'a node with the exclude label announces up to 0.14.1',
    objects: [node('node-a', 11, { labels: excluded }), ...web, advertisement('a')],
    read: routeNames,
    is: {
      '0.14.0': ['node-a tor 10.0.0.1/32'],
      '0.14.1': ['node-a tor 10.0.0.1/32'],
      '0.14.2': [],
      '0.14': [],
      newest: [],
    },
  },
  {
    rule: 'the exclude label can be ignored from 0.14.4 on',
    objects: [node('node-a', 11, { labels: excluded }), ...web, advertisement('a')],
    options: { ignoreExcludeLB: true },
    read: routeNames,
    is: { '0.14.3': [], '0.14.4': ['node-a tor 10.0.0.1/32'], '0.15': ['node-a tor 10.0.0.1/32'] },
  },
  {
    rule: 'a cordoned node is withdrawn from by 0.14.9 alone',
    objects: [cordoned, ...web, advertisement('a')],
    read: (table) => table.notAnnounced.map(({ node, reason }) => `${node} ${reason}`),
    is: { '0.14': [], '0.14.8': [], '0.14.9': ['node-a nodeUnschedulable'], '0.15.0': [], newest: [] },
  },
  {
    rule: 'a pool that has the address of a node is refused by 0.15.0 alone',
    objects: [node('node-a', 11), pool('p', ['192.0.2.0/24'])],
    read: refusals,
    is: { '0.14': [], '0.15.0': ['webhook p'], '0.15.1': [], '0.15': [], newest: [] },
  },
  {
    rule: 'a pool of node addresses that no webhook looked at is refused by the speakers of 0.15.0',
    objects: [node('node-a', 11), pool('p', ['192.0.2.0/24'])],
    options: { webhookMode: 'disabled' },
    read: refusals,
    is: { '0.15.0': ['config p node-a'], '0.15.1': [] },
  },
  {
    rule: 'native speakers of 0.16 count the communities of all contributors, those before of each',
    objects: [
      node('node-a', 11),
      ...web,
      ...[0, 1].map((n) =>
        advertisement(`a${n}`, { communities: Array.from({ length: 40 }, (_, i) => `64512:${n * 40 + i}`) }),
      ),
    ],
    options: { mode: 'native' },
    read: (table) => [...routeNames(table), table.whyNot('node-a', 'tor', '10.0.0.1/32')?.reason],
    is: {
      '0.15': ['node-a tor 10.0.0.1/32', undefined],
      '0.16': ['tooManyCommunities'],
    },
  },
  {
    rule: 'the FRR modes count them by advertisement',
    objects: [
      node('node-a', 11),
      ...web,
      ...[0, 1].map((n) =>
        advertisement(`a${n}`, { communities: Array.from({ length: 40 }, (_, i) => `64512:${n * 40 + i}`) }),
      ),
    ],
    read: (table) => table.route('node-a', 'tor', '10.0.0.1/32')?.communities.length,
    is: { '0.16': 80, newest: 80 },
  },
];

describe('by version', () => {
  it.each(
    rows.flatMap(({ is, ...row }) => Object.entries(is).map(([version, expected]) => ({ ...row, version, expected }))),
  )('$rule: $version', ({ objects, options, read, version, expected }) =>
    expect(read(tableOf(objects, { ...options, version: version as MetalLBVersion }))).toEqual(expected),
  );
});

describe('which versions there are', () => {
  it.each(['0.14', '0.15', '0.16', '0.14.9', '0.15.0', '0.16.1', 'newest'])('%s is one', (text) =>
    expect(isMetalLBVersion(text)).toBe(true),
  );
  it.each(['', '0.13', '0.17', '0.14.', '0.14.x', 'v0.15.0', '0.15.0.1', '0.15.0000', '1', 'constructor'])(
    '"%s" is none',
    (text) => expect(isMetalLBVersion(text)).toBe(false),
  );
});
