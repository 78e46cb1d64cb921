import { describe, expect, it } from 'vitest';
import type { ExpectOptions } from '../../../src/metallb/types.ts';
import {
  advertisement,
  bfdProfile,
  frrConfiguration,
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

const iBGP = { peerASN: 64512 };
const prefix = '10.0.0.1/32';
/** Two nodes with a session each, and one service. */
const cluster = (attributes: object = {}, peerSpec: object = {}): KubeObject[] => [
  node('node-a', 11),
  node('node-b', 12),
  peer('tor', { ...iBGP, ...peerSpec }),
  pool('p', ['10.0.0.0/24']),
  advertisement('a', attributes),
  service('web', ['10.0.0.1']),
  slice('web', ['node-a']),
];

/** What another FRRConfiguration says of the neighbor that is BGPPeer tor, too. */
const toTor = (toAdvertise: object, neighbor: object = {}, router: object = {}): object => ({
  routers: [
    {
      asn: 64512,
      ...router,
      neighbors: [{ address: '192.0.2.1', asn: 64512, toAdvertise, ...neighbor }],
    },
  ],
});
const communities = (...list: string[]): object => ({
  withCommunity: list.map((community) => ({ community, prefixes: [prefix] })),
});
const localPref = (value: number, of = prefix): object => ({ withLocalPref: [{ localPref: value, prefixes: [of] }] });
const onNodeB = { nodeSelector: { matchLabels: { 'kubernetes.io/hostname': 'node-b' } } };

interface Row {
  title: string;
  objects: KubeObject[];
  options?: Partial<ExpectOptions>;
  expected: { localPref?: number; communities?: string[]; largeCommunities?: string[]; named?: boolean };
}

const rows: Row[] = [
  {
    title: 'communities are added to those of the BGPAdvertisement',
    objects: [
      ...cluster({ communities: ['64512:7'] }),
      frrConfiguration('x', toTor(communities('64512:9', '64512:7', 'large:64512:1:2'))),
    ],
    expected: { communities: ['64512:7', '64512:9'], largeCommunities: ['64512:1:2'], named: true },
  },
  {
    title: 'several FRRConfigurations add theirs',
    objects: [
      ...cluster(),
      frrConfiguration('x', toTor(communities('64512:1'))),
      frrConfiguration('y', toTor(communities('64512:2'))),
    ],
    expected: { communities: ['64512:1', '64512:2'], named: true },
  },
  {
    title: 'a localPref is set where the BGPAdvertisement sets none',
    objects: [...cluster(), frrConfiguration('x', toTor(localPref(300)))],
    expected: { localPref: 300, named: true },
  },
  {
    title: 'the same localPref twice is one',
    objects: [...cluster({ localPref: 300 }), frrConfiguration('x', toTor(localPref(300)))],
    expected: { localPref: 300, named: true },
  },
  {
    title: 'the prefix is compared as routers write it',
    objects: [
      ...cluster(),
      frrConfiguration('x', toTor({ withCommunity: [{ community: '64512:9', prefixes: ['10.0.0.001/32', prefix] }] })),
    ],
    expected: { communities: ['64512:9'], named: true },
  },
  {
    title: 'another prefix is not meant',
    objects: [...cluster(), frrConfiguration('x', toTor(localPref(300, '10.0.0.2/32')))],
    expected: { localPref: 100 },
  },
  {
    title: 'another neighbor is not meant',
    objects: [...cluster(), frrConfiguration('x', toTor(communities('64512:9'), { address: '192.0.2.2' }))],
    expected: { communities: [] },
  },
  {
    title: 'the same address in another VRF is not meant',
    objects: [...cluster(), frrConfiguration('x', toTor(communities('64512:9'), {}, { vrf: 'red' }))],
    expected: { communities: [] },
  },
  {
    title: 'the same VRF is',
    objects: [...cluster({}, { vrf: 'red' }), frrConfiguration('x', toTor(communities('64512:9'), {}, { vrf: 'red' }))],
    expected: { communities: ['64512:9'], named: true },
  },
  {
    title: 'an unnumbered neighbor is known by its interface',
    objects: [
      ...cluster({}, { peerAddress: '', interface: 'eth1' }),
      frrConfiguration('x', toTor(communities('64512:9'), { address: '', interface: 'eth1' })),
      frrConfiguration('y', toTor(communities('64512:8'), { address: '', interface: 'eth2' })),
    ],
    expected: { communities: ['64512:9'], named: true },
  },
  {
    title: 'other nodes are not meant',
    objects: [...cluster(), frrConfiguration('x', toTor(communities('64512:9')), onNodeB)],
    expected: { communities: [] },
  },
  {
    title: 'what is no community adds nothing',
    objects: [...cluster(), frrConfiguration('x', toTor(communities('64512:99999', 'no-export')))],
    expected: { communities: [] },
  },
  {
    title: 'the speaker’s own configuration adds nothing',
    objects: [...cluster(), frrConfiguration('metallb-node-a', toTor(communities('64512:9')))],
    expected: { communities: [] },
  },
  {
    title: 'frr mode has no FRRConfigurations',
    objects: [...cluster(), frrConfiguration('x', toTor(communities('64512:9')))],
    options: { mode: 'frr' },
    expected: { communities: [] },
  },
];

describe('what other FRRConfigurations add to a route of MetalLB', () => {
  it.each(rows)('$title', ({ objects, options, expected: { named = false, ...attributes } }) => {
    const table = tableOf(objects, { mode: 'frr-k8s', ...options });
    const route = table.route('node-a', 'tor', prefix);
    expect(route).toMatchObject(attributes);
    const kinds = route!.chain.flatMap((link) => link.objects.map(({ kind }) => kind));
    expect(kinds.includes('FRRConfiguration')).toBe(named);
    expect(table.refusals).toEqual([]);
  });

  it('is its own on every node, and nodes that differ in it are not alike', () => {
    const state = new TestCluster({ mode: 'frr-k8s' });
    const { table } = state.update(...cluster(), frrConfiguration('x', toTor(communities('64512:9')), onNodeB));
    expect(table.route('node-a', 'tor', prefix)?.communities).toEqual([]);
    expect(table.route('node-b', 'tor', prefix)?.communities).toEqual(['64512:9']);
    const { classes } = (table as typeof table & { alike(text: string): { classes: string[][] } }).alike(prefix);
    expect(classes).toEqual([['node-a'], ['node-b']]);
  });
});

/** BGPPeer, the same neighbor in an FRRConfiguration, and what frr-k8s says; null = it takes both. */
const neighborRows: [string, object, object, string | null][] = [
  ['another AS number of the neighbor', {}, { asn: 64999 }, 'multiple asns (64512 != 64999)'],
  ['another kind of AS number', {}, { asn: undefined, dynamicASN: 'internal' }, 'multiple asns (64512 != internal)'],
  ['another port', { peerPort: 1179 }, {}, 'multiple ports (1179 != 179)'],
  ['a port that is the default', {}, { port: 179 }, null],
  ['a password on one side', { password: 'a' }, {}, 'multiple passwords (one has a password, one has none)'],
  [
    'a Secret with a password on the other side',
    {},
    { passwordSecret: { name: 'x' } },
    'multiple passwords (one has a password, one has none)',
  ],
  ['passwords on both sides, which may be the same', { password: 'a' }, { passwordSecret: { name: 'x' } }, null],
  ['ebgpMultiHop on one side', { peerASN: 64999 }, { asn: 64999, ebgpMultiHop: true }, 'conflicting ebgp-multihop'],
  ['ebgpMultiHop on both sides', { peerASN: 64999, ebgpMultiHop: true }, { asn: 64999, ebgpMultiHop: true }, null],
  ['another hold time', { holdTime: '90s', keepaliveTime: '60s' }, {}, 'multiple hold times (90s != 180s)'],
  ['timers that are the defaults', { holdTime: '180s', keepaliveTime: '60s', connectTime: '60s' }, {}, null],
  [
    'a keepalive time that follows from the hold time',
    { holdTime: '9s' },
    { holdTime: '9s', keepaliveTime: '3s' },
    null,
  ],
  ['another keepalive time', {}, { keepaliveTime: '10s' }, 'multiple keepalive times (60s != 10s)'],
  ['another connect time', { connectTime: '5s' }, { connectTime: '7s' }, 'multiple connect times (5s != 7s)'],
];

describe('what frr-k8s refuses to merge', () => {
  const conflicts: { title: string; objects: KubeObject[]; refused: string[] }[] = [
    {
      title: 'another localPref for the same prefix',
      objects: [...cluster({ localPref: 200 }), frrConfiguration('x', toTor(localPref(300)))],
      refused: ['x: prefix 10.0.0.1/32 is configured with both local preference 200 and 300 (node-a,node-b)'],
    },
    {
      title: 'only on the nodes that it selects',
      objects: [...cluster({ localPref: 200 }), frrConfiguration('x', toTor(localPref(300)), onNodeB)],
      refused: ['x: prefix 10.0.0.1/32 is configured with both local preference 200 and 300 (node-b)'],
    },
    {
      title: 'two of them that differ',
      objects: [
        ...cluster(),
        frrConfiguration('x', toTor(localPref(300))),
        frrConfiguration('y', toTor(localPref(400))),
      ],
      refused: ['y: prefix 10.0.0.1/32 is configured with both local preference 300 and 400 (node-a,node-b)'],
    },
    {
      title: 'another AS number of the router',
      objects: [...cluster(), frrConfiguration('x', toTor({}, {}, { asn: 65000 }))],
      refused: ['x: different asns (64512 != 65000) specified for same vrf: default (node-a,node-b)'],
    },
    {
      title: 'another router ID',
      objects: [...cluster({}, { routerID: '10.9.9.1' }), frrConfiguration('x', toTor({}, {}, { id: '10.9.9.2' }))],
      refused: ['x: different router ids (10.9.9.1 != 10.9.9.2) specified for same vrf: default (node-a,node-b)'],
    },
    {
      title: 'no router ID, or the same one',
      objects: [
        ...cluster({}, { routerID: '10.9.9.1' }),
        frrConfiguration('x', toTor({})),
        frrConfiguration('y', toTor({}, {}, { id: '10.9.9.1' })),
      ],
      refused: [],
    },
    {
      title: 'two router IDs where the BGPPeer has none',
      objects: [
        ...cluster(),
        frrConfiguration('x', toTor({}, {}, { id: '10.9.9.1' })),
        frrConfiguration('y', toTor({}, {}, { id: '10.9.9.2' })),
      ],
      refused: ['y: different router ids (10.9.9.1 != 10.9.9.2) specified for same vrf: default (node-a,node-b)'],
    },
    ...neighborRows.map(([title, spec, neighbor, error]) => ({
      title,
      objects: [...cluster({}, spec), frrConfiguration('x', toTor({}, neighbor))],
      refused: error === null ? [] : [`x: ${error} specified for 192.0.2.1 (node-a,node-b)`],
    })),
    {
      title: 'a password that only one of two others has',
      objects: [
        ...cluster({}, { password: 'a' }),
        frrConfiguration('x', toTor({}, { password: 'a' })),
        frrConfiguration('y', toTor({})),
      ],
      refused: ['y: multiple passwords (one has a password, one has none) specified for 192.0.2.1 (node-a,node-b)'],
    },
    {
      title: 'another BFD profile',
      objects: [
        ...cluster({}, { bfdProfile: 'fast' }),
        bfdProfile('fast'),
        frrConfiguration('x', toTor({}, { bfdProfile: 'slow' })),
      ],
      refused: ['x: multiple bfd profiles (fast != slow) specified for 192.0.2.1 (node-a,node-b)'],
    },
    {
      title: 'nothing of another neighbor',
      objects: [...cluster({}, { peerPort: 1179 }), frrConfiguration('x', toTor({}, { address: '192.0.2.9' }))],
      refused: [],
    },
    {
      title: 'nothing in another VRF',
      objects: [
        ...cluster({ localPref: 200 }),
        frrConfiguration('x', toTor(localPref(300), {}, { asn: 65000, vrf: 'red' })),
      ],
      refused: [],
    },
  ];
  it.each(conflicts)('$title', ({ objects, refused }) => {
    const table = tableOf(objects, { mode: 'frr-k8s' });
    const texts = table.refusals.map(({ object, error, nodes }) => `${object.name}: ${error} (${nodes.join()})`);
    expect(texts).toEqual(refused);
    for (const { code, stage, object } of table.refusals)
      expect([code, stage, object.kind]).toEqual(['frr-configuration-conflict', 'runtime', 'FRRConfiguration']);
  });

  it('leaves the routes as they were before', () => {
    const state = new TestCluster({ mode: 'frr-k8s' });
    const before = cluster({ localPref: 200 });
    state.update(...before);
    const { table } = state.update(...before, frrConfiguration('x', toTor(localPref(300))));
    expect(routeNames(table)).toEqual([`node-a tor ${prefix}`, `node-b tor ${prefix}`]);
    expect(table.route('node-a', 'tor', prefix)?.localPref).toBe(200);
    expect(table.nodes.get('node-a')?.staleConfig).toContain('local preference');
  });
});

describe('a node whose neighbors come from FRRConfigurations alone', () => {
  const onNodeA = { nodeSelectors: [{ matchLabels: { 'kubernetes.io/hostname': 'node-a' } }] };
  const table = tableOf(
    [
      ...cluster({}, onNodeA),
      frrConfiguration('all', {
        routers: [
          {
            asn: 64512,
            prefixes: ['172.16.0.0/16'],
            neighbors: [{ address: '192.0.2.9', toAdvertise: { allowed: { mode: 'all' } } }],
          },
        ],
      }),
    ],
    { mode: 'frr-k8s' },
  );

  it('announces nothing of MetalLB: its speaker has no session to hand anything to', () => {
    expect(table.session('node-b', 'tor')).toBeUndefined();
    expect(table.foreign('node-b', null, prefix)).toBeUndefined();
    expect(table.foreign('node-a', null, prefix)?.name).toBe('all');
  });
  it('announces what they ask for', () => expect(table.foreign('node-b', null, '172.16.0.0/16')?.name).toBe('all'));
});
