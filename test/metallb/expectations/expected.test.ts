import { describe, expect, it } from 'vitest';
import type { BGPMode, ExpectedRoute, ExpectOptions } from '../../../src/metallb/types.ts';
import {
  advertisement,
  communityAliases,
  type KubeObject,
  node,
  peer,
  pool,
  routeNames,
  service,
  slice,
  tableOf,
} from '../../support/metallb-objects.ts';

const [a, b] = [node('node-a', 11), node('node-b', 12)];
const tor = peer('tor');
const p = pool('p', ['10.0.0.0/24', '2001:db8:1::/120'], { zone: 'east' });
const all = advertisement('all');
const web = [service('web', ['10.0.0.1']), slice('web', ['node-a'])];
const [onA, onB] = ['node-a tor 10.0.0.1/32', 'node-b tor 10.0.0.1/32'];

describe('which pools', () => {
  it.each<[string, object, boolean]>([
    ['all without names and selectors', {}, true],
    ['the named one', { ipAddressPools: ['p'] }, true],
    ['the selected one', { ipAddressPoolSelectors: [{ matchLabels: { zone: 'east' } }] }, true],
    [
      'the union of both',
      { ipAddressPools: ['other'], ipAddressPoolSelectors: [{ matchLabels: { zone: 'east' } }] },
      true,
    ],
    ['none where the selector matches nothing', { ipAddressPoolSelectors: [{ matchLabels: { zone: 'west' } }] }, false],
    ['none where the name matches nothing', { ipAddressPools: ['other'] }, false],
  ])('%s', (_, spec, announced) => {
    expect(routeNames(tableOf([a, tor, p, advertisement('x', spec), ...web]))).toEqual(announced ? [onA] : []);
  });
});

describe('which nodes', () => {
  it.each<[string, KubeObject, Partial<ExpectOptions>, string | undefined]>([
    ['one that is like others', node('node-b', 12), {}, undefined],
    [
      'one of whose network nothing is known',
      {
        ...node('node-b', 12),
        status: { addresses: [], conditions: [{ type: 'NetworkUnavailable', status: 'Unknown' }] },
      },
      {},
      undefined,
    ],
    ['not one without network', node('node-b', 12, { networkUnavailable: true }), {}, 'nodeNetworkUnavailable'],
    [
      'not one with the exclude label, whatever its value',
      node('node-b', 12, { labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': 'false' } }),
      {},
      'nodeLabeledExcludeBalancers',
    ],
    [
      'one with the label, when speakers ignore it',
      node('node-b', 12, { labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': '' } }),
      { ignoreExcludeLB: true },
      undefined,
    ],
    [
      'one that is cordoned',
      node('node-b', 12, { taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] }),
      {},
      undefined,
    ],
    [
      'a control-plane node',
      node('node-b', 12, { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] }),
      {},
      undefined,
    ],
    [
      'not one with a taint that speakers do not tolerate',
      node('node-b', 12, { taints: [{ key: 'gpu', effect: 'NoSchedule' }] }),
      {},
      'noSpeaker',
    ],
    [
      'one with a taint that is only a preference',
      node('node-b', 12, { taints: [{ key: 'gpu', effect: 'PreferNoSchedule' }] }),
      {},
      undefined,
    ],
    [
      'not one that runs something else than linux',
      node('node-b', 12, { labels: { 'kubernetes.io/os': 'windows' } }),
      {},
      'noSpeaker',
    ],
  ])('%s', (_, second, options, reason) => {
    const table = tableOf([a, second, tor, p, all, ...web], options);
    expect(routeNames(table)).toEqual(reason === undefined ? [onA, onB] : [onA]);
    expect(table.notAnnounced).toMatchObject(
      reason === undefined ? [] : [{ service: 'default/web', node: 'node-b', reason }],
    );
    expect(table.whyNot('node-b', 'tor', '10.0.0.1/32')?.reason).toBe(reason);
  });
});

describe('which endpoints', () => {
  const local = { spec: { externalTrafficPolicy: 'Local' } };
  it.each<[string, KubeObject, KubeObject, string[]]>([
    ['ready', service('web', ['10.0.0.1']), slice('web', ['node-a'], { ready: true }), [onA, onB]],
    ['of which nothing is said', service('web', ['10.0.0.1']), slice('web', ['node-a'], {}), [onA, onB]],
    [
      'terminating but serving',
      service('web', ['10.0.0.1']),
      slice('web', ['node-a'], { ready: false, serving: true, terminating: true }),
      [onA, onB],
    ],
    ['not ready', service('web', ['10.0.0.1']), slice('web', ['node-a'], { ready: false, serving: false }), []],
    ['of another service', service('web', ['10.0.0.1']), slice('other', ['node-a']), []],
    ['none', service('web', ['10.0.0.1']), slice('web', []), []],
    ['on the node, with policy Local', service('web', ['10.0.0.1'], local), slice('web', ['node-b']), [onB]],
    [
      'not ready on the node, with policy Local',
      service('web', ['10.0.0.1'], local),
      slice('web', ['node-b'], { ready: false }),
      [],
    ],
    [
      'of the other family',
      service('web', ['10.0.0.1']),
      { ...slice('web', ['node-a']), addressType: 'IPv6' },
      [onA, onB],
    ],
  ])('%s', (_, svc, endpoints, routes) =>
    expect(routeNames(tableOf([a, b, tor, p, all, svc, endpoints]))).toEqual(routes),
  );
});

describe('which services', () => {
  it.each<[string, KubeObject, Partial<ExpectOptions>, string | undefined]>([
    ['of type LoadBalancer only', service('web', ['10.0.0.1'], { spec: { type: 'ClusterIP' } }), {}, 'notLoadBalancer'],
    [
      'of another class not',
      service('web', ['10.0.0.1'], { spec: { loadBalancerClass: 'x/y' } }),
      {},
      'loadBalancerClass',
    ],
    [
      'of our class',
      service('web', ['10.0.0.1'], { spec: { loadBalancerClass: 'x/y' } }),
      { loadBalancerClass: 'x/y' },
      undefined,
    ],
    [
      'without a class not, when we have one',
      service('web', ['10.0.0.1']),
      { loadBalancerClass: 'x/y' },
      'loadBalancerClass',
    ],
    ['without an address not', service('web', []), {}, 'noIPAllocated'],
    ['with a host name not', service('web', ['']), {}, 'invalidIP'],
    ['with an address of no pool not', service('web', ['192.0.2.77']), {}, 'ipNotAllowed'],
    ['with addresses of two pools not', service('web', ['10.0.0.1', '10.7.0.1']), {}, 'ipNotAllowed'],
    ['with an address in any spelling', service('web', ['2001:0db8:1::0001']), {}, undefined],
  ])('%s', (_, svc, options, reason) => {
    const table = tableOf(
      [
        a,
        peer('tor', { dualStackAddressFamily: true }),
        p,
        pool('q', ['10.7.0.0/24']),
        all,
        svc,
        slice('web', ['node-a']),
      ],
      options,
    );
    expect(table.notAnnounced.map((row) => row.reason)).toEqual(
      reason === undefined || reason === 'notLoadBalancer' ? [] : [reason],
    );
    expect(routeNames(table)).toHaveLength(reason === undefined ? 1 : 0);
  });
});

describe('serviceSelectors', () => {
  const only = (name: string, tier: string, spec: object = {}): KubeObject =>
    advertisement(name, { serviceSelectors: [{ matchLabels: { tier } }], ...spec });
  const gold = [service('web', ['10.0.0.1'], { labels: { tier: 'gold' } }), slice('web', ['node-a'])];

  it('add to the advertisements for all', () => {
    const table = tableOf([
      a,
      tor,
      p,
      advertisement('all', { communities: ['1:1'] }),
      only('gold', 'gold', { communities: ['1:2'] }),
      ...gold,
    ]);
    expect(table.route('node-a', 'tor', '10.0.0.1/32')).toMatchObject({
      communities: ['1:1', '1:2'],
      chain: [{ advertisement: 'all' }, { advertisement: 'gold' }],
    });
  });
  it('that want another localPref stop the service on the nodes where both apply', () => {
    const table = tableOf([
      a,
      b,
      tor,
      p,
      advertisement('all', { localPref: 100 }),
      only('gold', 'gold', {
        localPref: 200,
        nodeSelectors: [{ matchLabels: { 'kubernetes.io/hostname': 'node-b' } }],
      }),
      ...gold,
    ]);
    expect(routeNames(table)).toEqual([onA]);
    expect(table.notAnnounced).toMatchObject([{ node: 'node-b', reason: 'conflictingAdvertisements' }]);
  });
});

describe('which attributes', () => {
  const rr = peer('tor', { peerASN: 64512 });
  const route = (mode: BGPMode, ...objects: KubeObject[]): ExpectedRoute | undefined =>
    tableOf([a, pool('p', ['10.0.0.0/24']), ...web, ...objects], { mode }).route('node-a', 'tor', '10.0.0.1/32');

  it.each<[string, BGPMode, KubeObject[], Partial<ExpectedRoute>]>([
    [
      'eBGP carries no LOCAL_PREF',
      'frr',
      [tor, advertisement('x', { localPref: 200 })],
      { localPref: null, asPath: [64512], med: 0, origin: 'igp', nextHop: 'self', family: 4 },
    ],
    ['iBGP of FRR carries 100 where nothing is set', 'frr', [rr, all], { localPref: 100, asPath: [] }],
    ['iBGP of FRR carries what is set', 'frr-k8s', [rr, advertisement('x', { localPref: 200 })], { localPref: 200 }],
    ['iBGP of native carries 0 where nothing is set', 'native', [rr, all], { localPref: 0, med: null }],
    ['native has no MED', 'native', [tor, all], { med: null, localPref: null }],
    [
      'dynamicASN internal is iBGP',
      'frr',
      [peer('tor', { peerASN: 0, dynamicASN: 'internal' }), all],
      { localPref: 100, asPath: [] },
    ],
    [
      'dynamicASN external is eBGP',
      'frr',
      [peer('tor', { peerASN: 0, dynamicASN: 'external' }), all],
      { localPref: null, asPath: [64512] },
    ],
    ['localASN stands alone in the path', 'frr', [peer('tor', { localASN: 65010 }), all], { asPath: [65010] }],
    [
      'localASN that is the peer AS makes it iBGP',
      'frr',
      [peer('tor', { localASN: 64500 }), all],
      { asPath: [], localPref: 100 },
    ],
    [
      'localASN makes eBGP of iBGP',
      'frr',
      [peer('tor', { peerASN: 64512, localASN: 65010 }), all],
      { asPath: [65010], localPref: null },
    ],
    ['localASN is not passed on by frr-k8s', 'frr-k8s', [peer('tor', { localASN: 65010 }), all], { asPath: [64512] }],
    [
      'communities are sorted as text, each once, large ones apart',
      'frr',
      [
        tor,
        communityAliases('c', [{ name: 'edge', value: '9:9' }]),
        advertisement('x', { communities: ['9:9', 'edge', '10:1', 'large:5:6:7'] }),
      ],
      { communities: ['10:1', '9:9'], largeCommunities: ['5:6:7'] },
    ],
  ])('%s', (_, mode, objects, attributes) => expect(route(mode, ...objects)).toMatchObject(attributes));

  const shared = (first: number, second: number): KubeObject[] => [
    service('x', ['10.0.0.1'], { labels: { s: 'x' } }),
    slice('x', ['node-a']),
    service('y', ['10.0.0.1'], { labels: { s: 'y' } }),
    slice('y', ['node-a']),
    advertisement('x', { serviceSelectors: [{ matchLabels: { s: 'x' } }], localPref: first }),
    advertisement('y', { serviceSelectors: [{ matchLabels: { s: 'y' } }], localPref: second }),
  ];
  it.each<[string, BGPMode, number, number, Partial<ExpectedRoute>]>([
    ['frr takes the last of two localPref as text', 'frr', 90, 100, { localPref: 90 }],
    ['frr takes the one that is set', 'frr', 0, 300, { localPref: 300 }],
    ['frr-k8s too', 'frr-k8s', 300, 0, { localPref: 300 }],
    ['native takes either', 'native', 90, 0, { localPrefAnyOf: [0, 90] }],
  ])('of services that share an address: %s', (_, mode, first, second, attributes) => {
    const table = tableOf([a, pool('p', ['10.0.0.0/24']), rr, ...shared(first, second)], { mode });
    expect(table.route('node-a', 'tor', '10.0.0.1/32')).toMatchObject(attributes);
    expect(table.refusals).toEqual([]);
  });
});

describe('why a prefix is not announced', () => {
  const six = peer('six', { peerAddress: '2001:db8::1' });
  const edge = peer('edge', { peerAddress: '192.0.2.9', nodeSelectors: [{ matchLabels: { edge: 'yes' } }] });
  const table = tableOf([
    a,
    tor,
    six,
    edge,
    p,
    all,
    ...web,
    pool('listed', ['10.3.0.0/24']),
    advertisement('few', { ipAddressPools: ['listed'], peers: ['six'] }),
  ]);
  const only = tableOf([a, tor, pool('listed', ['10.0.0.0/24']), advertisement('few', { peers: ['other'] }), ...web]);

  it.each<[string, [string, string, string], string | undefined, string]>([
    ['it is', ['node-a', 'tor', '10.0.0.1/32'], undefined, ''],
    ['the session has another family', ['node-a', 'six', '10.0.0.1/32'], 'familyMismatch', 'carries no IPv4 routes'],
    ['the node has no such session', ['node-a', 'edge', '10.0.0.1/32'], 'noSession', 'do not select node node-a'],
    ['there is no such peer', ['node-a', 'none', '10.0.0.1/32'], 'noSuchPeer', 'there is no BGPPeer none'],
    [
      'no advertisement has that length',
      ['node-a', 'tor', '10.0.0.0/24'],
      'aggregationLength',
      'node node-a announces 10.0.0.1/32',
    ],
    [
      'no service has that address',
      ['node-a', 'tor', '10.0.0.9/32'],
      'noService',
      'no Service has an address in 10.0.0.9/32 (IPAddressPool p)',
    ],
    ['it has nothing to do with MetalLB', ['node-a', 'tor', '198.18.0.0/15'], undefined, ''],
    ['there is no such node', ['node-z', 'tor', '10.0.0.1/32'], undefined, ''],
  ])('%s', (_, [nodeName, bgpPeer, prefix], reason, text) => {
    const why = table.whyNot(nodeName, bgpPeer, prefix);
    expect(why?.reason).toBe(reason);
    expect(why?.text ?? '').toContain(text);
  });
  it('the peer is not on the list', () => {
    expect(only.whyNot('node-a', 'tor', '10.0.0.1/32')).toMatchObject({
      reason: 'peerNotListed',
      text: 'the peers of BGPAdvertisement few do not include tor',
    });
  });
  it('names the objects', () => {
    const objects = table.whyNot('node-a', 'six', '10.0.0.1/32')!.objects.map(({ kind, name }) => `${kind}/${name}`);
    expect(objects).toEqual(['Service/web', 'IPAddressPool/p', 'BGPAdvertisement/all', 'BGPPeer/six']);
  });
});

describe('in frr-k8s mode', () => {
  it('a node whose hostname label is not its name announces nothing, and that is pointed out', () => {
    const odd = node('node-b', 12, { labels: { 'kubernetes.io/hostname': 'NodeB' } });
    const table = tableOf([a, odd, tor, p, all, ...web], { mode: 'frr-k8s' });
    expect(routeNames(table)).toEqual([onA]);
    expect(table.whyNot('node-b', 'tor', '10.0.0.1/32')).toMatchObject({ reason: 'hostnameLabel' });
    expect(table.lint.filter(({ code }) => code === 'hostname-label')).toMatchObject([
      { object: { kind: 'Node', name: 'node-b' } },
    ]);
  });
});

describe('a table', () => {
  const table = tableOf([
    a,
    b,
    tor,
    peer('six', { peerAddress: '2001:db8::1' }),
    p,
    all,
    advertisement('wide', { aggregationLength: 24, aggregationLengthV6: 120 }),
    service('web', ['10.0.0.1', '2001:db8:1::1']),
    slice('web', ['node-a']),
  ]);
  it('lists the sessions of every node', () => {
    expect(table.sessions.map(({ node, bgpPeer, families }) => `${node} ${bgpPeer} ${families}`)).toEqual([
      'node-a tor 4',
      'node-a six 6',
      'node-b tor 4',
      'node-b six 6',
    ]);
    expect(table.session('node-b', 'six')).toEqual({
      node: 'node-b',
      bgpPeer: 'six',
      myASN: 64512,
      peerASN: 64500,
      peerAddress: '2001:db8::1',
      peerPort: 179,
      families: [6],
      ibgp: false,
    });
  });
  it('lists prefixes that somebody announces to somebody', () => {
    expect([...table.prefixes()]).toEqual(['10.0.0.0/24', '10.0.0.1/32', '2001:db8:1::/120', '2001:db8:1::1/128']);
    expect([
      ...tableOf([a, tor, p, all, service('web', ['2001:db8:1::1']), slice('web', ['node-a'])]).prefixes(),
    ]).toEqual([]);
  });
  it('gives the routes of a session in order, and none of a session that is not', () => {
    expect(Array.from(table.routes('node-a', 'tor'), ({ prefix }) => prefix)).toEqual(['10.0.0.0/24', '10.0.0.1/32']);
    expect([...table.routes('node-a', 'none')]).toEqual([]);
    expect(table.route('node-z', 'tor', '10.0.0.1/32')).toBeUndefined();
  });
  it('tells each route how it came about', () => {
    const { chain } = table.route('node-a', 'tor', '10.0.0.0/24')!;
    expect(chain).toMatchObject([{ service: 'default/web', ip: '10.0.0.1', pool: 'p', advertisement: 'wide' }]);
    expect(chain[0]!.objects.map(({ kind }) => kind)).toEqual(['Service', 'IPAddressPool', 'BGPAdvertisement']);
  });
});
