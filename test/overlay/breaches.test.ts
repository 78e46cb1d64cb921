/** Hand-written rules that expected routes would break. */
import { describe, expect, it } from 'vitest';
import type { ExpectOptions } from '../../src/metallb/types.ts';
import { breachesOf, maxBreaches, maxRoutes } from '../../src/overlay/breaches.ts';
import { RulesInEffect } from '../../src/overlay/in-effect.ts';
import {
  advertisement,
  frrConfiguration,
  type KubeObject,
  node,
  peer,
  pool,
  service,
  slice,
  tableOf,
} from '../support/metallb-objects.ts';
import { overlayRules, readAt, type Written } from './rules.ts';

const cluster = [
  node('node-a', 11),
  node('node-b', 12),
  peer('tor-1'),
  peer('tor-2', { peerAddress: '192.0.2.2' }),
  pool('blue', ['203.0.113.0/28']),
  advertisement('adv', { peers: ['tor-1'], communities: ['64512:7'] }),
  service('web', ['203.0.113.1']),
  slice('web', ['node-a', 'node-b']),
  service('local', ['203.0.113.2'], { spec: { externalTrafficPolicy: 'Local' } }),
  slice('local', ['node-a']),
];
const web = '203.0.113.1/32';
const local = '203.0.113.2/32';

function broken(rule: Written | Written[], objects: KubeObject[] = cluster, options: Partial<ExpectOptions> = {}) {
  const rules = new RulesInEffect(overlayRules(...[rule].flat()), readAt);
  return breachesOf(tableOf(objects, { mode: 'frr-k8s', ...options }), rules);
}

describe('a must-not', () => {
  it.each<[string, Omit<Written, 'rule'>, string[]]>([
    ['is broken by each node that would announce it', { prefix: web }, [`${web} node-a,node-b`]],
    ['for one node is broken by that node', { prefix: web, node: 'node-b' }, [`${web} node-b`]],
    ['for one BGPPeer is met if the route goes to another', { prefix: web, bgpPeer: 'tor-2' }, []],
    ['for an address applies to the node with it', { prefix: web, neighbor: '192.0.2.11' }, [`${web} node-a`]],
    ['is met if no node would announce it', { prefix: '203.0.113.9/32' }, []],
    [
      'for a range is broken by every prefix in it',
      { prefix: '203.0.113.0/24', match: 'longer' },
      [`${web} node-a,node-b`, `${local} node-a`],
    ],
    [
      'with covering is not broken by other prefixes',
      { prefix: '203.0.113.2/32', match: 'covering' },
      [`${local} node-a`],
    ],
  ])('%s', (_, rule, expected) => {
    const { list, complete } = broken({ rule: 'must-not', ...rule });
    expect(list.map(({ prefix, nodes }) => `${prefix} ${nodes}`)).toEqual(expected);
    expect(complete).toBe(true);
  });
});

describe('a must', () => {
  it.each<[string, Omit<Written, 'rule'>, string[] | null]>([
    ['is met by expected routes', { prefix: web, node: ['node-a', 'node-b'] }, null],
    ['for nodes is broken by the one that would not', { prefix: local, node: ['node-a', 'node-b'] }, ['node-b']],
    ['for one of two nodes is met', { prefix: local, node: ['node-a', 'node-b'], atLeast: 1 }, null],
    ['for a missing node is broken', { prefix: web, node: 'node-c' }, ['node-c']],
    ['for a BGPPeer that does not get it is broken', { prefix: web, node: 'node-a', bgpPeer: 'tor-2' }, ['node-a']],
    ['for two BGPPeers is broken by one', { prefix: web, node: 'node-a', bgpPeer: ['tor-1', 'tor-2'] }, ['node-a']],
    ['for all nodes is met by any node', { prefix: local }, null],
    ['for all nodes is broken if none would announce it', { prefix: '203.0.113.9/32' }, []],
    ['for more nodes than would announce it is broken', { prefix: local, atLeast: 2 }, []],
    ['for the address of a node applies to that node', { prefix: local, neighbor: '192.0.2.12' }, ['192.0.2.12']],
    ['for a router outside the cluster is not checked', { prefix: '0.0.0.0/0', neighbor: '198.51.100.1' }, null],
    ['with a community of the route is met', { prefix: web, node: 'node-a', communities: ['64512:7'] }, null],
    ['with another community is broken', { prefix: web, node: 'node-a', communities: ['64512:8'] }, ['node-a']],
    ['with a localPref is broken if the route has none', { prefix: web, node: 'node-a', localPref: 200 }, ['node-a']],
    ['with the AS_PATH of the route is met', { prefix: web, node: 'node-a', asPath: [64512] }, null],
    ['with another AS_PATH is broken', { prefix: web, node: 'node-a', asPath: [64513] }, ['node-a']],
    ['with the node as next hop is met', { prefix: web, node: 'node-a', nextHop: '192.0.2.11' }, null],
    ['with another next hop is broken', { prefix: web, node: 'node-a', nextHop: '192.0.2.99' }, ['node-a']],
  ])('%s', (_, rule, nodes) => {
    const { list } = broken({ rule: 'must', ...rule });
    expect(list.map((one) => one.nodes)).toEqual(nodes === null ? [] : [nodes]);
  });

  it("names MetalLB's reason", () => {
    const [one] = broken({ rule: 'must', prefix: local, node: 'node-b', reason: 'DNS of the site' }).list;
    expect(one?.text).toMatch(
      /^0 of node-b would announce 203\.0\.113\.2\/32, but at least 1 must: DNS of the site \(node-b: .*endpoint/,
    );
  });
  it('can be met by another FRRConfiguration', () => {
    const other = frrConfiguration('other', {
      routers: [
        {
          asn: 64512,
          prefixes: ['172.16.0.0/16'],
          neighbors: [{ address: '192.0.2.1', toAdvertise: { allowed: { mode: 'all' } } }],
        },
      ],
    });
    const rule: Written = { rule: 'must', prefix: '172.16.0.0/16', node: 'node-a' };
    expect(broken(rule).list).toHaveLength(1);
    expect(broken(rule, [...cluster, other]).list).toEqual([]);
  });
  it('is not checked without nodes', () => {
    const objects = cluster.filter(({ kind }) => kind !== 'Node');
    expect(broken({ rule: 'must', prefix: web }, objects).list).toEqual([]);
  });
});

it.each([
  ['maxBreaches', { breaches: 1, routes: maxRoutes }, 1],
  ['maxRoutes', { breaches: maxBreaches, routes: 1 }, 1],
])('beyond %s the rest is left out and `complete` is false', (_, bounds, count) => {
  const rule: Written = { rule: 'must-not', prefix: '203.0.113.0/24', match: 'longer' };
  const { list, complete } = breachesOf(
    tableOf(cluster, { mode: 'frr-k8s' }),
    new RulesInEffect(overlayRules(rule), readAt),
    bounds,
  );
  expect([list.length, complete]).toEqual([count, false]);
});
