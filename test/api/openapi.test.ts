/** Every answer against the server's own OpenAPI document: statuses, content types, fields. Routes come through the real RIB. */

import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildServer } from '../../src/api/server.ts';
import { createCalculator } from '../../src/metallb/calculator.ts';
import { ChangeReader } from '../../src/rib/change-log.ts';
import { Rib } from '../../src/rib/rib.ts';
import { LiveRib } from '../../src/rib/view.ts';
import type { TimelineRow } from '../../src/store/types.ts';
import { VerdictEngine } from '../../src/verdicts/engine.ts';
import { Wire } from '../support/batches.ts';
import * as build from '../support/builders.ts';
import { epoch, fakeDeps } from '../support/fake-views.ts';
import { hex } from '../support/hex.ts';
import { advertisement, frr, node, peer, pool, service, slice } from '../support/metallb-objects.ts';
import { resourcesOf } from './cluster.ts';

const everyAttribute: Partial<build.RouteAttributes> = {
  asPath: [64512, [64513, 64514], 64515],
  med: 7,
  localPref: 100,
  atomicAggregate: true,
  aggregator: { asn: 4_200_000_000, routerId: '10.0.0.1' },
  communities: ['64512:100'],
  originatorId: '10.0.0.2',
  clusterList: ['10.0.0.3', '10.0.0.4'],
  extCommunities: ['rt:65000:1'],
  aigp: 2 ** 40,
  largeCommunities: ['64512:1:2'],
  otc: 64512,
  raw: [
    build.attribute(25, 0xc0, hex('0002 20010db8000000000000000000000001 0005')),
    build.attribute(99, 0xc0, [1, 2]),
  ],
};
const confederation: Partial<build.RouteAttributes> = { asPath: [] };

const objects = [
  ...[node('node-1', 11), node('node-2', 12), peer('tor-1'), pool('blue', ['203.0.113.0/28'])],
  ...[pool('broken', ['203.0.113.0/33']), advertisement('adv-blue', { ipAddressPools: ['blue'] })],
  ...[service('web', ['203.0.113.1']), slice('web', ['node-1', 'node-2'])],
];

async function server() {
  const rib = new Rib();
  const view = new LiveRib(rib);
  const wire = new Wire(epoch)
    .establish(1, '192.0.2.11', { asn: 64500 })
    .establish(2, '192.0.2.12', { asn: 64512 })
    .announce(1, ['203.0.113.1/32', '198.51.100.0/24'], everyAttribute)
    .announce(1, ['203.0.113.1/32'], { ...everyAttribute, med: 8 })
    .announce(1, ['2001:db8:1::/48'], everyAttribute)
    .announce(2, ['203.0.113.9/32'], confederation)
    .withdraw(1, ['198.51.100.0/24'])
    .down(2, '192.0.2.12', { retainRoutes: 'all' as never });
  const { changes, events } = rib.apply(wire.take());
  for (const neighbor of rib.neighbors.byId.values())
    Object.assign(neighbor, { node: `node-${neighbor.id}`, bgpPeer: 'tor-1' });
  const log = new ChangeReader(changes).toArray().map((change) => ({ ...change }));

  const resources = resourcesOf(objects);
  const { table, change } = createCalculator(frr).update(resources);
  const now = () => epoch + 60_000;
  const engine = new VerdictEngine({ rib: view, now, graceMs: () => 0, restoreMs: 0 });
  engine.setExpectations(table, change);
  while (engine.busy) engine.step(1_000);

  const deps = fakeDeps();
  Object.assign(deps, { refresh: (id: number) => id === 1, reset: (id: number) => id === 1 });
  Object.assign(deps, { rib: view, verdicts: engine, expectations: () => table, resources: () => resources });
  deps.queries.log = log;
  deps.queries.events = events.map((event, id) => ({ ...event, id })) as never;
  deps.queries.found = engine
    .list({}, undefined, 100)
    .rows.map((verdict, id) => ({ id, since: epoch, until: id % 2 ? null : epoch + 1, verdict }));
  deps.queries.past = { rows: log.map((one): TimelineRow => ({ kind: 'route', change: one })), next: null };
  const app = await buildServer(deps);
  await app.ready();
  return app;
}

interface Operation {
  parameters?: { name: string; in: string }[];
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}
interface Answer {
  statusCode: number;
  headers: Record<string, unknown>;
  body: string;
}

let app: Awaited<ReturnType<typeof server>>;
// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document
let document: any;
let ajv: Ajv2020;

beforeAll(async () => {
  app = await server();
  document = (await app.inject('/api/v1/openapi.json')).json();
  ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, 'openapi');
  return () => app.close();
}, 60_000);

const operationOf = (method: string, path: string): Operation => document.paths[path][method.toLowerCase()];

/** What is wrong with an answer by the document; empty = nothing. */
function violations(method: string, path: string, { statusCode, headers, body }: Answer): string[] {
  const { responses } = operationOf(method, path);
  const key = [String(statusCode), `${String(statusCode)[0]}XX`].find((one) => responses[one]);
  if (key === undefined) return [`status ${statusCode} is not declared`];
  const { content } = responses[key]!;
  if (body === '') return [];
  const type = String(headers['content-type']).split(';')[0]!;
  if (!content?.[type]) return [`${statusCode}: content type ${type} is not declared`];
  if (!/json$/.test(type) || type.endsWith('ndjson')) return [];
  const at = ['paths', path, method.toLowerCase(), 'responses', key, 'content', type, 'schema'];
  const pointer = at.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
  const validate = ajv.getSchema(`openapi#/${pointer}`)!;
  return validate(JSON.parse(body))
    ? []
    : validate.errors!.map((error) => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`);
}

async function ask(
  method: string,
  path: string,
  url: string,
  more: object = {},
): Promise<Answer & { wrong: string[] }> {
  const answer = (await app.inject({ method: method as 'GET', url, ...more })) as unknown as Answer;
  return { ...answer, statusCode: answer.statusCode, body: answer.body, wrong: violations(method, path, answer) };
}

const base = '/api/v1';
/** Path in the document, URL. */
const lists: [path: string, url: string][] = [
  ['/neighbors', '/neighbors'],
  ['/neighbors/{id}/events', '/neighbors/1/events'],
  ['/routes', '/routes'],
  ['/changes', '/changes'],
  ['/timeline/{prefix}', '/timeline/203.0.113.1%2F32'],
  ['/timeline/{address}/{length}', '/timeline/203.0.113.1/32'],
  ['/expectations', '/expectations'],
  ['/checks', '/checks'],
  ['/findings', '/findings'],
  ['/diagnoses', '/diagnoses'],
  ['/l2', '/l2'],
];
const things: [method: string, path: string, url: string, status: number, more?: object][] = [
  ['GET', '/status', '/status', 200],
  ['GET', '/neighbors/{id}', '/neighbors/1', 200],
  ['GET', '/neighbors/{id}', '/neighbors/9', 404],
  ['GET', '/neighbors/{id}', '/neighbors/99999999999999999999', 404],
  ['GET', '/neighbors/{id}', `/neighbors/${'9'.repeat(300)}`, 404],
  ['GET', '/neighbors/{id}', '/neighbors/1?at=2026-01-01T00:00:00Z', 501],
  ['GET', '/neighbors/{id}/capabilities', '/neighbors/1/capabilities', 200],
  ['POST', '/neighbors/{id}/refresh', '/neighbors/1/refresh', 202],
  ['POST', '/neighbors/{id}/refresh', '/neighbors/2/refresh', 409],
  ['POST', '/neighbors/{id}/reset', '/neighbors/1/reset', 202, { payload: { text: 'maintenance' } }],
  ['POST', '/neighbors/{id}/reset', '/neighbors/1/reset', 400, { payload: { test: 'x' } }],
  [
    'POST',
    '/neighbors/{id}/reset',
    '/neighbors/1/reset',
    415,
    { payload: 'a=1', headers: { 'content-type': 'text/x-odd' } },
  ],
  ['GET', '/prefixes/{prefix}', '/prefixes/203.0.113.1%2F32', 200],
  ['GET', '/prefixes/{prefix}', '/prefixes/nonsense', 400],
  ['GET', '/prefixes/{address}/{length}', '/prefixes/203.0.113.1/32', 200],
  ['GET', '/prefixes/{address}/{length}', '/prefixes/192.0.2.0/30', 404],
  ['GET', '/prefixes/{address}/{length}', '/prefixes/192.0.2.0/99', 400],
  ['GET', '/lookup', '/lookup?q=203.0.113.1', 200],
  ['GET', '/lookup', '/lookup', 400],
  ['GET', '/expectations/notes', '/expectations/notes', 200],
  ['GET', '/expectations/overlay', '/expectations/overlay', 200],
  ['PUT', '/expectations/overlay', '/expectations/overlay', 200, { payload: { rules: [] } }],
  ['PUT', '/expectations/overlay', '/expectations/overlay', 400, { payload: [] }],
  [
    'PUT',
    '/expectations/overlay',
    '/expectations/overlay',
    413,
    { payload: `"${'x'.repeat(1_100_000)}"`, headers: { 'content-type': 'application/json' } },
  ],
  ['GET', '/explain', '/explain?prefix=203.0.113.1/32', 200],
  ['GET', '/checks/summary', '/checks/summary', 200],
  ['POST', '/checks/run', '/checks/run', 200],
  ['POST', '/checks/run', '/checks/run?wait=', 400],
  ['GET', '/diagnoses/catalog', '/diagnoses/catalog', 200],
  ['GET', '/services/{namespace}/{name}', '/services/default/web', 200],
  ['GET', '/services/{namespace}/{name}', '/services/default/nothing', 404],
  ['GET', '/nodes/{name}', '/nodes/node-1', 200],
  ['GET', '/pools/{name}', '/pools/blue', 200],
  ['GET', '/advertisements/{name}', '/advertisements/adv-blue', 200],
  ['POST', '/simulate', '/simulate', 400],
  ['GET', '/stream/sse', '/stream/sse?family=5', 400],
];

describe.each(lists)('%s', (path, url) => {
  test.each([
    ['application/json', '', 200],
    ['application/x-ndjson', '?format=ndjson', 200],
    ['application/x-ndjson', '?format=ndjson&limit=all', 200],
    ['text/csv', '?format=csv', 200],
    ['application/json', '?limit=1', 200],
    ['application/problem+json', '?limit=0', 400],
    ['application/problem+json', '?limit=', 400],
    ['application/problem+json', '?limit=all', 400],
    ['application/problem+json', '?format=xml', 400],
    ['application/problem+json', '?fields=', 400],
    ['application/problem+json', '?fields=nothing', 400],
    ['application/problem+json', '?cursor=%00', 400],
    ['application/problem+json', '?unknown=1', 400],
    ['application/problem+json', '?at=2026-01-01T00:00:00Z', 501],
  ])('answers as declared: %s for %s', async (type, query, status) => {
    const { wrong, statusCode, headers } = await ask('GET', `${base}${path}`, `${base}${url}${query}`);
    expect({ wrong, statusCode, type: String(headers['content-type']).split(';')[0] }).toEqual({
      wrong: [],
      statusCode: status,
      type,
    });
  });

  test.each([
    ['text/csv', 'text/csv'],
    ['text/html, application/x-ndjson;q=0.5', 'application/x-ndjson'],
    ['application/json;q=0.1, text/csv;q=0.9', 'text/csv'],
    ['application/*', 'application/json'],
    ['image/png', 'application/json'],
    ['', 'application/json'],
  ])('Accept: %s is answered with %s', async (accept, type) => {
    const { wrong, headers } = await ask('GET', `${base}${path}`, `${base}${url}`, { headers: { accept } });
    expect({ wrong, type: String(headers['content-type']).split(';')[0] }).toEqual({ wrong: [], type });
  });

  test('has every field of its rows in OpenAPI, CSV and fields=', async () => {
    const rows = (await ask('GET', `${base}${path}`, `${base}${url}`)).body;
    const keys = [...new Set((JSON.parse(rows).data as object[]).flatMap((row) => Object.keys(row)))];
    if (keys.length === 0) return expect(['/diagnoses', '/l2', '/neighbors/{id}/events']).toContain(path);
    const { statusCode } = await ask('GET', `${base}${path}`, `${base}${url}?fields=${keys.join(',')}`);
    expect(statusCode).toBe(200);
    const csv = (await ask('GET', `${base}${path}`, `${base}${url}?format=csv`)).body;
    const columns = csv
      .split('\r\n', 1)[0]!
      .split(',')
      .map((column) => column.split('.')[0]);
    expect(columns).toEqual(expect.arrayContaining(keys));
  });

  test('HEAD has no body', async () => {
    const answer = await app.inject({ method: 'HEAD', url: `${base}${url}` });
    expect([answer.statusCode, answer.body]).toEqual([200, '']);
  });
});

test.each(things)('%s %s: %s answers %i as declared', async (method, path, url, status, more = {}) => {
  const { wrong, statusCode } = await ask(method, `${base}${path}`, `${base}${url}`, more);
  expect({ wrong, statusCode }).toEqual({ wrong: [], statusCode: status });
});

test.each(['/healthz', '/readyz'])('GET %s answers as declared', async (path) => {
  expect((await ask('GET', path, path)).wrong).toEqual([]);
});

test('a route has every attribute that its row shows', async () => {
  const { body } = await ask('GET', `${base}/routes`, `${base}/routes?prefix=203.0.113.1/32`);
  expect(JSON.parse(body).data[0]).toMatchObject({
    aggregator: { asn: 4_200_000_000, routerId: '10.0.0.1' },
    atomicAggregate: true,
    originatorId: '10.0.0.2',
    clusterList: ['10.0.0.3', '10.0.0.4'],
    unknown: [{ code: 99, flags: 0xc0, raw: '0102' }],
  });
});

test('fields that a schema does not have are violations', () => {
  const closed = ['Route', 'Change', 'CheckRow', 'Finding'].map((name) => document.components.schemas[name]);
  expect(closed.map(({ additionalProperties }) => additionalProperties)).toEqual([false, false, false, false]);
});

test('every operation of the document is asked', () => {
  const asked = new Set([...lists.map(([path]) => path), ...things.map(([, path]) => path)].map((path) => base + path));
  expect(Object.keys(document.paths).filter((path) => !asked.has(path))).toEqual(['/healthz', '/readyz']);
});

test('what every operation can answer is declared', () => {
  const lacking = Object.entries(document.paths as Record<string, Record<string, Operation>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods).flatMap(([method, { responses }]) =>
        ['4XX', '500', '503'].flatMap((status) => (responses[status] ? [] : [`${method} ${path} ${status}`])),
      ),
  );
  expect(lacking).toEqual([]);
});
