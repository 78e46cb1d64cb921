/** `/services`, `/nodes`, `/pools` and `/advertisements`: the same data by object of the cluster. */
import { describe, expect, test } from 'vitest';
import { AdvertisementView, NodeView, PoolView, ServiceView, type Verdict } from '../../src/api/schemas.ts';
import type { FakeDeps } from '../support/fake-views.ts';
import { advertisement, configMap, node, peer, pool, service, slice } from '../support/metallb-objects.ts';
import { clusterScene } from './cluster.ts';
import { scene } from './support.ts';

/** Two nodes, of which only node-1 has an endpoint of `local`; the pool `spare` is of no advertisement. */
const objects = [
  node('node-1', 11),
  node('node-2', 12),
  peer('tor-1'),
  pool('blue', ['203.0.113.0/28']),
  pool('spare', ['198.51.100.1-198.51.100.9']),
  pool('broken', ['203.0.113.0/33']),
  advertisement('adv-blue', { ipAddressPools: ['blue'] }),
  advertisement('adv-typo', { ipAddressPools: ['bleu'], peers: ['tor-9'] }),
  service('web', ['203.0.113.1']),
  slice('web', ['node-1', 'node-2']),
  service('local', ['203.0.113.2'], { spec: { externalTrafficPolicy: 'Local' } }),
  slice('local', ['node-1']),
  service('idle', ['198.51.100.1']),
  slice('idle', ['node-1']),
];

/** node-1 announces what it should; node-2 lacks web and has something foreign. */
function announce(rib: FakeDeps['rib']): void {
  for (const prefix of ['203.0.113.1/32', '203.0.113.2/32']) rib.announce(1, prefix, { med: 0 });
  rib.announce(2, '192.0.2.128/25', { med: 0, nextHop: '192.0.2.12' });
}

const brief = (routes: Verdict[]): string[] =>
  routes.map(({ node, bgpPeer, prefix, verdict }) => `${node} ${bgpPeer} ${prefix} ${verdict}`);
const reasons = (list: { service: string; node: string; reason: string }[]): string[] =>
  list.map(({ service, node, reason }) => `${service} ${node} ${reason}`);

describe('one object', () => {
  const cases: [string, { parse(data: unknown): unknown }, object, string[], string[]][] = [
    [
      'services/default/web',
      ServiceView,
      {
        object: { kind: 'Service', namespace: 'default', name: 'web' },
        type: 'LoadBalancer',
        addresses: ['203.0.113.1'],
        pools: ['blue'],
        advertisements: ['adv-blue'],
        refusals: [],
        truncated: false,
      },
      ['node-1 tor-1 203.0.113.1/32 ok', 'node-2 tor-1 203.0.113.1/32 missing'],
      [],
    ],
    [
      'services/default/local',
      ServiceView,
      { addresses: ['203.0.113.2'], pools: ['blue'] },
      ['node-1 tor-1 203.0.113.2/32 ok'],
      ['default/local node-2 noLocalEndpoints'],
    ],
    [
      'services/default/idle',
      ServiceView,
      { addresses: ['198.51.100.1'], pools: ['spare'], advertisements: [] },
      [],
      ['default/idle node-1 notOwner', 'default/idle node-2 notOwner'],
    ],
    [
      'nodes/node-2',
      NodeView,
      {
        object: { kind: 'Node', name: 'node-2' },
        addresses: ['192.0.2.12'],
        hostname: 'node-2',
        staleConfig: null,
        configurationUnknown: false,
        sessions: [
          {
            bgpPeer: 'tor-1',
            myASN: 64512,
            peerASN: 64500,
            peerAddress: '192.0.2.1',
            peerPort: 179,
            families: [4],
            ibgp: false,
            neighbor: { id: 2, address: '192.0.2.12', asn: 64512, routerId: '192.0.2.12', node: 'node-2' },
            state: 'established',
          },
        ],
        neighbors: [{ id: 2 }],
      },
      ['node-2 tor-1 192.0.2.128/25 unexpected', 'node-2 tor-1 203.0.113.1/32 missing'],
      ['default/local node-2 noLocalEndpoints', 'default/idle node-2 notOwner'],
    ],
    [
      'pools/blue',
      PoolView,
      {
        object: { kind: 'IPAddressPool', namespace: 'metallb-system', name: 'blue' },
        addresses: ['203.0.113.0/28'],
        services: [
          { service: 'default/web', addresses: ['203.0.113.1'] },
          { service: 'default/local', addresses: ['203.0.113.2'] },
        ],
        advertisements: ['adv-blue'],
        l2Advertisements: [],
        refusals: [],
      },
      ['node-1 tor-1 203.0.113.1/32 ok', 'node-2 tor-1 203.0.113.1/32 missing', 'node-1 tor-1 203.0.113.2/32 ok'],
      ['default/local node-2 noLocalEndpoints'],
    ],
    [
      'pools/broken',
      PoolView,
      { addresses: ['203.0.113.0/33'], services: [], refusals: [{ stage: 'webhook', object: { name: 'broken' } }] },
      [],
      [],
    ],
    [
      'advertisements/adv-blue',
      AdvertisementView,
      {
        object: { kind: 'BGPAdvertisement', namespace: 'metallb-system', name: 'adv-blue' },
        pools: ['blue'],
        nodes: ['node-1', 'node-2'],
        peers: null,
        services: ['default/web', 'default/local'],
      },
      ['node-1 tor-1 203.0.113.1/32 ok', 'node-2 tor-1 203.0.113.1/32 missing', 'node-1 tor-1 203.0.113.2/32 ok'],
      ['default/local node-2 noLocalEndpoints'],
    ],
    ['advertisements/adv-typo', AdvertisementView, { pools: [], peers: ['tor-9'], services: [] }, [], []],
  ];
  test.each(cases)('/%s', async (path, schema, more, routes, notAnnounced) => {
    const { get } = await clusterScene(objects, announce);
    const { status, body } = await get(`/api/v1/${path}`);
    expect(status).toBe(200);
    expect(body.data).toMatchObject(more);
    expect(brief(body.data.routes)).toEqual(routes);
    expect(reasons(body.data.notAnnounced)).toEqual(notAnnounced);
    expect(schema.parse(body.data)).toEqual(body.data);
  });

  test('a session that carries no route of a Service which its node announces says why', async () => {
    const { get } = await clusterScene([
      node('node-1', 11),
      peer('tor-1'),
      peer('tor-2', { peerAddress: '192.0.2.2' }),
      peer('tor-6', { peerAddress: '2001:db8::1' }),
      pool('blue', ['203.0.113.0/28']),
      advertisement('adv', { peers: ['tor-1', 'tor-6'] }),
      service('web', ['203.0.113.1']),
      slice('web', ['node-1']),
    ]);
    const data = (await get('/api/v1/services/default/web')).body.data as ServiceView;
    expect(data.notAnnouncedTo).toEqual([
      {
        node: 'node-1',
        bgpPeer: 'tor-2',
        address: '203.0.113.1',
        reason: 'peerNotListed',
        text: 'the peers of BGPAdvertisement adv do not include tor-2',
      },
      {
        node: 'node-1',
        bgpPeer: 'tor-6',
        address: '203.0.113.1',
        reason: 'familyMismatch',
        text: 'a session with 2001:db8::1 carries no IPv4 routes; dualStackAddressFamily or a peer of that family would',
      },
    ]);
  });

  test('an expected route has its chain, from the Service to the BGPPeer', async () => {
    const { get } = await clusterScene(objects, announce);
    const [route] = (await get('/api/v1/services/default/web')).body.data.routes;
    expect(route.expected.chain).toMatchObject([
      { service: 'default/web', ip: '203.0.113.1', pool: 'blue', advertisement: 'adv-blue' },
    ]);
    expect(route.expected.chain[0].objects.map(({ kind }: { kind: string }) => kind)).toEqual(
      expect.arrayContaining(['Service', 'IPAddressPool', 'BGPAdvertisement']),
    );
  });

  test('one that its schema refuses is told with the refusal', async () => {
    const { get } = await clusterScene([...objects, advertisement('adv-bad', { aggregationLength: 'x' })]);
    expect((await get('/api/v1/advertisements/adv-bad')).body.data).toMatchObject({
      object: { name: 'adv-bad' },
      pools: [],
      nodes: [],
      services: [],
      refusals: [{ stage: 'schema' }],
    });
  });

  test.each<[string, object, object[], object]>([
    [
      'services/default/web',
      { pools: ['blue'], advertisements: ['adv-blue'] },
      [pool('blue-too', ['203.0.113.0/24']), advertisement('adv-wide', { aggregationLength: 16 })],
      {},
    ],
    [
      'services/default/web',
      { pools: ['blue'], advertisements: ['adv-blue'] },
      [advertisement('adv-late', { localPref: 200 })],
      { webhookMode: 'disabled' },
    ],
    [
      'services/default/web',
      { pools: ['blue'], advertisements: ['adv-blue', 'adv-any'] },
      [advertisement('adv-any', { serviceSelectors: [{ matchLabels: { app: 'other' } }] })],
      { version: '0.15', fieldValidation: 'prune' },
    ],
    ['pools/blue', { advertisements: ['adv-blue'] }, [advertisement('adv-wide', { aggregationLength: 16 })], {}],
    [
      'pools/blue-too',
      { services: [], advertisements: [], refusals: [{ stage: 'webhook' }] },
      [pool('blue-too', ['203.0.113.0/24'])],
      {},
    ],
    [
      'advertisements/adv-wide',
      { pools: [], services: [], nodes: [], refusals: [{ stage: 'webhook' }] },
      [advertisement('adv-wide', { aggregationLength: 16 })],
      {},
    ],
    [
      'advertisements/adv-all',
      { pools: ['blue', 'spare'] },
      [pool('blue-too', ['203.0.113.0/24']), advertisement('adv-all')],
      {},
    ],
  ])('/%s names only objects that are accepted', async (path, more, rejected, options) => {
    const { get } = await clusterScene([...objects, ...(rejected as typeof objects)], announce, options);
    expect((await get(`/api/v1/${path}`)).body.data).toMatchObject(more);
  });

  test('one of MetalLB in a wrong namespace is found, with what is said about that', async () => {
    const strayed = { ...pool('strayed', ['192.0.2.64/28']), metadata: { name: 'strayed', namespace: 'default' } };
    const { get } = await clusterScene([...objects, strayed]);
    expect((await get('/api/v1/pools/strayed')).body.data).toMatchObject({
      object: { namespace: 'default', name: 'strayed' },
      refusals: [{ stage: 'webhook', error: 'resource must be created in metallb-system namespace' }],
    });
  });
});

describe('unknown objects', () => {
  const cases: [string, string][] = [
    ['services/default/wbe', 'Unknown Service default/wbe; did you mean default/web?'],
    ['services/production/web', 'Unknown Service production/web; did you mean default/web?'],
    ['nodes/node-3', 'Unknown Node node-3; did you mean node-1?'],
    ['nodes/elsewhere', 'Unknown Node elsewhere; there are node-1, node-2'],
    ['pools/bleu', 'Unknown IPAddressPool metallb-system/bleu; did you mean metallb-system/blue?'],
    [
      'advertisements/blue-adv',
      'Unknown BGPAdvertisement metallb-system/blue-adv; there are metallb-system/adv-blue, metallb-system/adv-typo',
    ],
  ];
  test.each(cases)('/%s', async (path, detail) => {
    const { get } = await clusterScene(objects);
    expect(await get(`/api/v1/${path}`)).toMatchObject({ status: 404, body: { code: 'no-such-object', detail } });
  });

  test('without manifests the answer says that there are none', async () => {
    const { get } = await scene();
    expect(await get('/api/v1/nodes/node-1')).toMatchObject({
      status: 404,
      body: { code: 'no-such-object', detail: 'No manifests are configured.' },
    });
  });
});

describe('GET /lookup', () => {
  const strayed = { ...pool('blue', ['198.51.100.64/28']), metadata: { name: 'blue-too', namespace: 'default' } };
  test.each<[string, string[]]>([
    ['blue', ['pool blue', 'advertisement adv-blue']],
    ['ADV-', ['advertisement adv-blue', 'advertisement adv-typo']],
    ['tor-1', ['bgpPeer tor-1']],
    ['spare', ['pool spare']],
    ['blu-', []],
  ])('?q=%s finds objects of MetalLB by name, and leads to them', async (q, expected) => {
    const { get } = await clusterScene([...objects, strayed], announce);
    const { results } = (await get(`/api/v1/lookup?q=${q}`)).body.data;
    expect(results.map(({ kind, label }: { kind: string; label: string }) => `${kind} ${label}`)).toEqual(expected);
    for (const { href } of results) expect((await get(href)).status, href).toBe(200);
  });
});

test('a route that nobody asks for may be of raw FRR configuration, and its verdict says so', async () => {
  const raw = configMap('bgpextras', { extras: 'router bgp 64512' });
  const { get } = await clusterScene([...objects, raw], announce);
  const [row] = (await get('/api/v1/checks?prefix=192.0.2.128/25')).body.data;
  expect(row).toMatchObject({ verdict: 'unexpected', reasonCode: 'no-expectation' });
  expect(row.reasonText).toMatch(/raw FRR configuration in ConfigMap bgpextras may announce it/);
  expect(row.evidence).toContainEqual({ kind: 'object', ref: 'ConfigMap/metallb-system/bgpextras' });
});
