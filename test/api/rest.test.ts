import { describe, expect, test } from 'vitest';
import { limits } from '../../src/api/limits.ts';
import { CheckRun, Route, Status, type VerdictWord } from '../../src/api/schemas.ts';
import type { ExpectationTable } from '../../src/metallb/expectations/table.ts';
import type { ExpectedRoute } from '../../src/metallb/types.ts';
import type { Neighbor } from '../../src/rib/types.ts';
import { epoch, type FakeDeps, neighbor, verdict } from '../support/fake-views.ts';
import { emptyCluster, service } from '../support/metallb-objects.ts';
import { resourcesOf } from './cluster.ts';
import { scene } from './support.ts';

/** Seven routes: 10/8 ⊃ 10.1/16 ⊃ 10.1.2/24, one address, IPv6. */
function table({ rib, verdicts }: FakeDeps): void {
  rib.announce(1, '10.0.0.0/8', { localPref: 100 });
  rib.announce(1, '10.1.0.0/16', { communities: ['64512:100', '64512:200'] });
  rib.announce(2, '10.1.0.0/16', { communities: ['64512:200'], asPath: [64512, 65001] });
  rib.announce(1, '10.1.2.0/24', { largeCommunities: ['64512:1:2'], asPath: [] });
  rib.announce(1, '192.0.2.1/32', { nextHop: '192.0.2.99' }, { stale: true });
  rib.announce(2, '2001:db8::/32', { nextHop: '2001:db8::1', asPath: [64512, 65001, [65002, 65003]] });
  rib.announce(2, '2001:db8:1::/48', { nextHop: '2001:db8::1', nextHopLinkLocal: 'fe80::1' });
  verdicts.rows = [
    verdict({ prefix: '10.0.0.0/8', verdict: 'unexpected' }),
    verdict({ prefix: '10.1.0.0/16', verdict: 'ok' }),
    verdict({ prefix: '10.9.0.0/16', verdict: 'missing', neighbor: null, node: 'node-3' }),
  ];
}

describe('GET /routes', () => {
  const cases: [string, string[]][] = [
    [
      '',
      [
        '10.0.0.0/8@1',
        '10.1.0.0/16@1',
        '10.1.0.0/16@2',
        '10.1.2.0/24@1',
        '192.0.2.1/32@1',
        '2001:db8::/32@2',
        '2001:db8:1::/48@2',
      ],
    ],
    ['prefix=10.1.0.0/16', ['10.1.0.0/16@1', '10.1.0.0/16@2']],
    ['prefix=10.1.0.0/16&match=exact&neighbor=2', ['10.1.0.0/16@2']],
    ['prefix=10.1.2.3&match=longest', ['10.1.2.0/24@1']],
    ['prefix=10.1.2.3&match=longest&neighbor=2', ['10.1.0.0/16@2']],
    ['prefix=10.1.0.0/16&match=longer', ['10.1.0.0/16@1', '10.1.0.0/16@2', '10.1.2.0/24@1']],
    ['prefix=10.1.2.0/24&match=shorter', ['10.0.0.0/8@1', '10.1.0.0/16@1', '10.1.0.0/16@2']],
    ['prefix=10.1.2.0/24&match=covering', ['10.0.0.0/8@1', '10.1.0.0/16@1', '10.1.0.0/16@2', '10.1.2.0/24@1']],
    ['prefix=10.1.2.3/16&normalize=true', ['10.1.0.0/16@1', '10.1.0.0/16@2']],
    ['prefix=198.51.100.0/24', []],
    ['family=6', ['2001:db8::/32@2', '2001:db8:1::/48@2']],
    ['neighbor=192.0.2.12&family=4', ['10.1.0.0/16@2']],
    ['neighbor=1,2&prefix=10.1.0.0/16', ['10.1.0.0/16@1', '10.1.0.0/16@2']],
    ['node=node-2&family=4', ['10.1.0.0/16@2']],
    ['community=64512:100', ['10.1.0.0/16@1']],
    ['community=64512:100,64512:200', ['10.1.0.0/16@1', '10.1.0.0/16@2']],
    ['largeCommunity=64512:1:2', ['10.1.2.0/24@1']],
    ['nextHop=192.0.2.99', ['192.0.2.1/32@1']],
    ['nextHop=fe80::1', ['2001:db8:1::/48@2']],
    ['asPath=65001', ['10.1.0.0/16@2', '2001:db8::/32@2']],
    ['asPath=64512%2065001$', ['10.1.0.0/16@2']],
    ['asPath=65001%2065003', ['2001:db8::/32@2']],
    ['asPath=^$', ['10.1.2.0/24@1']],
    ['asPath=^65001', []],
    ['originAsn=65001', ['10.1.0.0/16@2']],
    ['originAsn=65003', ['2001:db8::/32@2']],
    ['originAsn=64512&prefix=10.1.2.0/24', ['10.1.2.0/24@1']],
    ['verdict=ok,unexpected', ['10.0.0.0/8@1', '10.1.0.0/16@1']],
    ['stale=true', ['192.0.2.1/32@1']],
    ['stale=false&neighbor=1&family=4', ['10.0.0.0/8@1', '10.1.0.0/16@1', '10.1.2.0/24@1']],
    ['since=6', ['2001:db8:1::/48@2']],
    ['since=2026-01-01T00:00:00.005Z', ['2001:db8::/32@2', '2001:db8:1::/48@2']],
  ];
  test.each(cases)('?%s', async (query, expected) => {
    const { get } = await scene(table);
    const { status, body } = await get(`/api/v1/routes?${query}`);
    expect(status).toBe(200);
    expect(body.data.map((route: Route) => `${route.prefix}@${route.neighbor.id}`)).toEqual(expected);
    for (const route of body.data) expect(Route.parse(route)).toEqual(route);
  });

  const refused: [string, number, string][] = [
    ['prefix=10.1.2.3/16', 422, 'host-bits-set'],
    ['prefix=10.1.2', 400, 'invalid-request'],
    ['match=longest', 400, 'invalid-request'],
    ['neighbor=99', 404, 'no-such-neighbor'],
    ['asPath=64512.*', 400, 'invalid-request'],
    ['since=yesterday', 400, 'invalid-request'],
    ['since=foo%205', 400, 'invalid-request'],
    ['verdict=bad', 400, 'invalid-request'],
    ['colour=red', 400, 'invalid-request'],
    ['limit=10001', 400, 'invalid-request'],
    ['limit=all', 400, 'invalid-request'],
    ['cursor=abc', 400, 'bad-cursor'],
    ['fields=prefix,colour', 400, 'invalid-request'],
    ['at=2026-01-01T00:00:00Z', 501, 'not-supported-yet'],
  ];
  test.each(refused)('?%s is refused', async (query, status, code) => {
    const { get } = await scene(table);
    const answer = await get(`/api/v1/routes?${query}`);
    expect(answer).toMatchObject({ status, body: { status, code } });
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  });

  test.each(['', '&match=covering&prefix=10.1.2.0/24', '&neighbor=1'])('pages join up%s', async (filter) => {
    const { get } = await scene(table);
    const whole = (await get(`/api/v1/routes?limit=100${filter}`)).body.data;
    for (const limit of [1, 2, 3]) {
      const rows: Route[] = [];
      for (let cursor = ''; ; ) {
        const { body } = await get(`/api/v1/routes?limit=${limit}${filter}${cursor}`);
        rows.push(...body.data);
        if (body.page.nextCursor === null) break;
        cursor = `&cursor=${body.page.nextCursor}`;
      }
      expect(rows).toEqual(whole);
    }
  });

  test('a page goes on behind its cursor when routes before it come and go', async () => {
    const { get, deps } = await scene(table);
    const first = (await get('/api/v1/routes?limit=2')).body;
    deps.rib.withdraw(1, '10.1.0.0/16'); // the last one seen
    deps.rib.announce(1, '10.0.0.0/9');
    const second = (await get(`/api/v1/routes?limit=1&cursor=${first.page.nextCursor}`)).body;
    expect(second.data[0]).toMatchObject({ prefix: '10.1.0.0/16', neighbor: { id: 2 } });
  });

  test('facets count over everything that matches, not over the page', async () => {
    const { get } = await scene(table);
    const { body } = await get('/api/v1/routes?limit=1&family=4&facets=node,community,verdict,localPref');
    const list = (...pairs: [string, number][]) => ({
      values: pairs.map(([value, count]) => ({ value, count })),
      truncated: false,
    });
    expect(body.facets).toEqual({
      node: list(['node-1', 4], ['node-2', 1]),
      community: list(['64512:200', 2], ['64512:100', 1]),
      verdict: list(['ok', 1], ['unexpected', 1]),
      localPref: list(['100', 1]),
    });
  });

  test('the envelope says when, how far and who', async () => {
    const { get } = await scene(table);
    const { body } = await get('/api/v1/routes?limit=1');
    expect(body.meta).toEqual({ generatedAt: '2026-01-01T00:01:00.000000Z', seq: 7, collector: 'rack-7' });
  });
});

describe('forms of a list', () => {
  test('an Accept that names a property of objects is one that does not exist', async () => {
    const { get } = await scene(table);
    expect((await get('/api/v1/routes?limit=1', { accept: 'constructor, __proto__' })).status).toBe(200);
  });

  test('NDJSON has rows only, and the next page in Link', async () => {
    const { get } = await scene(table);
    for (const [url, headers] of [
      ['/api/v1/routes?limit=2&format=ndjson', {}],
      ['/api/v1/routes?limit=2', { accept: 'application/x-ndjson' }],
    ] as const) {
      const answer = await get(url, headers);
      expect(answer.headers['content-type']).toMatch(/^application\/x-ndjson/);
      expect(
        answer.body
          .trim()
          .split('\n')
          .map((line: string) => JSON.parse(line).prefix),
      ).toEqual(['10.0.0.0/8', '10.1.0.0/16']);
      expect(answer.headers['link']).toMatch(/^<\/api\/v1\/routes\?limit=2.*cursor=.*>; rel="next"$/);
    }
  });

  test('limit=all streams everything', async () => {
    const { get, deps } = await scene();
    for (let i = 0; i < 2_500; i++) deps.rib.announce(1, `10.${i >> 8}.${i & 255}.0/24`);
    const answer = await get('/api/v1/routes?limit=all&format=ndjson&fields=prefix');
    const lines = answer.body.trim().split('\n');
    expect(lines).toHaveLength(2_500);
    expect(new Set(lines).size).toBe(2_500);
  });

  test('CSV opens objects, joins lists and disarms formulas', async () => {
    const { get } = await scene(({ rib }) => {
      rib.neighbors.set(1, neighbor(1, { node: '=HYPERLINK("http://x")' }));
      rib.announce(1, '10.0.0.0/8', { communities: ['1:1', '1:2'], asPath: [1, [2, 3]] });
    });
    const answer = await get('/api/v1/routes?format=csv&fields=prefix,neighbor.node,communities,asPath,med');
    expect(answer.body).toBe(
      'prefix,neighbor.node,communities,asPath,med\r\n10.0.0.0/8,"\'=HYPERLINK(""http://x"")",1:1 1:2,"[1,[2,3]]",\r\n',
    );
  });

  test('CSV without rows still has its header', async () => {
    const { get } = await scene();
    expect((await get('/api/v1/routes?format=csv&fields=prefix,neighbor')).body).toBe(
      'prefix,neighbor.id,neighbor.address,neighbor.asn,neighbor.routerId,neighbor.node\r\n',
    );
  });

  test('fields cut rows', async () => {
    const { get } = await scene(table);
    expect((await get('/api/v1/routes?limit=1&fields=prefix,neighbor.address')).body.data).toEqual([
      { prefix: '10.0.0.0/8', neighbor: { address: '192.0.2.11' } },
    ]);
  });

  test('an ETag holds until something changes', async () => {
    const { get, deps } = await scene(table);
    const { etag } = (await get('/api/v1/routes')).headers as { etag: string };
    expect((await get('/api/v1/routes', { 'if-none-match': etag })).status).toBe(304);
    expect((await get('/api/v1/routes?family=4', { 'if-none-match': etag })).status).toBe(200);
    deps.rib.announce(1, '10.2.0.0/16');
    expect((await get('/api/v1/routes', { 'if-none-match': etag })).status).toBe(200);
  });

  const withoutRecord: [string, Partial<Neighbor>][] = [
    ['is synced', { synced: false }],
    ['keeps its stale routes longer', { staleUntil: 5 }],
    ['is another node', { node: 'node-9' }],
    ['is refused a connection', { counters: { ...neighbor(1).counters, refused: 9 } }],
  ];
  test.each(withoutRecord)('an ETag ends when a neighbor %s, which is no record', async (_, change) => {
    const { get, deps } = await scene(table);
    const { etag } = (await get('/api/v1/neighbors')).headers as { etag: string };
    expect((await get('/api/v1/neighbors', { 'if-none-match': etag })).status).toBe(304);
    deps.rib.neighbors.set(1, neighbor(1, change));
    expect((await get('/api/v1/neighbors', { 'if-none-match': etag })).status).toBe(200);
  });
});

describe('GET /neighbors', () => {
  const several = ({ rib }: FakeDeps) => {
    rib.neighbors.set(
      3,
      neighbor(3, { remoteAddress: '192.0.2.11', localAddress: '192.0.2.2', node: 'node-1', state: 'idle' }),
    );
  };
  const lists: [string, number[]][] = [
    ['', [1, 2, 3]],
    ['?neighbor=192.0.2.11', [1, 3]],
    ['?node=node-2', [2]],
    ['?state=idle', [3]],
    ['?limit=2', [1, 2]],
  ];
  test.each(lists)('%s', async (query, ids) => {
    const { get } = await scene(several);
    const { body } = await get(`/api/v1/neighbors${query}`);
    expect(body.data.map(({ id }: { id: number }) => id)).toEqual(ids);
  });

  const ones: [string, number, object][] = [
    ['1', 200, { data: { id: 1, address: '192.0.2.11', established: true } }],
    ['192.0.2.12', 200, { data: { id: 2 } }],
    ['node-2', 200, { data: { id: 2 } }],
    ['9', 404, { code: 'no-such-neighbor' }],
    ['node-9', 404, { code: 'no-such-neighbor' }],
    ['192.0.2.11', 409, { code: 'ambiguous-neighbor', candidates: [{ id: 1 }, { id: 3 }] }],
    ['node-1', 409, { code: 'ambiguous-neighbor' }],
  ];
  test.each(ones)('/%s', async (name, status, body) => {
    const { get } = await scene(several);
    expect(await get(`/api/v1/neighbors/${name}`)).toMatchObject({ status, body });
  });

  test('/{id}/events come newest first, in pages', async () => {
    const { get, deps } = await scene();
    deps.queries.events = [1, 2, 3].map((id) => ({
      id,
      seq: id,
      at: epoch + id,
      neighbor: 1,
      session: 1,
      kind: 'state',
      from: 'idle',
      to: 'active',
      code: null,
      text: null,
      detail: { id },
    }));
    const first = (await get('/api/v1/neighbors/1/events?limit=2')).body;
    expect(first.data.map(({ id }: { id: number }) => id)).toEqual([3, 2]);
    expect(first.data[0].at).toBe('2026-01-01T00:00:00.003000Z');
    const second = (await get(`/api/v1/neighbors/1/events?limit=2&cursor=${first.page.nextCursor}`)).body;
    expect(second.data.map(({ id }: { id: number }) => id)).toEqual([1]);
    expect(second.page.nextCursor).toBeNull();
  });

  test('/{id}/capabilities say what each side has', async () => {
    const open = (name: string) => ({
      asn: 64512,
      holdTime: 90,
      routerId: '192.0.2.11',
      capabilities: [{ code: 2, name, raw: '' }],
    });
    const { get } = await scene(({ rib }) =>
      rib.neighbors.set(1, neighbor(1, { sent: open('route-refresh'), received: open('route-refresh') })),
    );
    const { body } = await get('/api/v1/neighbors/1/capabilities');
    expect(body.data.rows).toContainEqual(
      expect.objectContaining({ code: 2, announced: true, received: true, negotiated: true }),
    );
  });

  test('refresh and reset are passed on; a session that is not there is a conflict', async () => {
    const { app, deps } = await scene(several);
    const post = async (url: string, payload?: object) =>
      (await app.inject({ method: 'POST', url, ...(payload && { payload }) })).statusCode;
    expect(await post('/api/v1/neighbors/1/refresh')).toBe(202);
    expect(await post('/api/v1/neighbors/2/reset', { text: 'hello' })).toBe(202);
    expect(await post('/api/v1/neighbors/2/reset')).toBe(202);
    expect(await post('/api/v1/neighbors/3/refresh')).toBe(409);
    expect(await post('/api/v1/neighbors/1/reset', { text: 'x'.repeat(129) })).toBe(400);
    expect(deps.commands).toEqual(['refresh 1', 'reset 2 hello', 'reset 2 ']);
  });
});

describe('GET /prefixes/{prefix}', () => {
  test.each(['10.1.0.0%2F16', '10.1.0.0/16', '10.1.2.3%2F16?normalize=true'])(
    '%s is the matrix of one prefix',
    async (path) => {
      const { get } = await scene(table);
      const { body } = await get(`/api/v1/prefixes/${path}`);
      expect(body.data).toMatchObject({
        prefix: '10.1.0.0/16',
        covering: ['10.0.0.0/8'],
        cells: [
          { neighbor: { id: 1 }, verdict: { verdict: 'ok' }, received: [{ seq: 2 }], ecmp: true },
          { neighbor: { id: 2 }, verdict: null, received: [{ seq: 3 }], ecmp: false },
        ],
        ecmp: [{ neighbor: 1, pathId: 0 }],
      });
    },
  );

  test('what is expected and not received is there; what is neither is not', async () => {
    const { get } = await scene(table);
    expect((await get('/api/v1/prefixes/10.9.0.0%2F16')).body.data).toMatchObject({
      cells: [{ neighbor: null, node: 'node-3', received: [], verdict: { verdict: 'missing' } }],
      ecmp: [],
    });
    expect(await get('/api/v1/prefixes/10.1.3.0%2F24')).toMatchObject({
      status: 404,
      body: { code: 'no-such-prefix', detail: '10.1.3.0/24 is neither received nor expected; received is 10.1.0.0/16' },
    });
    expect(await get('/api/v1/prefixes/10.1.3.1%2F24')).toMatchObject({ status: 422 });
  });
});

describe('GET /lookup', () => {
  const cases: [string, string[]][] = [
    ['10.1.2.3', ['prefix 10.1.2.0/24', 'prefix 10.1.0.0/16', 'prefix 10.0.0.0/8']],
    ['10.1.0.0/16', ['prefix 10.1.0.0/16', 'prefix 10.0.0.0/8', 'prefix 10.1.0.0/16']],
    ['192.0.2.12', ['neighbor 192.0.2.12']],
    ['AS64512', ['asn AS64512']],
    ['64512', ['asn AS64512']],
    ['64512:100', ['community 64512:100']],
    ['64512:1:2', ['largeCommunity 64512:1:2']],
    ['NODE-2', ['node node-2']],
    ['web', ['service default/web']],
    ['10.9.9.9', ['prefix 10.0.0.0/8', 'service default/web']],
    ['nothing at all', []],
  ];
  test.each(cases)('?q=%s', async (q, expected) => {
    const { get } = await scene(table, { expectations: () => expectationTable });
    const { body } = await get(`/api/v1/lookup?q=${encodeURIComponent(q)}`);
    expect(body.data.results.map(({ kind, label }: { kind: string; label: string }) => `${kind} ${label}`)).toEqual(
      expected,
    );
  });

  test('every result leads to a resource that is there', async () => {
    const { get } = await scene(table, { expectations: () => expectationTable });
    for (const [q] of cases)
      for (const { href } of (await get(`/api/v1/lookup?q=${encodeURIComponent(q)}`)).body.data.results)
        expect((await get(href)).status, href).toBe(200);
  });
});

const expected = (node: string, prefix: string, service: string): ExpectedRoute => ({
  node,
  bgpPeer: 'tor-1',
  prefix,
  family: 4,
  localPref: null,
  communities: [],
  largeCommunities: [],
  nextHop: 'self',
  asPath: [64512],
  med: null,
  origin: 'igp',
  chain: [{ service, ip: '10.9.9.9', pool: 'pool-1', advertisement: 'adv-1', objects: [] }],
});
const rows = [
  expected('node-1', '10.1.0.0/16', 'default/web'),
  expected('node-1', '10.2.0.0/16', 'default/api'),
  expected('node-2', '10.1.0.0/16', 'default/web'),
].map((row, i) => (i === 1 ? { ...row, chain: row.chain.map((link) => ({ ...link, ip: '10.8.8.8' })) } : row));
const noEndpoints = { service: 'default/db', node: 'node-1', reason: 'noEndpoints', text: 'no ready endpoint' };
const expectationTable: ExpectationTable = {
  cluster: emptyCluster,
  options: {
    mode: 'frr',
    namespace: 'metallb-system',
    ignoreExcludeLB: false,
    loadBalancerClass: '',
    fieldValidation: 'strict',
  },
  nodes: new Map(),
  sessions: ['node-1', 'node-2'].map((node) => ({
    node,
    bgpPeer: 'tor-1',
    myASN: 64512,
    peerASN: 64500,
    peerPort: 179,
    families: [4],
    ibgp: false,
  })),
  refusals: [],
  notAnnouncedOf: () => [noEndpoints],
  notAnnounced: [noEndpoints],
  services: () => ['default/db'],
  lint: [],
  l2: [],
  layer2: { services: () => [], of: () => undefined, pools: [] },
  session: () => undefined,
  route: (node, bgpPeer, prefix) =>
    rows.find((row) => row.node === node && row.bgpPeer === bgpPeer && row.prefix === prefix),
  routes: (node) => rows.filter((row) => row.node === node),
  prefixes: () => ['10.1.0.0/16', '10.2.0.0/16'],
  whyNot: () => undefined,
  foreign: () => undefined,
};

describe('GET /expectations', () => {
  const cases: [string, string[]][] = [
    ['', ['node-1 10.1.0.0/16', 'node-1 10.2.0.0/16', 'node-2 10.1.0.0/16']],
    ['node=node-2', ['node-2 10.1.0.0/16']],
    ['prefix=10.1.0.0/16', ['node-1 10.1.0.0/16', 'node-2 10.1.0.0/16']],
    ['service=default/api', ['node-1 10.2.0.0/16']],
    ['pool=pool-2', []],
  ];
  test.each(cases)('?%s', async (query, wanted) => {
    const { get } = await scene(() => {}, { expectations: () => expectationTable });
    for (const limit of [1, 2, 100]) {
      const got: string[] = [];
      for (let cursor = ''; ; ) {
        const { body } = await get(`/api/v1/expectations?${query}&limit=${limit}${cursor}`);
        got.push(...body.data.map((row: ExpectedRoute) => `${row.node} ${row.prefix}`));
        if (body.page.nextCursor === null) break;
        cursor = `&cursor=${body.page.nextCursor}`;
      }
      expect(got).toEqual(wanted);
    }
  });

  test('routes can be asked for by what makes them expected', async () => {
    const { get } = await scene(table, { expectations: () => expectationTable });
    for (const query of ['service=default/web', 'pool=pool-1', 'advertisement=adv-1'])
      expect((await get(`/api/v1/routes?${query}`)).body.data).toHaveLength(2);
    expect((await get('/api/v1/routes?service=default/other')).body.data).toEqual([]);
  });

  test('/notes has what is not a route', async () => {
    const resources = resourcesOf([service('db', ['10.3.0.1'])]);
    const { get } = await scene(() => {}, { expectations: () => expectationTable, resources: () => resources });
    expect((await get('/api/v1/expectations/notes')).body.data).toMatchObject({
      mode: 'frr',
      notAnnounced: [{ service: 'default/db', reason: 'noEndpoints' }],
      truncated: false,
    });
  });

  test('a prefix on thousands of sessions is put together a piece at a time', async () => {
    const { get, deps } = await scene();
    const sessions = 5 * limits.verdictSlice;
    deps.verdicts.rows = Array.from({ length: sessions }, (_, i) =>
      verdict({ prefix: '10.4.0.0/16', node: `node-${String(i).padStart(4, '0')}`, neighbor: null }),
    );
    const { list } = deps.verdicts;
    const asked: number[] = [];
    deps.verdicts.list = (filter, after, limit) => {
      asked.push(limit);
      return list.call(deps.verdicts, filter, after, limit);
    };
    const { body } = await get('/api/v1/prefixes/10.4.0.0/16');
    expect(body.data.cells).toHaveLength(sessions);
    expect(asked).toEqual(Array(5).fill(limits.verdictSlice));
  });

  test('/notes works out no more than it shows', async () => {
    const resources = resourcesOf(Array.from({ length: 20 }, (_, i) => service(`db-${i}`, ['10.3.0.1'])));
    const asked: string[] = [];
    const notAnnouncedOf = (name: string) => {
      asked.push(name);
      return Array.from({ length: limits.notes / 4 }, (_, i) => ({ ...noEndpoints, service: name, node: `node-${i}` }));
    };
    const { get } = await scene(() => {}, {
      expectations: () => ({ ...expectationTable, notAnnouncedOf }),
      resources: () => resources,
    });
    const { notAnnounced, truncated } = (await get('/api/v1/expectations/notes')).body.data;
    expect(notAnnounced).toHaveLength(limits.notes);
    expect(truncated).toBe(true);
    expect(asked).toHaveLength(5);
  });

  test('without sources it is empty', async () => {
    const { get } = await scene();
    expect((await get('/api/v1/expectations')).body.data).toEqual([]);
    expect((await get('/api/v1/expectations/notes')).body.data.mode).toBeNull();
  });
});

describe('GET /checks and /findings', () => {
  test('verdicts by filter, in pages', async () => {
    const { get } = await scene(table);
    expect((await get('/api/v1/checks?verdict=missing,unexpected')).body.data).toHaveLength(2);
    expect((await get('/api/v1/checks?prefix=10.1.0.0/16')).body.data).toMatchObject([{ verdict: 'ok' }]);
    const first = (await get('/api/v1/checks?limit=2')).body;
    const second = (await get(`/api/v1/checks?limit=2&cursor=${first.page.nextCursor}`)).body;
    expect([...first.data, ...second.data].map((row: { verdict: string }) => row.verdict)).toEqual([
      'unexpected',
      'ok',
      'missing',
    ]);
  });

  test('/findings counts what is not ok in groups', async () => {
    const { get } = await scene(table);
    const { summary } = (await get('/api/v1/findings')).body;
    expect(summary).toMatchObject({ open: 2, listed: 0, moreGroups: 0 });
    expect(summary.groups.map(({ verdict: word, count }: { verdict: string; count: number }) => [word, count])).toEqual(
      expect.arrayContaining([
        ['missing', 1],
        ['unexpected', 1],
      ]),
    );
  });

  test('the summary counts every word', async () => {
    const { get } = await scene(table);
    expect((await get('/api/v1/checks/summary')).body.data).toMatchObject({
      verdicts: { ok: 1, pending: 0, missing: 1, unexpected: 1, mismatch: 0, stale: 0, suppressed: 0, unknown: 0 },
      evaluatedAt: '2026-01-01T00:00:00.000000Z',
    });
  });

  const runs: [string, string[], string][] = [
    ['all ok', ['ok'], 'ok'],
    ['a finding', ['ok', 'missing', 'pending'], 'findings'],
    ['something pending', ['ok', 'pending'], 'cannot-tell'],
    ['nothing to compare', [], 'cannot-tell'],
  ];
  test.each(runs)('a run with %s', async (_, words, outcome) => {
    const { app, deps } = await scene();
    deps.verdicts.rows = words.map((word, i) => verdict({ prefix: `10.0.0.${i}/32`, verdict: word as VerdictWord }));
    const answer = await app.inject({ method: 'POST', url: '/api/v1/checks/run' });
    expect(answer.json().data.outcome).toBe(outcome);
    expect(CheckRun.parse(answer.json().data).findings).toHaveLength(words.filter((word) => word === 'missing').length);
  });

  test('a run waits for what is pending, not longer than it is told, and at most checkWait', async () => {
    const { app, deps } = await scene();
    deps.verdicts.rows = [verdict({ verdict: 'pending' })];
    const run = (wait: string) => app.inject({ method: 'POST', url: `/api/v1/checks/run?wait=${wait}` });
    expect((await run('20ms')).json().data.outcome).toBe('cannot-tell');
    const summary = deps.verdicts.summary.bind(deps.verdicts);
    let looks = 0;
    deps.verdicts.summary = () => {
      if (++looks === 2) deps.verdicts.rows = [verdict()];
      return summary();
    };
    expect((await run('10m')).json().data.outcome).toBe('ok');
    expect(looks).toBeGreaterThan(2);
    expect((await run('11m')).statusCode).toBe(400);
  });

  test('findings have their life', async () => {
    const { get, deps } = await scene();
    deps.queries.found = [
      { id: 1, since: epoch, until: epoch + 1_000, verdict: verdict({ verdict: 'missing' }) },
      { id: 2, since: epoch, until: null, verdict: verdict({ verdict: 'missing' }) },
    ];
    expect((await get('/api/v1/findings?open=true')).body.data).toMatchObject([{ id: 2, until: null }]);
    expect((await get('/api/v1/findings?open=false')).body.data).toMatchObject([
      { id: 1, until: '2026-01-01T00:00:01.000000Z' },
    ]);
  });
});

describe('GET /changes', () => {
  const cases: [string, number[]][] = [
    ['', [1, 2, 3]],
    ['since=1', [2, 3]],
    ['until=2', [1, 2]],
    ['prefix=10.0.0.1/32', [1, 3]],
    ['prefix=10.0.0.9/32', []],
    ['neighbor=node-2', [2]],
    ['order=desc', [3, 2, 1]],
  ];
  test.each(cases)('?%s', async (query, seqs) => {
    const { get, deps, publish } = await scene();
    publish([
      deps.rib.announce(1, '10.0.0.1/32'),
      deps.rib.announce(2, '10.0.0.2/32'),
      deps.rib.withdraw(1, '10.0.0.1/32'),
    ]);
    for (const limit of [1, 2, 100]) {
      const got: number[] = [];
      for (let cursor = ''; ; ) {
        const { body } = await get(`/api/v1/changes?${query}&limit=${limit}${cursor}`);
        got.push(...body.data.map(({ seq }: { seq: number }) => seq));
        if (body.page.nextCursor === null) break;
        cursor = `&cursor=${body.page.nextCursor}`;
      }
      expect(got).toEqual(seqs);
    }
  });
});

describe('GET /status and the probes', () => {
  test('status puts everything together', async () => {
    const { get } = await scene(table);
    const { body } = await get('/api/v1/status');
    expect(Status.parse(body.data)).toEqual(body.data);
    expect(body.data).toMatchObject({
      advertises: false,
      uptimeSeconds: 60,
      rib: { routes: 7, prefixes: 6 },
      sessions: { established: 2, idle: 0 },
    });
  });

  test('ready is listening and synced; a full disk does not count', async () => {
    const { get, deps } = await scene();
    const status = deps.status();
    expect(await get('/readyz')).toMatchObject({ status: 200, body: { ready: true } });
    deps.status = () => ({
      ...status,
      degraded: { code: 'disk-full', text: 'the disk is full', since: epoch, gap: null },
    });
    expect(await get('/readyz')).toMatchObject({ status: 200, body: { checks: [{}, { text: 'the disk is full' }] } });
    deps.status = () => ({ ...status, listening: [] });
    expect(await get('/readyz')).toMatchObject({ status: 503, body: { ready: false } });
    const source = {
      name: 'manifests',
      kind: 'manifests' as const,
      synced: false,
      readAt: null,
      objects: 0,
      problems: [],
      kinds: null,
    };
    deps.status = () => ({ ...status, sources: [source] });
    expect(await get('/readyz')).toMatchObject({ status: 503 });
    expect(await get('/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  test('metrics name a neighbor by its bare address', async () => {
    const { get } = await scene(table);
    const { body } = await get('/metrics');
    for (const line of [
      'peerglass_peer_up{neighbor="1",peer="192.0.2.11",peer_as="64512",local_as="64500",node="node-1"} 1',
      'peerglass_peer_state{neighbor="1",peer="192.0.2.11",state="established"} 1',
      'peerglass_peer_uptime_seconds{neighbor="1",peer="192.0.2.11"} 60',
      'peerglass_checks{verdict="missing",severity="critical"} 1',
      'peerglass_expected_prefixes{neighbor="1",peer="192.0.2.11"} 2',
      'peerglass_service_verified{namespace="default",service="web"} 1',
      'peerglass_service_verified{namespace="default",service="api"} 0',
      'peerglass_update_processing_seconds_bucket{le="0.005"} 1',
      'peerglass_prefix_expected{node="node-1",bgp_peer="tor-1",neighbor="1",prefix="10.1.0.0/16"} 0',
      'peerglass_routes 7',
      'peerglass_build_info{version="0.1.0",collector="rack-7"} 1',
      'peerglass_ws_clients 0',
    ])
      expect(body.split('\n')).toContain(line);
    expect((await get('/metrics')).body).toBe(body); // counters are read, not added up
  });
});
