import { describe, expect, it } from 'vitest';
import { type ExpectReport, reportJson, reportText } from '../../../src/metallb/answers/report.ts';
import {
  advertisement,
  type KubeObject,
  l2Advertisement,
  node,
  peer,
  pool,
  service,
  slice,
  tableOf,
} from '../../support/metallb-objects.ts';

const elsewhere = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, namespace: 'shop' },
});
const objects = [
  node('node-a', 11),
  node('node-b', 12, { networkUnavailable: true }),
  peer('rr', { peerASN: 64512 }),
  pool('p', ['10.0.0.0/24']),
  advertisement('a', { communities: ['64512:7', 'large:64512:1:2'], localPref: 200 }),
  advertisement('typo', { nodeSelector: [] }),
  l2Advertisement('l2', { interfaces: ['eth1'] }),
  service('web', ['10.0.0.1']),
  slice('web', ['node-a']),
  elsewhere(service('shop', ['10.0.0.2'])),
  elsewhere(slice('shop', ['node-a'])),
];

describe('the report', () => {
  const report = JSON.parse([...reportJson(tableOf(objects))].join('')) as ExpectReport;

  it('has a row for every expected route, in the words of routers', () => {
    expect(report.expectations).toEqual([
      {
        node: 'node-a',
        bgpPeer: 'rr',
        prefix: '10.0.0.1/32',
        localPref: 200,
        communities: ['64512:7', 'large:64512:1:2'],
        nextHop: 'self',
        asPath: [],
        med: 0,
        chain: [{ service: 'web', ip: '10.0.0.1', pool: 'p', advertisement: 'a' }],
      },
      expect.objectContaining({
        prefix: '10.0.0.2/32',
        chain: [{ service: 'shop/shop', ip: '10.0.0.2', pool: 'p', advertisement: 'a' }],
      }),
    ]);
  });
  it('names refused objects, the stage and the effect', () => {
    expect(report.refusals).toEqual([
      {
        code: 'unknown-field',
        stage: 'schema',
        object: 'BGPAdvertisement/typo',
        namespace: 'metallb-system',
        error: 'unknown field "spec.nodeSelector" (did you mean nodeSelectors?)',
        effect: 'the object is not created; what was there before stays in force',
        nodes: [],
      },
    ]);
    expect(report.lint).toMatchObject([
      { object: 'BGPAdvertisement/typo', path: 'spec.nodeSelector', hint: 'did you mean nodeSelectors?' },
    ]);
  });
  it('says what is not announced and why, and who answers on layer 2', () => {
    expect(report.notAnnounced).toMatchObject([
      { service: 'web', node: 'node-b', reason: 'nodeNetworkUnavailable' },
      { service: 'shop/shop', node: 'node-b', reason: 'nodeNetworkUnavailable' },
    ]);
    expect(report.l2).toEqual([
      { service: 'web', node: 'node-a', interfaces: ['eth1'] },
      { service: 'shop/shop', node: 'node-a', interfaces: ['eth1'] },
    ]);
  });
  it('is plain JSON', () => expect(JSON.parse(JSON.stringify(report))).toEqual(report));
});

describe('the report for people', () => {
  it('says the same, what is wrong first', () => {
    expect([...reportText(tableOf(objects))].join('')).toBe(`Refused
  BGPAdvertisement/metallb-system/typo: schema: unknown field "spec.nodeSelector" (did you mean nodeSelectors?)
      the object is not created; what was there before stays in force

Lint
  BGPAdvertisement/metallb-system/typo: spec.nodeSelector: unknown field "spec.nodeSelector": an API server that validates strictly refuses the object, a lax one drops the field as if it were not there (did you mean nodeSelectors?)

Announced over BGP
  10.0.0.1/32  node-a  → rr  as-path empty, local-pref 200, communities 64512:7 large:64512:1:2  from web
  10.0.0.2/32  node-a  → rr  as-path empty, local-pref 200, communities 64512:7 large:64512:1:2  from shop/shop

Announced on layer 2
  web        node-a  eth1
  shop/shop  node-a  eth1

Not announced over BGP
  web        node-b  nodeNetworkUnavailable  node node-b has the condition NetworkUnavailable
  shop/shop  node-b  nodeNetworkUnavailable  node node-b has the condition NetworkUnavailable
`);
  });
  it.each<[string, KubeObject[], string]>([
    ['there is no Node', [pool('p', ['10.0.0.0/24'])], 'There is no Node among the manifests'],
    ['there is no BGPPeer', [node('node-a')], 'None of the nodes has a session'],
  ])('says that %s', (_, given, text) => expect([...reportText(tableOf(given))].join('')).toContain(text));
});

it('sums routes up by Service where there are more than maxListedRows', () => {
  const many = [
    node('node-a', 11),
    node('node-b', 12),
    peer('tor-1'),
    peer('tor-2', { nodeSelectors: [{ matchLabels: { 'kubernetes.io/hostname': 'node-a' } }] }),
    pool('blue', ['203.0.113.0/28']),
    advertisement('adv'),
    service('web', ['203.0.113.1']),
    slice('web', ['node-a', 'node-b']),
    service('idle', ['203.0.113.2']),
  ];
  const text = [...reportText(tableOf(many), {}, 1)].join('');
  expect(text).toContain('Announced over BGP: more than 1 routes, by Service (--all lists every route)\n');
  expect(text).toMatch(/^ {2}web {2}203\.0\.113\.1\/32 {2}2 nodes {2}→ tor-1(?:, tor-2)? {2}[23] routes$/m);
  expect(text).toMatch(/^ {2}idle {2}2 nodes {2}noEndpoints {2}/m);
  expect([...reportText(tableOf(many), {}, Number.POSITIVE_INFINITY)].join('')).toMatch(/^Announced over BGP$/m);
});
