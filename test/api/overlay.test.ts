/** `/expectations/overlay`: reading, putting, and who may. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InjectOptions } from 'fastify';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Overlay, type Verdict } from '../../src/api/schemas.ts';
import { openOverlay } from '../../src/overlay/overlay.ts';
import { overlayRules } from '../overlay/rules.ts';
import { epoch, verdict } from '../support/fake-views.ts';
import { advertisement, node, peer, pool, service, slice } from '../support/metallb-objects.ts';
import { clusterScene } from './cluster.ts';
import { type Scene, scene } from './support.ts';

const url = '/api/v1/expectations/overlay';
const must = { id: 'dns', rule: 'must', prefix: '203.0.113.53/32', node: ['a', 'b'], reason: 'why', owner: 'dns-team' };
const ignore = {
  id: 'drain',
  rule: 'ignore',
  prefix: '203.0.113.1',
  verdict: 'missing',
  reason: 'why',
  owner: 'noc',
  expires: '2026-03-31',
};

async function served(some: Parameters<typeof scene>[1] = {}): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'peerglass-overlay-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const overlay = await openOverlay({ file: null, folder, now: () => epoch, onChange: () => {} });
  return scene(() => {}, { overlay, ...some });
}

async function put({ app }: Scene, body: unknown, headers: InjectOptions['headers'] = {}) {
  const answer = await app.inject({ method: 'PUT', url, headers: { ...headers }, payload: body as object });
  return { status: answer.statusCode, body: answer.json(), tag: answer.headers['etag'] as string };
}

test('nothing is there at first', async () => {
  const { status, body } = await (await served()).get(url);
  expect({ status, data: body.data }).toEqual({
    status: 200,
    data: { rules: [], file: null, updatedAt: null, problems: [] },
  });
});

test('what is put is what is read, in canonical form', async () => {
  const one = await served();
  const { status, body } = await put(one, { rules: [must, ignore] });
  expect(status, JSON.stringify(body)).toBe(200);
  expect(Overlay.parse(body.data)).toEqual(body.data);
  expect(body.data).toEqual({
    rules: [
      { ...must, match: 'exact', expires: null, expired: false, layer: 'api', replaced: false },
      {
        ...ignore,
        prefix: '203.0.113.1/32',
        match: 'exact',
        expires: '2026-04-01T00:00:00.000000Z',
        expired: false,
        layer: 'api',
        replaced: false,
      },
    ],
    file: null,
    updatedAt: '2026-01-01T00:01:00.000000Z',
    problems: [],
  });
  expect((await one.get(url)).body.data).toEqual(body.data);
});

test('an answer can be edited and put back', async () => {
  const one = await served();
  await put(one, { rules: [must, ignore] });
  const { rules } = (await one.get(url)).body.data;
  rules[0].owner = 'noc';
  const { body } = await put(one, { rules: [...rules, { ...must, id: 'of-the-file', layer: 'file' }] });
  expect(body.data.rules).toEqual(rules);
});

describe('rules that somebody else changed', () => {
  test('are not overwritten by who read them before', async () => {
    const one = await served();
    const tag = (await one.get(url)).headers['etag'] as string;
    const first = await put(one, { rules: [must] }, { 'if-match': tag });
    expect(first.status).toBe(200);
    expect(await put(one, { rules: [] }, { 'if-match': tag })).toMatchObject({
      status: 412,
      body: { code: 'outdated' },
    });
    expect((await one.get(url)).headers['etag']).toBe(first.tag);
    expect((await put(one, { rules: [] }, { 'if-match': `"other", ${first.tag}` })).status).toBe(200);
  });

  test('are not lost, when two come at once', async () => {
    const one = await served();
    const tag = (await one.get(url)).headers['etag'] as string;
    const [first, second] = await Promise.all(
      [must, ignore].map((rule) => put(one, { rules: [rule] }, { 'if-match': tag })),
    );
    expect([first!.status, second!.status].sort()).toEqual([200, 412]);
    const { rules } = (first!.status === 200 ? first : second)!.body.data;
    expect((await one.get(url)).body.data.rules).toEqual(rules);
  });

  test.each(['*', undefined])('are, with If-Match %s', async (tag) => {
    const one = await served();
    await put(one, { rules: [must] });
    expect((await put(one, { rules: [] }, tag === undefined ? {} : { 'if-match': tag })).status).toBe(200);
  });
});

describe('what cannot be put', () => {
  const refused: [string, unknown, string, string][] = [
    ['no object', [], '', 'expected `rules:` with a list of rules'],
    ['no rules', {}, '', 'expected `rules:` with a list of rules'],
    ['something else beside them', { rules: [], rule: 1 }, 'rule', 'unknown key; did you mean rules?'],
    ['a key that is none', { rules: [{ ...must, nodes: 'a' }] }, 'rules[0].nodes', 'unknown key; did you mean node?'],
    ['ignore without expires', { rules: [must, { ...ignore, expires: null }] }, 'rules[1].expires', 'missing: '],
    ['a duplicate id', { rules: [must, must] }, 'rules[1].id', 'duplicate id dns'],
  ];
  test.each(refused)('%s', async (_, body, path, text) => {
    const one = await served();
    await put(one, { rules: [must] });
    const answer = await put(one, body);
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'invalid-request', errors: [{ path, text: expect.stringContaining(text) }] },
    });
    expect((await one.get(url)).body.data.rules).toMatchObject([{ id: 'dns' }]);
  });

  test('what the disk does not take', async () => {
    const overlay = {
      view: () => ({ rules: [], file: null, updatedAt: null, problems: [] }),
      put: async () => {
        throw new Error('ENOSPC: no space left on device');
      },
    };
    expect(await put(await served({ overlay }), { rules: [] })).toMatchObject({
      status: 503,
      body: { code: 'not-stored', detail: 'Nothing was changed: ENOSPC: no space left on device' },
    });
  });
});

describe('who may put', () => {
  const token = (scope: string) => `a-token-for-${scope}-only`;
  const http = {
    listen: '127.0.0.1:8080',
    tokens: (['read', 'operate', 'admin'] as const).map((scope) => ({ token: token(scope), scopes: [scope] })),
    public: true,
    cors: [],
  };
  test.each([
    [undefined, 401],
    ['read', 403],
    ['operate', 403],
    ['admin', 200],
  ])('with the scope %s: %i', async (scope, status) => {
    const one = await served({ http });
    const headers = scope === undefined ? {} : { authorization: `Bearer ${token(scope)}` };
    expect((await put(one, { rules: [] }, headers)).status).toBe(status);
    expect((await one.get(url)).status).toBe(200);
  });
});

describe('where rules show up', () => {
  const web = '203.0.113.1/32';
  const objects = [
    node('node-1', 11),
    node('node-2', 12),
    peer('tor-1'),
    pool('blue', ['203.0.113.0/28']),
    advertisement('adv'),
    service('web', ['203.0.113.1']),
    slice('web', ['node-1', 'node-2']),
  ];
  const ruled = () =>
    clusterScene(
      objects,
      (rib) => rib.announce(1, web, { med: 0 }),
      {},
      overlayRules(
        { rule: 'must', prefix: web, id: 'both', node: ['node-1', 'node-2'] },
        { rule: 'ignore', prefix: web, id: 'later', node: 'node-2', verdict: 'missing' },
        { rule: 'must-not', prefix: web, id: 'drained', node: 'node-1' },
      ),
    );
  const cases: [string, string, string[]][] = [
    [
      'every row says which rule decided it',
      'checks',
      [
        'both must missing must-missing',
        'null must-not unexpected must-not-announced',
        'null ignore suppressed suppressed',
      ],
    ],
    ['what is suppressed is found by its word', 'checks?verdict=suppressed', ['null ignore suppressed suppressed']],
    [
      'a rule is found by each node that it names',
      'checks?node=node-2',
      ['both must missing must-missing', 'null ignore suppressed suppressed'],
    ],
  ];
  test.each(cases)('%s', async (_, path, rows) => {
    const { body } = await (await ruled()).get(`/api/v1/${path}`);
    expect(
      body.data.map((row: Verdict) => `${row.rule} ${row.overlay!.rule} ${row.verdict} ${row.reasonCode}`),
    ).toEqual(rows);
  });

  test('rows of rules have their place behind a cursor', async () => {
    const one = await ruled();
    const rules: (string | null)[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await one.get(`/api/v1/checks?limit=1${cursor}`);
      rules.push(...body.data.map((row: Verdict) => row.rule));
      if (body.page.nextCursor === null) break;
      cursor = `&cursor=${body.page.nextCursor}`;
    }
    expect(rules).toEqual(['both', null, null]);
  });

  test('a prefix has a cell for the rule, and its explanation tells it apart from sessions', async () => {
    const one = await ruled();
    const { data: prefix } = (await one.get(`/api/v1/prefixes/${web}`)).body;
    expect(prefix.cells.map(({ verdict }: { verdict: Verdict }) => verdict.rule)).toEqual(['both', null, null]);
    const { data } = (await one.get(`/api/v1/explain?prefix=${web}`)).body;
    expect(data.text).toBe('203.0.113.1/32 is expected on 1 of 2 sessions and received on 1');
    expect(data.sessions[0].text).toMatch(/^203\.0\.113\.1\/32 is missing: 1 of 2 nodes announce it, but rule both/);
    expect(data.sessions[1].text).toMatch(
      /^node node-1 announces .*; but rule drained of the overlay \(owner net-team\) forbids it: planned$/,
    );
  });

  test('a run of the checks does not count what is suppressed as a finding', async () => {
    const { app } = await clusterScene(objects, () => {}, {}, overlayRules({ rule: 'ignore', prefix: web }));
    const answer = await app.inject({ method: 'POST', url: '/api/v1/checks/run' });
    expect(answer.json().data).toMatchObject({ outcome: 'ok', summary: { verdicts: { suppressed: 2 } }, findings: [] });
  });
});

test('metrics count rules by kind, and leave the rows of rules to them', async () => {
  const one = await served();
  one.deps.verdicts.rows = [verdict(), verdict({ rule: 'dns', neighbor: null, prefix: '203.0.113.53/32' })];
  await put(one, { rules: [must, ignore, { ...must, id: 'old', expires: '2025-01-01' }] });
  const { body } = await one.get('/metrics');
  expect((body as string).match(/^peerglass_overlay_rules.*$/gm)).toEqual([
    'peerglass_overlay_rules{rule="must",state="in-force"} 1',
    'peerglass_overlay_rules{rule="must",state="expired"} 1',
    'peerglass_overlay_rules{rule="must-not",state="in-force"} 0',
    'peerglass_overlay_rules{rule="must-not",state="expired"} 0',
    'peerglass_overlay_rules{rule="ignore",state="in-force"} 1',
    'peerglass_overlay_rules{rule="ignore",state="expired"} 0',
  ]);
  expect((body as string).match(/^peerglass_prefix_expected.*$/gm)).toHaveLength(1);
});

test('the documentation shows the rules and an example', async () => {
  const { body } = await (await served()).get('/api/v1/openapi.json');
  const operation = body.paths['/api/v1/expectations/overlay'].put;
  const { schema } = operation.requestBody.content['application/json'];
  expect(Object.keys(schema.properties.rules.items.properties)).toContain('atLeast');
  const [, example] = /```json\n(.*?)```/s.exec(operation.description)!;
  expect(await put(await served(), JSON.parse(example!))).toMatchObject({ status: 200 });
});
