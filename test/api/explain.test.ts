/** `GET /explain`: one row per session that is asked for, with MetalLB's own word where nothing is expected. */
import { describe, expect, test } from 'vitest';
import { Explanation } from '../../src/api/schemas.ts';
import { neighbor } from '../support/fake-views.ts';
import { advertisement, node, peer, pool, service, slice } from '../support/metallb-objects.ts';
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
