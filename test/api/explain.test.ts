/** `GET /explain`: one row per session that is asked for, with MetalLB's own word where nothing is expected. */
import { describe, expect, test } from 'vitest';
import { Explanation } from '../../src/api/schemas.ts';
import type { ExpectOptions } from '../../src/metallb/types.ts';
import { neighbor } from '../support/fake-views.ts';
import { advertisement, type KubeObject, node, peer, pool, service, slice } from '../support/metallb-objects.ts';
import { pod } from '../support/status-objects.ts';
import { clusterScene } from './cluster.ts';
import { scene } from './support.ts';

const onNode1 = { nodeSelectors: [{ matchLabels: { rack: '1' } }] };
const objects = [
  node('node-1', 11, { labels: { rack: '1' } }),
  node('node-2', 12),
  node('node-3', 13),
  peer('tor-1'),
  peer('tor-2', { peerAddress: '192.0.2.2', ...onNode1 }),
  pool('blue', ['203.0.113.0/28']),
  pool('spare', ['198.51.100.0/28']),
  advertisement('adv', { ipAddressPools: ['blue'], peers: ['tor-1'] }),
  service('web', ['203.0.113.1']),
  slice('web', ['node-1', 'node-2']),
  service('local', ['203.0.113.2'], { spec: { externalTrafficPolicy: 'Local' } }),
  slice('local', ['node-1']),
  service('idle', ['198.51.100.1']),
];

const explained = () =>
  clusterScene(objects, (rib) => {
    rib.announce(1, '203.0.113.1/32', { med: 0 });
    rib.announce(2, '203.0.113.2/32', { med: 0, nextHop: '192.0.2.12' });
    rib.neighbors.set(3, neighbor(3, { node: null, bgpPeer: null, matchText: 'no address of a node' }));
    rib.announce(3, '203.0.113.1/32');
  });

describe('GET /explain', () => {
  const web = 'for 203.0.113.1 of Service default/web, by IPAddressPool blue and BGPAdvertisement adv';
  const cases: [string, string[]][] = [
    ['prefix=203.0.113.1/32&node=node-1&bgpPeer=tor-1', ['node-1 tor-1 expected received ok']],
    ['prefix=203.0.113.1/32&node=node-1', ['node-1 tor-1 expected received ok', 'node-1 tor-2 peerNotListed']],
    [
      'prefix=203.0.113.1&bgpPeer=tor-1',
      ['node-1 tor-1 expected received ok', 'node-2 tor-1 expected missing', 'node-3 tor-1 expected missing'],
    ],
    [
      'prefix=203.0.113.1',
      [
        'node-1 tor-1 expected received ok',
        'node-1 tor-2 peerNotListed',
        'node-2 tor-1 expected missing',
        'node-3 tor-1 expected missing',
        'null null received unexpected',
      ],
    ],
    ['prefix=203.0.113.2&node=node-2', ['node-2 tor-1 noLocalEndpoints received unexpected']],
    ['prefix=203.0.113.0/28&node=node-1&bgpPeer=tor-1', ['node-1 tor-1 aggregationLength']],
    ['prefix=203.0.113.0/24&node=node-1&bgpPeer=tor-1', ['node-1 tor-1 aggregationLength']],
    ['prefix=203.0.113.9&node=node-1&bgpPeer=tor-1', ['node-1 tor-1 noService']],
    ['prefix=198.51.100.1&node=node-1&bgpPeer=tor-1', ['node-1 tor-1 notOwner']],
    ['prefix=203.0.113.1&node=node-2&bgpPeer=tor-2', ['node-2 tor-2 noSession']],
    ['prefix=203.0.113.1&node=node-1&bgpPeer=tor-9', ['node-1 tor-9 noSuchPeer']],
    ['prefix=10.0.0.0/8&node=node-1&bgpPeer=tor-1', ['node-1 tor-1 null']],
  ];
  test.each(cases)('?%s', async (query, expected) => {
    const { get } = await explained();
    const { status, body } = await get(`/api/v1/explain?${query}`);
    expect(status).toBe(200);
    const rows = (body.data as Explanation).sessions.map(({ node, bgpPeer, expected, received, verdict, whyNot }) =>
      [
        `${node} ${bgpPeer}`,
        expected ? 'expected' : node === null ? [] : String(whyNot?.reason ?? null),
        received.length > 0 ? 'received' : [],
        verdict?.verdict ?? [],
      ]
        .flat()
        .join(' '),
    );
    expect(rows.sort()).toEqual([...expected].sort());
    expect(Explanation.parse(body.data)).toEqual(body.data);
  });

  const sentences: [string, string][] = [
    ['prefix=203.0.113.1&node=node-1&bgpPeer=tor-1', `node node-1 announces 203.0.113.1/32 to BGPPeer tor-1 ${web}`],
    [
      'prefix=203.0.113.1&node=node-1&bgpPeer=tor-2',
      'node node-1 does not announce 203.0.113.1/32 to BGPPeer tor-2: the peers of BGPAdvertisement adv do not include tor-2',
    ],
    [
      'prefix=10.0.0.0/8&node=node-1&bgpPeer=tor-1',
      'node node-1 does not announce 10.0.0.0/8 to BGPPeer tor-1: no IPAddressPool covers 10.0.0.0/8',
    ],
  ];
  test.each(sentences)('?%s in words', async (query, text) => {
    const { get } = await explained();
    const { data } = (await get(`/api/v1/explain?${query}`)).body;
    expect(data.sessions.map((session: { text: string }) => session.text)).toEqual([text]);
  });

  test('every step to what is expected has its object and rule', async () => {
    const { get } = await explained();
    const { data } = (await get('/api/v1/explain?prefix=203.0.113.1&node=node-1&bgpPeer=tor-1')).body;
    const [{ steps }] = data.sessions[0].expected.chain;
    expect(steps).toContainEqual({
      object: { kind: 'BGPAdvertisement', namespace: 'metallb-system', name: 'adv' },
      rule: 'BGPAdvertisement.spec.ipAddressPools[0] names blue',
    });
  });

  test('counts in one sentence', async () => {
    const { get } = await explained();
    expect((await get('/api/v1/explain?prefix=203.0.113.1')).body.data.text).toBe(
      '203.0.113.1/32 is expected on 3 of 5 sessions and received on 2',
    );
  });

  const refused: [string, number, string][] = [
    ['', 400, 'invalid-request'],
    ['prefix=203.0.113.1/28', 422, 'host-bits-set'],
    ['prefix=blue', 400, 'invalid-request'],
    ['prefix=203.0.113.1&node=nod-1', 404, 'no-such-object'],
  ];
  test.each(refused)('?%s is refused', async (query, status, code) => {
    const { get } = await explained();
    expect(await get(`/api/v1/explain?${query}`)).toMatchObject({ status, body: { code } });
  });

  test('without manifests there is nothing to explain', async () => {
    const { get } = await scene();
    expect(await get('/api/v1/explain?prefix=203.0.113.1')).toMatchObject({ status: 404 });
  });
});

/** Reasons, one cluster each: what stands in the way of 203.0.113.1/32 from node-1 to tor-1. */
describe('GET /explain of what is not there', () => {
  const web = [service('web', ['203.0.113.1']), slice('web', ['node-1'])];
  const rest = [node('node-1', 11), node('node-2', 12), peer('tor-1'), pool('blue', ['203.0.113.0/28'])];
  const absences: {
    title: string;
    objects: KubeObject[];
    options?: Partial<ExpectOptions>;
    prefix?: string;
    reason: string | null;
    text: string;
  }[] = [
    {
      title: 'a prefix that no pool has',
      objects: [...rest, ...web, advertisement('adv')],
      prefix: '192.0.2.77/32',
      reason: null,
      text: 'no IPAddressPool covers 192.0.2.77/32',
    },
    {
      title: 'an address of a pool that no Service has',
      objects: [...rest, ...web, advertisement('adv')],
      prefix: '203.0.113.9/32',
      reason: 'noService',
      text: 'no Service has an address in 203.0.113.9/32 (IPAddressPool blue)',
    },
    {
      title: 'a Service that is no LoadBalancer any more',
      objects: [...rest, service('web', ['203.0.113.1'], { spec: { type: 'ClusterIP' } }), advertisement('adv')],
      reason: 'notLoadBalancer',
      text: 'Service default/web is of type ClusterIP',
    },
    {
      title: "a Service of another load balancer's class",
      objects: [
        ...rest,
        service('web', ['203.0.113.1'], { spec: { loadBalancerClass: 'cloud' } }),
        slice('web', ['node-1']),
        advertisement('adv'),
      ],
      reason: 'loadBalancerClass',
      text: "Service default/web is of class cloud, which is another load balancer's",
    },
    {
      title: 'a Service without a class where speakers look for one',
      objects: [...rest, ...web, advertisement('adv')],
      options: { loadBalancerClass: 'metallb' },
      reason: 'loadBalancerClass',
      text: 'Service default/web has no class, the speakers run with --lb-class metallb',
    },
    {
      title: 'an address that is in no pool',
      objects: [...rest, service('web', ['203.0.113.99']), slice('web', ['node-1']), advertisement('adv')],
      prefix: '203.0.113.99/32',
      reason: 'ipNotAllowed',
      text: 'Service default/web has 203.0.113.99, which no IPAddressPool covers',
    },
    {
      title: 'a status that is no address',
      objects: [...rest, service('web', ['203.0.113.1', 'lb.example.net']), advertisement('adv')],
      reason: 'invalidIP',
      text: 'Service default/web has something in its status that is no IP address',
    },
    {
      title: 'a Service without endpoints',
      objects: [...rest, service('web', ['203.0.113.1']), advertisement('adv')],
      reason: 'noEndpoints',
      text: 'Service default/web has no serving endpoint',
    },
    {
      title: 'a node without the endpoint of a local Service',
      objects: [
        ...rest,
        service('web', ['203.0.113.1'], { spec: { externalTrafficPolicy: 'Local' } }),
        slice('web', ['node-2']),
        advertisement('adv'),
      ],
      reason: 'noLocalEndpoints',
      text: 'Service default/web has externalTrafficPolicy Local and no serving endpoint on node node-1',
    },
    {
      title: 'a node without a speaker',
      objects: [...rest, ...web, advertisement('adv'), pod('speaker-2', 'node-2')],
      reason: 'noSpeaker',
      text: 'no speaker runs on node node-1',
    },
    {
      title: 'a node without frr-k8s',
      objects: [
        ...rest,
        ...web,
        advertisement('adv'),
        pod('frr-2', 'node-2', { labels: { app: 'frr-k8s', component: 'frr-k8s' } }),
      ],
      options: { mode: 'frr-k8s' },
      reason: 'noFRRK8s',
      text: 'no frr-k8s runs on node node-1',
    },
    {
      title: 'a node without network',
      objects: [node('node-1', 11, { networkUnavailable: true }), ...rest.slice(1), ...web, advertisement('adv')],
      reason: 'nodeNetworkUnavailable',
      text: 'node node-1 has the condition NetworkUnavailable',
    },
    {
      title: 'a node that is labelled out',
      objects: [
        node('node-1', 11, { labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': '' } }),
        ...rest.slice(1),
        ...web,
        advertisement('adv'),
      ],
      reason: 'nodeLabeledExcludeBalancers',
      text: 'node node-1 has the label node.kubernetes.io/exclude-from-external-load-balancers',
    },
    {
      title: 'a cordoned node of MetalLB 0.14.9',
      objects: [
        { ...node('node-1', 11), spec: { unschedulable: true } },
        ...rest.slice(1),
        ...web,
        advertisement('adv'),
      ],
      options: { version: '0.14.9' },
      reason: 'nodeUnschedulable',
      text: 'node node-1 is cordoned, and MetalLB 0.14.9 withdraws from such nodes',
    },
    {
      title: 'a peer that does not select the node',
      objects: [
        ...rest.filter(({ kind }) => kind !== 'BGPPeer'),
        peer('tor-1', { nodeSelectors: [{ matchLabels: { 'kubernetes.io/hostname': 'node-2' } }] }),
        ...web,
        advertisement('adv'),
      ],
      reason: 'noSession',
      text: 'the nodeSelectors of BGPPeer tor-1 do not select node node-1',
    },
    {
      title: 'a session of the other family',
      objects: [
        ...rest.filter(({ kind }) => kind !== 'BGPPeer'),
        peer('tor-1', { peerAddress: '2001:db8::1' }),
        ...web,
        advertisement('adv'),
      ],
      reason: 'familyMismatch',
      text: 'a session with 2001:db8::1 carries no IPv4 routes; dualStackAddressFamily or a peer of that family would',
    },
    {
      title: 'an advertisement of other pools',
      objects: [...rest, ...web, advertisement('adv', { ipAddressPools: ['green'] })],
      reason: 'notOwner',
      text: 'no BGPAdvertisement selects IPAddressPool blue',
    },
    {
      title: 'an advertisement of other nodes',
      objects: [
        ...rest,
        ...web,
        advertisement('adv', { nodeSelectors: [{ matchLabels: { 'kubernetes.io/hostname': 'node-2' } }] }),
      ],
      reason: 'notOwner',
      text: 'no BGPAdvertisement of IPAddressPool blue (adv) selects node node-1',
    },
    {
      title: 'an advertisement of other services',
      objects: [...rest, ...web, advertisement('adv', { serviceSelectors: [{ matchLabels: { app: 'shop' } }] })],
      reason: 'noMatchingAdvertisement',
      text: 'no BGPAdvertisement of IPAddressPool blue that selects node node-1 matches the labels of Service default/web',
    },
    {
      title: 'an advertisement for other peers',
      objects: [...rest, ...web, advertisement('adv', { peers: ['tor-9'] })],
      reason: 'peerNotListed',
      text: 'the peers of BGPAdvertisement adv do not include tor-1',
    },
    {
      title: 'an advertisement of aggregates',
      objects: [...rest, ...web, advertisement('adv', { aggregationLength: 28 })],
      reason: 'aggregationLength',
      text: 'no BGPAdvertisement makes 203.0.113.1/32 of Service default/web; node node-1 announces 203.0.113.0/28',
    },
    {
      title: 'advertisements that want different localPref for one service',
      objects: [
        ...rest,
        ...web,
        advertisement('adv', { localPref: 1, serviceSelectors: [{}] }),
        advertisement('bdv', { localPref: 2, serviceSelectors: [{}] }),
      ],
      reason: 'conflictingAdvertisements',
      text: 'advertisements of Service default/web on node node-1 (adv, bdv) want different localPref for the same prefix',
    },
    {
      title: 'an advertisement with too many communities',
      objects: [
        ...rest,
        ...web,
        advertisement('adv', { communities: Array.from({ length: 64 }, (_, i) => `64512:${i}`) }),
      ],
      reason: 'tooManyCommunities',
      text: 'BGPAdvertisement adv: max supported communities is 63, got 64',
    },
    {
      title: 'a node whose label is not its name in frr-k8s mode',
      objects: [
        node('node-1', 11, { labels: { 'kubernetes.io/hostname': 'other' } }),
        ...rest.slice(1),
        ...web,
        advertisement('adv'),
      ],
      options: { mode: 'frr-k8s' },
      reason: 'hostnameLabel',
      text: 'the label kubernetes.io/hostname of node node-1 is not its name, so its FRRConfiguration selects no node',
    },
    {
      title: 'a speaker that never took a configuration',
      objects: [...rest, ...web, advertisement('adv', { communities: ['no-such-alias'] })],
      reason: 'noConfig',
      text: 'the speaker on node node-1 has not accepted any configuration yet',
    },
  ];
  test.each(absences)('$title', async ({ objects, options, prefix = '203.0.113.1/32', reason, text }) => {
    const { get } = await clusterScene(objects, () => {}, options);
    const { status, body } = await get(`/api/v1/explain?prefix=${prefix}&node=node-1&bgpPeer=tor-1`);
    expect(status).toBe(200);
    const [session] = (body.data as Explanation).sessions;
    expect(session?.expected).toBeNull();
    expect(session?.whyNot?.reason ?? null).toBe(reason);
    expect(session?.text).toBe(`node node-1 does not announce ${prefix} to BGPPeer tor-1: ${text}`);
    if (reason !== null && reason !== 'noService') expect(session?.whyNot?.objects.length).toBeGreaterThan(0);
  });
});
