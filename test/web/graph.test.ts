import { describe, expect, test } from 'vitest';
import type { ChainLink, ExpectedRoute, ObjectRef, Verdict, VerdictWord } from '../../src/api/schemas.ts';
import { columns, graphOf, maxBoxes, type RouteGraph } from '../../web/src/graph.ts';
import { groupNotAnnounced } from '../../web/src/not-announced.ts';
import { rulesOf } from '../../web/src/rules.ts';

interface Row {
  node: string;
  peer?: string;
  service?: string;
  prefix?: string;
  verdict?: VerdictWord;
  chain?: Partial<ChainLink>[];
}

function row({ node, peer = 'tor-1', service = 'a/web', prefix = '10.0.0.1/32', verdict = 'ok', chain = [{}] }: Row) {
  const expected: ExpectedRoute = {
    node,
    bgpPeer: peer,
    prefix,
    family: 4,
    localPref: null,
    communities: [],
    largeCommunities: [],
    nextHop: 'self',
    asPath: [],
    med: null,
    origin: 'igp',
    chain: chain.map((link) => ({
      service,
      ip: prefix.split('/')[0]!,
      pool: 'pool',
      advertisement: 'adv',
      objects: [],
      ...link,
    })),
  };
  return { prefix, node, bgpPeer: peer, verdict, expected } as Verdict;
}

const labels = ({ boxes }: RouteGraph, column: (typeof columns)[number]) =>
  boxes
    .filter((box) => box.column === columns.indexOf(column))
    .sort((a, b) => a.row - b.row)
    .map(({ label }) => label);

describe('the graph from Services to prefixes', () => {
  test('has one box per column for one route', () => {
    const graph = graphOf([row({ node: 'n1' })]);
    expect(graph.boxes.map(({ label }) => label)).toEqual([
      'a/web',
      '10.0.0.1',
      'pool',
      'adv',
      'n1',
      'tor-1',
      '10.0.0.1/32',
    ]);
    expect(graph.lines.map(({ from, to }) => `${from.label} → ${to.label}`)).toEqual([
      'a/web → 10.0.0.1',
      '10.0.0.1 → pool',
      'pool → adv',
      'adv → n1',
      'n1 → tor-1',
      'tor-1 → 10.0.0.1/32',
    ]);
    expect(graph.rows).toBe(1);
  });

  test('puts equal nodes in one box, after the box of a failing node', () => {
    const nodes = Array.from({ length: 1_000 }, (_, i) => `n${i + 1}`);
    const graph = graphOf(nodes.map((node) => row({ node, verdict: node === 'n7' ? 'missing' : 'ok' })));
    expect(labels(graph, 'Node')).toEqual(['n7', '999 nodes, n1 …']);
    expect(graph.boxes.length).toBe(8);
  });

  test('separates nodes with different peers', () => {
    const graph = graphOf([row({ node: 'n1' }), row({ node: 'n2' }), row({ node: 'n2', peer: 'tor-2' })]);
    expect(labels(graph, 'Node')).toEqual(['n1', 'n2']);
  });

  test('counts verdicts per box, worst first, and colors lines by the worst', () => {
    const graph = graphOf([row({ node: 'n1' }), row({ node: 'n2', verdict: 'missing' }), row({ node: 'n3' })]);
    const prefix = graph.boxes.find(({ label }) => label === '10.0.0.1/32')!;
    expect(prefix.counts).toEqual([
      ['missing', 1],
      ['ok', 2],
    ]);
    expect(graph.lines.find(({ to }) => to === prefix)!.verdict).toBe('missing');
    expect(graph.lines.find(({ to }) => to.label === 'n1, n3')!.verdict).toBe('ok');
  });

  test('shows all Services of an aggregate and counts its prefix once', () => {
    const chain = [
      { service: 'a/one', ip: '10.0.0.1' },
      { service: 'a/two', ip: '10.0.0.2' },
    ];
    const graph = graphOf([row({ node: 'n1', prefix: '10.0.0.0/24', chain })]);
    expect(labels(graph, 'Service')).toEqual(['a/one', 'a/two']);
    expect(graph.boxes.find(({ label }) => label === '10.0.0.0/24')!.counts).toEqual([['ok', 1]]);
  });

  test('limits the boxes per column; the last box takes the rest', () => {
    const rows = Array.from({ length: 50 }, (_, i) =>
      row({ node: 'n1', service: `a/s${i + 1}`, prefix: `10.0.0.${i + 1}/32` }),
    );
    const graph = graphOf(rows);
    expect(graph.rows).toBe(maxBoxes);
    expect(labels(graph, 'Service').slice(0, 2)).toEqual(['a/s1', 'a/s2']);
    expect(labels(graph, 'Service').at(-1)).toBe('43 other Services');
    expect(labels(graph, 'Address').at(-1)).toBe('43 other addresses');
  });

  test('gives every box of a column its own row', () => {
    const rows = Array.from({ length: 20 }, (_, i) =>
      row({ node: `n${i % 7}`, peer: `tor-${i % 3}`, prefix: `10.0.${i % 5}.0/24`, service: `a/s${i % 11}` }),
    );
    const graph = graphOf(rows);
    for (const [column] of columns.entries()) {
      const own = graph.boxes.filter((box) => box.column === column).map((box) => box.row);
      expect(own.toSorted((a, b) => a - b)).toEqual(own.map((_, i) => i));
    }
  });

  test('is empty without expected routes', () => {
    expect(graphOf([{ ...row({ node: 'n1' }), expected: null }])).toEqual({ boxes: [], lines: [], rows: 0 });
  });
});

test('groups Services that are not announced by reason, most frequent first', () => {
  const row = (node: string, reason: string) => ({ service: 'a/web', node, reason, text: `${node}: ${reason}` });
  const groups = groupNotAnnounced([row('a', 'notOwner'), row('b', 'noEndpoints'), row('c', 'noEndpoints')]);
  expect(groups.map(({ reason, rows }) => [reason, rows.map(({ node }) => node)])).toEqual([
    ['noEndpoints', ['b', 'c']],
    ['notOwner', ['a']],
  ]);
});

test('lists the rules of each object once, Nodes last', () => {
  const ref = (kind: string, name: string): ObjectRef => ({ kind, name });
  const steps = (node: string) => [
    { object: ref('Node', node), rule: `a speaker runs on ${node}` },
    { object: ref('BGPPeer', 'tor-1'), rule: 'BGPPeer.spec.nodeSelectors is empty' },
    { object: ref('IPAddressPool', 'pool'), rule: 'it covers the address' },
    { object: ref('IPAddressPool', 'pool'), rule: 'it covers the address' },
  ];
  const routes = ['n1', 'n2'].map((node) => row({ node, chain: [{ steps: steps(node) }] }).expected!);
  expect(rulesOf(routes).map(({ object, rules }) => [object.name, rules])).toEqual([
    ['pool', ['it covers the address']],
    ['tor-1', ['spec.nodeSelectors is empty']],
    ['n1', ['a speaker runs on n1']],
    ['n2', ['a speaker runs on n2']],
  ]);
});
