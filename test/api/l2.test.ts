import { describe, expect, it } from 'vitest';
import type { L2Row } from '../../src/l2/rows.ts';
import { l2Verdicts } from '../../src/l2/verdict.ts';
import type { L2View } from '../../src/l2/watch.ts';
import { assembleResources, readObject } from '../../src/metallb/objects/read.ts';
import { announcer, expectation, station } from '../l2/support.ts';
import { epoch } from '../support/fake-views.ts';
import { scene } from './support.ts';

const row = (some: Partial<L2Row>): L2Row => ({
  service: 'default/web',
  address: '192.0.2.200',
  expectation: expectation(),
  pool: 'all',
  verdict: 'ok',
  reasonCode: 'as-elected',
  reasonText: 'As elected.',
  owners: [station('a', epoch)],
  since: epoch,
  deadline: null,
  objects: [],
  ...some,
});

const nobody = { reason: 'notOwner', text: 'Service default/db has no serving endpoint' };
const rows = [
  row({ objects: [{ kind: 'Service', namespace: 'default', name: 'web', file: 'web.yaml', line: 3 }] }),
  row({
    service: 'default/db',
    address: '192.0.2.201',
    expectation: expectation({ elected: [], reason: nobody }),
    owners: [],
  }),
  row({
    service: 'default/api',
    address: '2001:db8::200',
    expectation: expectation({ elected: [announcer('node-b', ['bond0'])] }),
    owners: [station('a', epoch), station('b', epoch)],
    verdict: 'two-owners',
  }),
  row({
    service: '',
    address: '192.0.2.240',
    expectation: undefined,
    owners: [station('x', epoch)],
    verdict: 'pending',
    deadline: epoch + 5_000,
  }),
];

function view(shown: L2Row[]): L2View {
  return {
    rows: () => shown,
    counts: () => {
      const count = (word: string): number => shown.filter(({ verdict }) => verdict === word).length;
      return Object.fromEntries(l2Verdicts.map((word) => [word, count(word)])) as ReturnType<L2View['counts']>;
    },
    hearing: [{ name: 'eth0', listens: 'neighbor-table', text: 'CAP_NET_RAW is missing.' }],
    emptyText: () => 'No L2Advertisement selects an IPAddressPool.',
    revision: shown.length,
  };
}
const get = async (query: string, shown = rows) =>
  (await scene(() => {}, { l2: view(shown) })).get(`/api/v1/l2?${query}`);

describe('GET /l2', () => {
  it('shows who should answer, who does, and what both go by', async () => {
    const { body } = await get('address=192.0.2.200');
    expect(body.data).toEqual([
      {
        service: 'default/web',
        address: '192.0.2.200',
        family: 4,
        pool: 'all',
        elected: { node: 'node-a', interfaces: [] },
        reasonNotAnnounced: null,
        says: null,
        seen: [{ mac: 'a', node: 'node-a', interface: 'eth0', via: 'arp', at: '2026-01-01T00:00:00.000000Z' }],
        verdict: 'ok',
        reasonCode: 'as-elected',
        reasonText: 'As elected.',
        evidence: [
          { kind: 'object', ref: 'Service/default/web', text: 'web.yaml:3' },
          { kind: 'message', ref: '2026-01-01T00:00:00.000000Z', text: 'a on eth0, heard by ARP' },
        ],
        since: '2026-01-01T00:00:00.000000Z',
      },
    ]);
    expect(body.meta.emptyText).toBeUndefined();
  });
  it('says why nobody is elected, and when pending ends', async () => {
    expect((await get('service=default/db')).body.data).toMatchObject([
      { elected: null, reasonNotAnnounced: nobody.text },
    ]);
    expect((await get('verdict=pending')).body.data).toMatchObject([
      { service: '', evidence: [{ kind: 'message' }, { kind: 'time', ref: '2026-01-01T00:00:05.000000Z' }] },
    ]);
  });

  it.each<[string, string[]]>([
    ['', ['192.0.2.200', '192.0.2.201', '2001:db8::200', '192.0.2.240']],
    ['service=default/api', ['2001:db8::200']],
    ['address=2001:0db8::0200', ['2001:db8::200']],
    ['node=node-a', ['192.0.2.200', '2001:db8::200']],
    ['node=node-b,node-c', ['2001:db8::200']],
    ['verdict=ok', ['192.0.2.200', '192.0.2.201']],
    ['verdict=two-owners,pending', ['2001:db8::200', '192.0.2.240']],
    ['verdict=ok&node=node-b', []],
    ['limit=2', ['192.0.2.200', '192.0.2.201']],
  ])('%s', async (query, addresses) => {
    const { status, body } = await get(query);
    expect([status, body.data.map(({ address }: { address: string }) => address)]).toEqual([200, addresses]);
  });
  it.each(['address=web', 'verdict=bad', 'facets=pool', 'prefix=192.0.2.0/24'])('%s is refused', async (query) => {
    expect((await get(query)).status).toBe(400);
  });

  it('goes on at the cursor', async () => {
    const served = await scene(() => {}, { l2: view(rows) });
    const { body } = await served.get('/api/v1/l2?limit=3');
    const rest = await served.get(`/api/v1/l2?limit=3&cursor=${body.page.nextCursor}`);
    expect(rest.body.data).toMatchObject([{ address: '192.0.2.240' }]);
    expect(rest.body.page.nextCursor).toBeNull();
  });
  it('counts by verdict and by node, elected or seen', async () => {
    const { body } = await get('facets=verdict,node');
    expect(body.facets).toEqual({
      verdict: {
        values: [
          { value: 'ok', count: 2 },
          { value: 'pending', count: 1 },
          { value: 'two-owners', count: 1 },
        ],
        truncated: false,
      },
      node: {
        values: [
          { value: 'node-a', count: 2 },
          { value: 'node-b', count: 1 },
        ],
        truncated: false,
      },
    });
  });
  it('is CSV when asked for', async () => {
    const { body } = await get('format=csv&fields=address,verdict,elected.node');
    expect(body.split('\r\n').slice(0, 2)).toEqual(['address,verdict,elected.node', '192.0.2.200,ok,node-a']);
  });
  it('is unchanged while nothing was seen, and changed afterwards', async () => {
    const shown = view(rows);
    const served = await scene(() => {}, { l2: shown });
    const etag = String((await served.get('/api/v1/l2')).headers['etag']);
    expect((await served.get('/api/v1/l2', { 'if-none-match': etag })).status).toBe(304);
    Object.assign(shown, { revision: shown.revision + 1 });
    expect((await served.get('/api/v1/l2', { 'if-none-match': etag })).status).toBe(200);
  });
  it('says why there is nothing', async () => {
    expect((await get('', [])).body).toMatchObject({
      data: [],
      meta: { emptyText: 'No L2Advertisement selects an IPAddressPool.' },
    });
    const off = await (await scene()).get('/api/v1/l2');
    expect(off.body).toMatchObject({
      data: [],
      meta: { emptyText: 'Layer 2 is not watched: set l2 in the configuration.' },
    });
  });

  it('shows what the speakers report, that of the elected node first', async () => {
    const report = (node: string, interfaces: string[]) => ({
      raw: {
        apiVersion: 'metallb.io/v1beta1',
        kind: 'ServiceL2Status',
        metadata: { name: `l2-${node}`, namespace: 'metallb-system' },
        status: {
          node,
          serviceName: 'web',
          serviceNamespace: 'default',
          interfaces: interfaces.map((name) => ({ name })),
        },
      },
    });
    const resources = assembleResources([report('node-c', []), report('node-a', ['bond0'])].map(readObject));
    const served = await scene(() => {}, { l2: view(rows), resources: () => resources });
    const { body } = await served.get('/api/v1/l2?service=default/web');
    expect(body.data[0].says).toEqual({ node: 'node-a', interfaces: ['bond0'] });
  });
});

describe('layer 2 elsewhere', () => {
  it('is in the status', async () => {
    const { body } = await (await scene(() => {}, { l2: view(rows) })).get('/api/v1/status');
    expect(body.data.l2).toEqual({
      interfaces: [{ name: 'eth0', listens: 'neighbor-table', text: 'CAP_NET_RAW is missing.' }],
    });
    expect((await (await scene()).get('/api/v1/status')).body.data.l2).toBeNull();
  });
  it('is in the metrics, by verdict, and not there when it is not watched', async () => {
    const on = String((await (await scene(() => {}, { l2: view(rows) })).get('/metrics')).body);
    expect(on).toContain('peerglass_l2_services{verdict="two-owners"} 1');
    expect(on).toContain('peerglass_l2_services{verdict="missing"} 0');
    expect(String((await (await scene()).get('/metrics')).body)).not.toContain('peerglass_l2_services{');
  });
});
