/** Differences of two tables: in order, and the same whether all prefixes are compared or those that were touched. */
import { describe, expect, test } from 'vitest';
import {
  l2Differences,
  pairsOf,
  routeDifference,
  sessionDifferences,
} from '../../../src/metallb/answers/side-by-side.ts';
import { prefixesOf } from '../../../src/metallb/expectations/expectation-change.ts';
import type { ExpectationTable } from '../../../src/metallb/expectations/table.ts';
import {
  advertisement,
  type KubeObject,
  l2Advertisement,
  node,
  peer,
  pool,
  service,
  slice,
  TestCluster,
} from '../../support/metallb-objects.ts';

const base = [
  node('node-b', 11),
  node('node-a', 12),
  peer('tor-2', { peerAddress: '192.0.2.2' }),
  peer('tor-1'),
  pool('blue', ['203.0.113.0/24']),
  advertisement('adv', { aggregationLength: 30 }),
];
const serving = (name: string, ip: string, ...nodes: string[]): KubeObject[] => [
  service(name, [ip], { spec: { externalTrafficPolicy: 'Local' } }),
  slice(name, nodes),
];
const one = serving('one', '203.0.113.1', 'node-a');
const two = serving('two', '203.0.113.2', 'node-b');
const nine = serving('nine', '203.0.113.9', 'node-a', 'node-b');

const differences = (before: ExpectationTable, after: ExpectationTable, scope: ReadonlySet<string> | 'all'): string[] =>
  [...pairsOf(before, after, scope)].flatMap((pair) => {
    const found = routeDifference(pair);
    return found ? [[found.difference, found.node, found.bgpPeer, found.prefix, ...found.fields].join(' ')] : [];
  });

describe('routes', () => {
  const cases: [string, KubeObject[], KubeObject[], string[]][] = [
    ['nothing', [], [], []],
    [
      'a service more, on one node of a prefix that the other node has',
      two,
      [...two, ...one],
      ['appears node-a tor-1 203.0.113.0/30', 'appears node-a tor-2 203.0.113.0/30'],
    ],
    [
      'a service less',
      [...one, ...nine],
      one,
      [
        'disappears node-a tor-1 203.0.113.8/30',
        'disappears node-a tor-2 203.0.113.8/30',
        'disappears node-b tor-1 203.0.113.8/30',
        'disappears node-b tor-2 203.0.113.8/30',
      ],
    ],
    [
      'another contributor of the same route',
      [...one, ...two],
      [...one, ...serving('three', '203.0.113.3', 'node-b')],
      [],
    ],
    [
      'a service in another place',
      one,
      serving('one', '203.0.113.9', 'node-a'),
      [
        'disappears node-a tor-1 203.0.113.0/30',
        'appears node-a tor-1 203.0.113.8/30',
        'disappears node-a tor-2 203.0.113.0/30',
        'appears node-a tor-2 203.0.113.8/30',
      ],
    ],
  ];
  test.each(cases)('%s', (_, from, to, expected) => {
    const cluster = new TestCluster();
    const before = cluster.update(...base, ...from).table;
    const { table: after, change } = cluster.update(...base, ...to);
    expect(change.kind).toBe('some');
    expect(differences(before, after, 'all')).toEqual(expected);
    expect(differences(before, after, prefixesOf(change))).toEqual(expected);
  });

  const attributes: [object, string[]][] = [
    [{ communities: ['64512:1'] }, ['communities']],
    [{ communities: ['large:64512:1:2'] }, ['largeCommunities']],
    [{ localPref: 200 }, ['localPref']],
  ];
  test.each(attributes)('%o', (spec, fields) => {
    const peers = [peer('tor-1', { peerASN: 64512 })]; // localPref is sent over iBGP
    const objects = [node('node-a', 11), ...peers, pool('blue', ['203.0.113.0/24']), ...one];
    const cluster = new TestCluster();
    const before = cluster.update(...objects, advertisement('adv')).table;
    const after = cluster.update(...objects, advertisement('adv', spec)).table;
    expect(differences(before, after, 'all')).toEqual([`changes node-a tor-1 203.0.113.1/32 ${fields.join(' ')}`]);
  });
});

test('who answers on layer 2 appears, moves and disappears, by service', () => {
  const cluster = new TestCluster();
  const objects = [node('node-a', 11), node('node-b', 12), pool('blue', ['203.0.113.0/24'])];
  const l2 = (name: string): KubeObject =>
    l2Advertisement('l2', { nodeSelectors: [{ matchLabels: { 'kubernetes.io/hostname': name } }] });
  const before = cluster.update(...objects, ...one, ...nine, l2('node-a')).table;
  const after = cluster.update(...objects, ...nine, ...two, l2('node-b')).table;
  expect(l2Differences(before, before)).toEqual([]);
  expect(l2Differences(before, after).map((d) => [d.service, d.difference, d.before?.node, d.after?.node])).toEqual([
    ['default/nine', 'changes', 'node-a', 'node-b'],
    ['default/one', 'disappears', 'node-a', undefined],
    ['default/two', 'appears', undefined, 'node-b'],
  ]);
});

test('sessions appear, disappear and change, by node and BGPPeer', () => {
  const cluster = new TestCluster();
  const before = cluster.update(node('node-b', 11), node('node-a', 12), peer('tor-1')).table;
  const after = cluster.update(node('node-c', 13), node('node-a', 12), peer('tor-1', { myASN: 64513 })).table;
  expect(sessionDifferences(before, after).map(({ difference, node }) => `${difference} ${node}`)).toEqual([
    'changes node-a',
    'disappears node-b',
    'appears node-c',
  ]);
});
