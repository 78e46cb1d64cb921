import { advertisement, frrConfiguration, node, peer, pool, service, slice } from '../../support/metallb-objects.ts';
import { type Case, minutes, negotiated, seconds, up } from '../facts.ts';

const nodes = [node('node-1', 11), node('node-2', 12)];
const web = [pool('block', ['203.0.113.0/24', 'fc00::/120']), advertisement('a')];
const cluster = [...nodes, peer('tor-1', { dualStackAddressFamily: true }), ...web];
const both = { negotiated: negotiated({ families: [4, 6] }) };
const served = [...cluster, service('web', ['203.0.113.5']), slice('web', ['node-1'])];
const edit = (n: number) => ({
  at: seconds(n),
  action: 'changed' as const,
  object: { kind: 'BGPAdvertisement', namespace: 'metallb-system', name: 'a' },
});

/** Routes of many neighbors for one prefix. */
const fromMany = (count: number): Case['given'] => ({
  neighbors: Object.fromEntries(Array.from({ length: count }, (_, i) => [i + 1, up(i + 1)])),
  routes: Array.from({ length: count }, (_, i) => [i + 1, '203.0.113.5/32']),
});

export const routeCases: Record<string, Case[]> = {
  'odd-next-hop': [
    {
      name: 'an IPv4-mapped next hop of IPv6 routes',
      given: {
        objects: cluster,
        neighbors: { 1: up(1, both) },
        routes: [
          [1, 'fc00::1/128', { nextHop: '::ffff:192.0.2.11' }],
          [1, 'fc00::2/128', { nextHop: '::ffff:192.0.2.11' }],
        ],
      },
      found: [
        /announces fc00::1\/128 and 1 more route with the next hop ::ffff:192\.0\.2\.11: an IPv4 address written as IPv6/,
      ],
    },
    {
      name: 'a link-local next hop over an IPv4 session',
      given: { neighbors: { 1: up(1, both) }, routes: [[1, 'fc00::1/128', { nextHop: 'fe80::1' }]] },
      found: ['a link-local address, because the interface of the session has no global one'],
    },
    {
      name: 'no address at all',
      given: { neighbors: { 1: up(1, both) }, routes: [[1, '203.0.113.5/32', { nextHop: '0.0.0.0' }]] },
      found: ['no address at all'],
    },
    {
      name: 'an address that is not the node’s',
      given: {
        objects: cluster,
        neighbors: { 1: up(1) },
        routes: [[1, '203.0.113.5/32', { nextHop: '198.51.100.7' }]],
      },
      found: ['not one of the addresses of node node-1'],
    },
    {
      name: 'silent: the address of the session',
      given: { objects: cluster, neighbors: { 1: up(1) }, routes: [[1, '203.0.113.5/32', { nextHop: '192.0.2.11' }]] },
      found: [],
    },
    {
      name: 'silent: a link-local one of an unnumbered session',
      given: {
        neighbors: { 1: up(1, { ...both, remoteAddress: 'fe80::11%eth0' }) },
        routes: [[1, 'fc00::1/128', { nextHop: 'fe80::11' }]],
      },
      found: [],
    },
    {
      name: 'silent: a global one with a link-local one beside it',
      given: {
        neighbors: { 1: up(1, both) },
        routes: [[1, 'fc00::1/128', { nextHop: '2001:db8::11', nextHopLinkLocal: 'fe80::1' }]],
      },
      found: [],
    },
    {
      name: 'silent: the addresses of the node are not known in that family',
      given: {
        objects: cluster,
        neighbors: { 1: up(1, both) },
        routes: [[1, 'fc00::1/128', { nextHop: '2001:db8::11' }]],
      },
      found: [],
    },
  ],
  'announced-without-endpoints': [
    {
      name: 'the last endpoint is gone and the route is not',
      given: {
        objects: [...cluster, service('web', ['203.0.113.5']), slice('web', [])],
        neighbors: { 1: up(1), 2: up(2) },
        routes: [
          [1, '203.0.113.5/32'],
          [2, '203.0.113.5/32', { nextHop: '192.0.2.12' }],
        ],
      },
      found: [/203\.0\.113\.5\/32 is still announced by 2 nodes \(node-1 and node-2\) although .*no serving endpoint/],
    },
    {
      name: 'the service is gone',
      given: { objects: cluster, neighbors: { 1: up(1) }, routes: [[1, '203.0.113.9/32']] },
      found: ['no Service has an address in 203.0.113.9/32'],
    },
    {
      name: 'silent: it is served',
      given: { objects: served, neighbors: { 1: up(1) }, routes: [[1, '203.0.113.5/32']] },
      found: [],
    },
    {
      name: 'silent: a prefix that has nothing to do with MetalLB',
      given: { objects: served, neighbors: { 1: up(1) }, routes: [[1, '10.244.0.0/26']] },
      found: [],
    },
  ],
  'foreign-prefixes': [
    {
      name: 'pod networks on the session of a BGPPeer',
      given: {
        objects: served,
        neighbors: { 1: up(1) },
        routes: [
          [1, '203.0.113.5/32'],
          [1, '10.244.0.0/26'],
          [1, '10.244.1.0/26'],
        ],
      },
      found: [
        'node-1 announces 2 routes (10.244.0.0/26 and 10.244.1.0/26) that no IPAddressPool has anything to do with',
      ],
    },
    {
      name: 'silent: an address of a pool that nobody has, and a block around the pool',
      given: {
        objects: served,
        neighbors: { 1: up(1) },
        routes: [
          [1, '203.0.113.9/32'],
          [1, '203.0.0.0/16'],
        ],
      },
      found: [],
    },
    {
      name: 'silent: an FRRConfiguration asks for it',
      given: {
        objects: [
          ...served,
          frrConfiguration('extra', {
            routers: [
              {
                prefixes: ['10.244.0.0/26'],
                neighbors: [{ address: '192.0.2.1', toAdvertise: { allowed: { mode: 'all' } } }],
              },
            ],
          }),
        ],
        options: { mode: 'frr-k8s' },
        neighbors: { 1: up(1) },
        routes: [[1, '10.244.0.0/26']],
      },
      found: [],
    },
  ],
  'many-paths': [
    {
      name: 'twenty nodes announce one prefix',
      given: fromMany(20),
      found: [
        '203.0.113.5/32 has 20 next hops, and 1 of the 1 prefixes looked at have more than 16. A router that takes 16 paths at most sends nothing to the other 4',
      ],
    },
    {
      name: 'more than most routers take',
      given: fromMany(70),
      found: ['A router that takes 64 paths at most'],
      severity: 'warning',
    },
    { name: 'silent: sixteen', given: fromMany(16), found: [] },
    {
      name: 'silent: two sessions of each node',
      given: {
        ...fromMany(20),
        neighbors: Object.fromEntries(
          Array.from({ length: 20 }, (_, i) => [i + 1, up(i + 1, { node: `node-${i >> 1}` })]),
        ),
      },
      found: [],
    },
  ],
  'unequal-paths': [
    {
      name: 'another MED from one node',
      given: {
        neighbors: { 1: up(1), 2: up(2), 3: up(3) },
        routes: [
          [1, '203.0.113.5/32', { med: 0 }],
          [2, '203.0.113.5/32', { med: 0 }],
          [3, '203.0.113.5/32', { med: 10 }],
        ],
      },
      found: [
        '203.0.113.5/32 comes with different MED from different nodes: of 3 next hops a router uses the best 2 only',
      ],
    },
    {
      name: 'another LOCAL_PREF: the higher one is the best',
      given: {
        neighbors: { 1: up(1), 2: up(2) },
        routes: [
          [1, '203.0.113.5/32', { localPref: 100 }],
          [2, '203.0.113.5/32', { localPref: 200 }],
          [1, '203.0.113.6/32', { localPref: 100 }],
          [2, '203.0.113.6/32', { localPref: 200 }],
        ],
      },
      found: ['203.0.113.5/32 and 1 more prefix come with different LOCAL_PREF'],
    },
    {
      name: 'silent: communities and next hops may differ',
      given: {
        neighbors: { 1: up(1), 2: up(2) },
        routes: [
          [1, '203.0.113.5/32', { communities: ['64512:1'] }],
          [2, '203.0.113.5/32', { nextHop: '192.0.2.12' }],
        ],
      },
      found: [],
    },
    {
      name: 'silent: no MED, and a MED of 0',
      given: {
        neighbors: { 1: up(1), 2: up(2) },
        routes: [
          [1, '203.0.113.5/32', { med: null }],
          [2, '203.0.113.5/32', { med: 0 }],
        ],
      },
      found: [],
    },
  ],
  'edit-without-effect': [
    {
      name: 'routes wrong since an edit, and no UPDATE since it',
      given: {
        objects: served,
        neighbors: { 1: up(1, { lastUpdateAt: minutes(30) }), 2: up(2, { lastUpdateAt: seconds(10) }) },
        judgedAt: seconds(60),
        edits: [edit(62)],
      },
      found: [/BGPAdvertisement a was changed 62 s ago .*node-1 \(192\.0\.2\.11\) has sent no UPDATE since: 1 route/],
    },
    {
      name: 'silent: wrong long before the edit',
      given: { objects: served, neighbors: { 1: up(1) }, judgedAt: minutes(20), edits: [edit(62)] },
      found: [],
    },
    {
      name: 'silent: it sent something since, though the wrong thing',
      given: {
        objects: served,
        neighbors: { 1: up(1, { lastUpdateAt: seconds(30) }) },
        judgedAt: seconds(60),
        edits: [edit(62)],
      },
      found: [],
    },
    {
      name: 'silent: everything is as expected',
      given: {
        objects: served,
        neighbors: { 1: up(1), 2: up(2) },
        routes: [
          [1, '203.0.113.5/32'],
          [2, '203.0.113.5/32', { nextHop: '192.0.2.12' }],
        ],
        judgedAt: seconds(60),
        edits: [edit(62)],
      },
      found: [],
    },
  ],
};
