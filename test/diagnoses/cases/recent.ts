import { advertisement, node, peer, pool, service, slice } from '../../support/metallb-objects.ts';
import { type Case, down, minutes, now, seconds, up } from '../facts.ts';

const services = Array.from({ length: 20 }, (_, i) => service(`web-${i}`, [`203.0.113.${i}`]));
const cluster = [
  node('node-1', 11),
  peer('tor-1'),
  pool('block', ['203.0.113.0/24']),
  advertisement('a'),
  ...services,
  ...services.map(({ metadata }) => slice(metadata.name, ['node-1'])),
];
const twenty = services.map((_, i): [number, string] => [1, `203.0.113.${i}/32`]);
/** Gaps of the first `count` prefixes that began `ago` seconds ago and took `ms`. */
const gaps = (count: number, ago: number, ms: number) =>
  twenty.slice(0, count).map(([, prefix], i) => ({ prefix, from: seconds(ago) + i * 50, to: seconds(ago) + ms }));
const times = (prefix: string, ...ago: number[]) =>
  ago.map((n) => ({ prefix, from: seconds(n), to: seconds(n) + 2_000 }));
const problem = (code: number, text: string, ago = 30) => ({ at: seconds(ago), text, attributes: [code] });
const moves = (...list: [ago: number, from: string, to: string][]) =>
  list.map(([ago, from, to]) => ({ at: seconds(ago), service: 'default/web-1', from: [from], to: [to] }));
const poolEdit = (ago: number) => ({
  at: seconds(ago),
  action: 'changed' as const,
  object: { kind: 'IPAddressPool', namespace: 'metallb-system', name: 'block' },
});

export const recentCases: Record<string, Case[]> = {
  'returning-node': [
    {
      name: 'a route that vanished and came back just after the session came up',
      given: {
        neighbors: { 1: up(1, { establishedAt: seconds(100) }) },
        routes: twenty,
        gaps: { 1: times('203.0.113.1/32', 90) },
      },
      found: [
        /After node-1 \(192\.0\.2\.11\) came up, 1 route \(203\.0\.113\.1\/32\) appeared, vanished within 60 s and came back, gone for up to 2 s/,
      ],
    },
    {
      name: 'silent: the collector itself has just started',
      given: {
        startedAt: seconds(105),
        neighbors: { 1: up(1, { establishedAt: seconds(100) }) },
        routes: twenty,
        gaps: { 1: times('203.0.113.1/32', 90) },
      },
      found: [],
    },
    {
      name: 'silent: long after it came up',
      given: {
        neighbors: { 1: up(1, { establishedAt: minutes(20) }) },
        routes: twenty,
        gaps: { 1: times('203.0.113.1/32', 90) },
      },
      found: [],
    },
    {
      name: 'silent: nothing vanished',
      given: { neighbors: { 1: up(1, { establishedAt: seconds(100) }) }, routes: twenty },
      found: [],
    },
    {
      name: 'silent: everything vanished at once, which is a reload',
      given: {
        neighbors: { 1: up(1, { establishedAt: seconds(100) }) },
        routes: twenty,
        gaps: { 1: gaps(19, 90, 10_000) },
      },
      found: [],
    },
  ],
  'prefix-flapping': [
    {
      name: 'three times in ten minutes',
      given: { neighbors: { 1: up(1) }, routes: twenty, gaps: { 1: times('203.0.113.1/32', 500, 300, 100) } },
      found: ['203.0.113.1/32 3 times, while the session stayed up'],
    },
    {
      name: 'silent: twice',
      given: { neighbors: { 1: up(1) }, routes: twenty, gaps: { 1: times('203.0.113.1/32', 300, 100) } },
      found: [],
    },
    {
      name: 'silent: three routes once each',
      given: {
        neighbors: { 1: up(1) },
        routes: twenty,
        gaps: { 1: ['1', '2', '3'].flatMap((n) => times(`203.0.113.${n}/32`, 100)) },
      },
      found: [],
    },
    {
      name: 'silent: over an hour',
      given: { neighbors: { 1: up(1) }, routes: twenty, gaps: { 1: times('203.0.113.1/32', 3500, 1800, 100) } },
      found: [],
    },
  ],
  'reload-storm': [
    {
      name: '19 of 20 routes away for ten seconds',
      given: { objects: cluster, neighbors: { 1: up(1) }, routes: twenty, gaps: { 1: gaps(19, 90, 10_000) } },
      found: [
        /withdrew 19 of its 20 routes \(203\.0\.113\.0\/32, .*\) at .* announced them again within 10 s, in the same session; services hit: default\/web-0/,
      ],
    },
    {
      name: 'silent: a few routes',
      given: { objects: cluster, neighbors: { 1: up(1) }, routes: twenty, gaps: { 1: gaps(9, 90, 10_000) } },
      found: [],
    },
    {
      name: 'silent: one by one over a quarter of an hour',
      given: {
        objects: cluster,
        neighbors: { 1: up(1) },
        routes: twenty,
        gaps: { 1: twenty.flatMap(([, prefix], i) => times(prefix, 900 - i * 40)) },
      },
      found: [],
    },
    {
      name: 'silent: most of a small table',
      given: { neighbors: { 1: up(1) }, routes: twenty.slice(0, 6), gaps: { 1: gaps(6, 90, 10_000) } },
      found: [],
    },
  ],
  'next-hop-churn': [
    {
      name: 'four sessions ended within ten minutes',
      given: {
        neighbors: { 1: up(1), 2: up(2) },
        ends: { 1: [{ at: seconds(500) }, { at: seconds(300) }], 2: [{ at: seconds(200) }, { at: seconds(100) }] },
      },
      found: ['4 sessions (of node-1 and node-2) ended'],
    },
    {
      name: 'silent: attempts that never came up have no next hop',
      given: {
        neighbors: { 1: down(1, {}) },
        ends: { 1: [5, 4, 3, 2, 1].map((n) => ({ at: seconds(n * 60), wasUp: false })) },
      },
      found: [],
    },
    {
      name: 'silent: two nodes restarted',
      given: { neighbors: { 1: up(1), 2: up(2) }, ends: { 1: [{ at: seconds(500) }], 2: [{ at: seconds(200) }] } },
      found: [],
    },
  ],
  'malformed-updates': [
    {
      name: 'LOCAL_PREF on an external session',
      given: { neighbors: { 1: up(1) }, malformed: { 1: [problem(5, 'from an external neighbor (RFC 7606 §7.5)')] } },
      found: ['sent 1 malformed UPDATE in the last 10 min. Last: from an external neighbor'],
    },
    {
      name: 'an AS_PATH that cannot be read',
      given: { neighbors: { 1: up(1) }, malformed: { 1: [problem(2, 'a'), problem(2, 'b')] } },
      found: ['sent 2 malformed UPDATEs'],
    },
    {
      name: 'silent: half an hour ago',
      given: { neighbors: { 1: up(1) }, malformed: { 1: [problem(5, 'a', 1800)] } },
      found: [],
    },
  ],
  'object-fought-over': [
    {
      name: 'a pool that is changed every minute',
      given: { objects: cluster, edits: [360, 300, 240, 180, 120, 60].map(poolEdit) },
      found: ['IPAddressPool block was changed 6 times in the last 10 min'],
    },
    {
      name: 'silent: somebody at work',
      given: { objects: cluster, edits: [360, 300, 60].map(poolEdit) },
      found: [],
    },
    {
      name: 'silent: as often over an hour',
      given: { objects: cluster, edits: [3000, 2400, 1800, 1200, 240, 60].map(poolEdit) },
      found: [],
    },
    {
      name: 'silent: services, of which controllers write the status',
      given: {
        objects: cluster,
        edits: [360, 300, 240, 180, 120, 60].map((ago) => ({
          ...poolEdit(ago),
          object: { kind: 'Service', namespace: 'default', name: 'web-1' },
        })),
      },
      found: [],
    },
  ],
  'service-moved': [
    {
      name: 'another address just after an edit of the pool',
      given: { objects: cluster, addressEdits: moves([60, '198.51.100.1', '203.0.113.1']), edits: [poolEdit(62)] },
      found: ['default/web-1 moved from 198.51.100.1 to 203.0.113.1 60 s ago, after IPAddressPool block was changed'],
    },
    {
      name: 'silent: the service itself asked for it',
      given: { objects: cluster, addressEdits: moves([60, '198.51.100.1', '203.0.113.1']) },
      found: [],
    },
    {
      name: 'silent: the pool was edited long before',
      given: { objects: cluster, addressEdits: moves([60, '198.51.100.1', '203.0.113.1']), edits: [poolEdit(1_000)] },
      found: [],
    },
    {
      name: 'silent: its first address',
      given: {
        objects: cluster,
        addressEdits: [{ at: now - 60_000, service: 'default/web-1', from: [], to: ['203.0.113.1'] }],
        edits: [poolEdit(62)],
      },
      found: [],
    },
  ],
  'address-flipping': [
    {
      name: 'two controllers that overwrite each other',
      given: {
        objects: cluster,
        addressEdits: moves(
          [90, '203.0.113.1', '192.0.2.200'],
          [60, '192.0.2.200', '203.0.113.1'],
          [30, '203.0.113.1', '192.0.2.200'],
        ),
      },
      found: [
        'The address of default/web-1 changed 3 times in the last 10 min, to and fro between 203.0.113.1 and 192.0.2.200',
      ],
    },
    {
      name: 'silent: three different addresses, one after the other',
      given: {
        objects: cluster,
        addressEdits: moves(
          [90, '203.0.113.1', '203.0.113.2'],
          [60, '203.0.113.2', '203.0.113.3'],
          [30, '203.0.113.3', '203.0.113.4'],
        ),
      },
      found: [],
    },
    {
      name: 'silent: there and back once',
      given: {
        objects: cluster,
        addressEdits: moves([90, '203.0.113.1', '192.0.2.200'], [60, '192.0.2.200', '203.0.113.1']),
      },
      found: [],
    },
  ],
};
