/** The promises of the interface: what is documented is there, what is there is documented, names do not change. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { scene } from './support.ts';

const resources = [
  'GET /api/v1/status',
  'GET /api/v1/neighbors',
  'GET /api/v1/neighbors/{id}',
  'GET /api/v1/neighbors/{id}/capabilities',
  'GET /api/v1/neighbors/{id}/events',
  'POST /api/v1/neighbors/{id}/refresh',
  'POST /api/v1/neighbors/{id}/reset',
  'GET /api/v1/routes',
  'GET /api/v1/prefixes/{prefix}',
  'GET /api/v1/prefixes/{address}/{length}',
  'GET /api/v1/lookup',
  'GET /api/v1/changes',
  'GET /api/v1/timeline/{address}/{length}',
  'GET /api/v1/timeline/{prefix}',
  'GET /api/v1/expectations',
  'GET /api/v1/expectations/notes',
  'GET /api/v1/expectations/overlay',
  'PUT /api/v1/expectations/overlay',
  'GET /api/v1/explain',
  'GET /api/v1/checks',
  'GET /api/v1/checks/summary',
  'POST /api/v1/checks/run',
  'GET /api/v1/diagnoses',
  'GET /api/v1/diagnoses/catalog',
  'GET /api/v1/findings',
  'GET /api/v1/services/{namespace}/{name}',
  'GET /api/v1/nodes/{name}',
  'GET /api/v1/pools/{name}',
  'GET /api/v1/advertisements/{name}',
  'GET /api/v1/l2',
  'POST /api/v1/simulate',
  'GET /api/v1/stream/sse',
  'GET /healthz',
  'GET /readyz',
];

test('the documentation has exactly these resources', async () => {
  const { get } = await scene();
  const { body } = await get('/api/v1/openapi.json');
  expect(body.openapi).toBe('3.1.0');
  const documented = Object.entries(body.paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(documented.sort()).toEqual([...resources].sort());
});

test('every resource has a summary and the statuses of its problems', async () => {
  const { get } = await scene();
  const { body } = await get('/api/v1/openapi.json');
  type Operation = {
    summary?: string;
    parameters?: { name: string }[];
    responses: Record<string, { content?: object }>;
  };
  for (const path of Object.values(body.paths as Record<string, Record<string, Operation>>))
    for (const { summary, parameters = [], responses } of Object.values(path)) {
      expect(summary).toBeTruthy();
      expect(responses).toHaveProperty('200' in responses ? '200' : '202');
      expect(responses).toHaveProperty('4XX');
      expect(responses).toHaveProperty('503');
      if (parameters.some(({ name }) => name === 'at')) expect(responses).toHaveProperty('501');
    }
});

test('the filters of routes have the names that were promised', async () => {
  const { get } = await scene();
  const { body } = await get('/api/v1/openapi.json');
  const names = body.paths['/api/v1/routes'].get.parameters.map(({ name }: { name: string }) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      ...['prefix', 'match', 'family', 'neighbor', 'node', 'community', 'largeCommunity', 'nextHop', 'asPath'],
      ...['originAsn', 'verdict', 'service', 'pool', 'advertisement', 'stale', 'since'],
      ...['limit', 'cursor', 'fields', 'format', 'at', 'facets'],
    ]),
  );
});

test('a route has the names that were promised', async () => {
  const { get, deps } = await scene();
  deps.rib.announce(1, '10.0.0.0/8');
  const [route] = (await get('/api/v1/routes')).body.data;
  expect(Object.keys(route).sort()).toEqual(
    [
      ...['prefix', 'family', 'pathId', 'neighbor', 'nextHop', 'nextHopLinkLocal', 'asPath', 'origin', 'localPref'],
      ...['med', 'communities', 'largeCommunities', 'extCommunities', 'otc', 'stale', 'staleUntil', 'receivedAt'],
      ...['firstSeenAt', 'lastChangedAt', 'seq', 'verdict', 'aggregator', 'atomicAggregate', 'originatorId'],
      ...['clusterList', 'unknown'],
    ].sort(),
  );
  expect(Object.keys(route.neighbor)).toEqual(['id', 'address', 'asn', 'routerId', 'node']);
});

test('what is not there is a problem', async () => {
  const { get } = await scene();
  expect(await get('/api/v1/nothing')).toMatchObject({ status: 404, body: { code: 'no-such-resource' } });
});

describe('the page', () => {
  test('says how to build it when it is not built', async () => {
    const { get } = await scene(() => {}, {}, { page: '/nowhere' });
    expect((await get('/')).body).toContain('npm run build');
  });

  test('is served, its assets for ever and itself not', async () => {
    const page = mkdtempSync(join(tmpdir(), 'peerglass-page-'));
    onTestFinished(() => rmSync(page, { recursive: true }));
    mkdirSync(join(page, 'assets'));
    writeFileSync(join(page, 'index.html'), '<p>hello');
    writeFileSync(join(page, 'assets', 'a-1.js'), '1');
    const { get } = await scene(() => {}, {}, { page });
    expect(await get('/')).toMatchObject({ body: '<p>hello', headers: { 'cache-control': 'no-cache' } });
    expect((await get('/assets/a-1.js')).headers['cache-control']).toMatch(/immutable/);
  });

  test('the documentation can be browsed from here alone', async () => {
    const { get } = await scene();
    const { body } = await get('/api/v1/docs');
    const links = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link);
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) expect((await get(link)).status, link).toBe(200);
  });
});
