/** Answers at the bounds of `limits`: cut lists say so. */
import { once } from 'node:events';
import type net from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { verdict } from '../support/fake-views.ts';
import { scene } from './support.ts';

vi.mock('../../src/api/limits.ts', async (original) => {
  const { limits } = await original<typeof import('../../src/api/limits.ts')>();
  const ofLists = { rows: 3, cells: 1, facetRows: 2, facetValues: 1, prefixSeries: 2 };
  return {
    limits: {
      ...limits,
      ...ofLists,
      lookupResults: 2,
      lookupRoutes: 3,
      requestsPerMinute: 9,
      overlayBytes: 100,
      messageBytes: 200,
    },
  };
});

/** Expected routes of Services s0 to s`count - 1`, one each. */
function table(count: number): object {
  const routes = Array.from({ length: count }, (_, i) => ({ chain: [{ service: `web/s${i}`, ip: `192.0.2.${i}` }] }));
  return { sessions: [{ node: 'node-1', bgpPeer: 'tor-1' }], routes: () => routes, nodes: new Map() };
}

describe('/lookup', () => {
  test.each([
    ['finds all up to lookupResults', 2, 's', 2, false],
    ['cuts beyond lookupResults, and says so', 3, 's', 2, true],
    ['says that Services behind lookupRoutes were not looked at', 5, 's4', 0, true],
  ])('%s', async (_, count, word, found, truncated) => {
    const { get, deps } = await scene();
    Object.assign(deps, { expectations: () => table(count) });
    const { data } = (await get(`/api/v1/lookup?q=${word}`)).body;
    expect(data).toMatchObject({ results: { length: found }, truncated });
  });
});

describe('/routes', () => {
  const announcing = () =>
    scene(({ rib }) => {
      for (let i = 0; i < 4; i++) rib.announce(1 + (i % 2), `10.0.${i}.0/24`, { med: i });
    });

  test('facets beyond facetRows or facetValues are truncated', async () => {
    const { get } = await announcing();
    const { facets } = (await get('/api/v1/routes?limit=1&facets=node,family')).body;
    expect(facets).toMatchObject({
      node: { values: { length: 1 }, truncated: true },
      family: { values: [{ count: 2 }], truncated: true },
    });
  });

  test('a page has at most limits.rows rows', async () => {
    const { get } = await announcing();
    expect((await get('/api/v1/routes?limit=4')).status).toBe(400);
    const { body } = await get('/api/v1/routes?limit=3');
    expect(body).toMatchObject({ data: { length: 3 }, page: { nextCursor: expect.any(String) } });
  });
});

test('of many sessions with one prefix as many as limits.cells are shown', async () => {
  const { get } = await scene(({ rib, verdicts }) => {
    for (const id of [1, 2]) {
      rib.announce(id, '10.0.0.0/24');
      verdicts.rows.push(verdict({ prefix: '10.0.0.0/24', node: `node-${id}`, neighbor: id }));
    }
  });
  const { status, body } = await get('/api/v1/prefixes/10.0.0.0%2F24');
  expect([status, body.data.cells.length, body.data.truncated]).toEqual([200, 1, true]);
});

test('metrics have prefixSeries rows per prefix, and count the others', async () => {
  const { get } = await scene(({ verdicts }) => {
    for (let i = 0; i < 5; i++) verdicts.rows.push(verdict({ prefix: `10.0.${i}.0/24` }));
  });
  const text = String((await get('/metrics')).body);
  expect(text.match(/^peerglass_prefix_expected\{/gm)).toHaveLength(2);
  expect(text).toMatch(/^peerglass_prefix_series_dropped 3$/m);
});

test('an address gets requestsPerMinute answers a minute', async () => {
  const { get } = await scene();
  const statuses: number[] = [];
  for (let i = 0; i < 10; i++) statuses.push((await get('/api/v1/status')).status);
  expect(statuses).toEqual([...Array<number>(9).fill(200), 429]);
});

test('rules longer than overlayBytes are not read', async () => {
  const { app } = await scene();
  const answer = await app.inject({
    method: 'PUT',
    url: '/api/v1/expectations/overlay',
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify({ rules: ['x'.repeat(100)] }),
  });
  expect(answer.json()).toMatchObject({ status: 413, code: 'too-large' });
});

test('a message of a live client longer than messageBytes closes its connection', async () => {
  const { app } = await scene();
  await app.listen({ port: 0, host: '127.0.0.1' });
  const client = new WebSocket(`ws://127.0.0.1:${(app.server.address() as net.AddressInfo).port}/api/v1/stream`);
  await once(client, 'open');
  client.send(' '.repeat(201));
  expect((await once(client, 'close'))[0]).toBe(1009);
});
