/** `POST /simulate`: its forms, its bounds, and the thread behind it. */
import { describe, expect, test } from 'vitest';
import { limits } from '../../src/api/limits.ts';
import { SimulationAnswer } from '../../src/api/schemas.ts';
import { simulationExample } from '../../src/api/simulate.ts';
import { Simulations } from '../../src/api/simulation/client.ts';
import type { SimulationRequest } from '../../src/api/simulation/simulate.ts';
import { advertisement, frr, type KubeObject, node, peer, pool, service, slice } from '../support/metallb-objects.ts';
import { clusterScene } from './cluster.ts';
import type { Scene } from './support.ts';

const cluster = [
  node('node-1', 11),
  node('node-2', 12),
  peer('tor-1'),
  pool('blue', ['203.0.113.0/28']),
  advertisement('adv', { ipAddressPools: ['blue'] }),
  service('web', ['203.0.113.1']),
  slice('web', ['node-1', 'node-2']),
];
const yaml = { 'content-type': 'application/yaml' };
const json = { 'content-type': 'application/json' };

async function post({ app }: Scene, body: string, headers: Record<string, string>, query = '') {
  const answer = await app.inject({ method: 'POST', url: `/api/v1/simulate${query}`, headers, body });
  return { status: answer.statusCode, body: answer.json() };
}

const post200 = async (scene: Scene, objects: readonly KubeObject[], query = '') => {
  const { status, body } = await post(scene, JSON.stringify(objects), json, query);
  expect(status, JSON.stringify(body)).toBe(200);
  expect(SimulationAnswer.parse(body)).toEqual(body);
  return body as SimulationAnswer;
};
const brief = ({ expectations }: SimulationAnswer['data']): string[] =>
  expectations.map(({ difference, node, bgpPeer, prefix }) => [difference, node, bgpPeer, prefix].join(' '));

describe('forms', () => {
  const one = service('two', ['203.0.113.2']);
  const forms: [string, Record<string, string>, string][] = [
    ['one JSON object', json, JSON.stringify(one)],
    ['an array of objects', json, JSON.stringify([one])],
    ['a List', json, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [one] })],
    ['changes', json, JSON.stringify({ objects: [one] })],
    ['changes as YAML', yaml, `objects:\n  - ${JSON.stringify(one)}\n`],
    ['YAML documents', yaml, `# nothing\n---\n${JSON.stringify(one, null, 2)}\n---\n`],
    [
      'YAML',
      { 'content-type': 'text/yaml' },
      `apiVersion: v1\nkind: Service\nmetadata: { name: two }\nspec: { type: LoadBalancer }\nstatus: { loadBalancer: { ingress: [{ ip: 203.0.113.2 }] } }\n`,
    ],
  ];
  test.each(forms)('%s', async (_, headers, text) => {
    const { status, body } = await post(await clusterScene(cluster), text, headers);
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ objects: { added: 1 }, notAnnounced: [{ service: 'default/two' }, {}] });
  });

  test('what cannot be parsed is a refusal with its line', async () => {
    const { body } = await post(await clusterScene(cluster), 'kind: A\n---\na: [\n', yaml);
    expect(body.data.refusals).toMatchObject([{ stage: 'schema' }, { stage: 'yaml', object: { line: 4 } }]);
  });

  const refused: [string, Record<string, string>, string, string, number, string][] = [
    ['nothing at all', {}, '', '', 400, 'invalid-request'],
    ['another media type', { 'content-type': 'text/csv' }, 'a,b', '', 415, 'invalid-request'],
    ['a cursor of something else', json, '{}', '?cursor=abc', 400, 'bad-cursor'],
    ['a limit beyond the bound', json, '{}', `?limit=${limits.simulatedRows + 1}`, 400, 'invalid-request'],
    ['a kind that is none', json, '{}', '?replace=Servise', 400, 'invalid-request'],
    ['a version that is none', json, '{}', '?version=0.9', 400, 'invalid-request'],
    ['a prefix with host bits', json, '{}', '?prefix=203.0.113.1/24', 422, 'host-bits-set'],
    [
      'a deletion of what is not there',
      json,
      '{"delete":[{"kind":"Node","name":"node-9"}]}',
      '',
      422,
      'invalid-request',
    ],
    ['too much', json, ' '.repeat(limits.simulatedBytes + 1), '', 413, 'too-large'],
  ];
  test.each(refused)('%s is refused', async (_, headers, text, query, status, code) => {
    expect(await post(await clusterScene(cluster), text, headers, query)).toMatchObject({ status, body: { code } });
  });
});

test('a deletion of what is not there says where it is, and what there is', async () => {
  const { body } = await post(
    await clusterScene(cluster),
    JSON.stringify({
      delete: [
        { kind: 'Node', name: 'node-1' },
        { kind: 'Service', namespace: 'default', name: 'wep' },
      ],
    }),
    json,
  );
  expect(body.errors).toEqual([
    { path: 'delete[1]', text: 'there is no Service default/wep; did you mean default/web?' },
  ]);
});

test('what is asked for comes by the query: kinds, mode, version, and which part of the answer', async () => {
  const served = await clusterScene(cluster);
  const query =
    '?replace=Service,EndpointSlice&mode=native&version=0.15.2&node=node-1&bgpPeer=tor-1&prefix=203.0.113.1';
  const { data } = await post200(served, [], query);
  expect(data.objects).toEqual({ added: 0, replaced: 0, removed: 2, ignored: 0 });
  expect(brief(data)).toEqual(['disappears node-1 tor-1 203.0.113.1/32']);
  expect((await post200(served, cluster, '?base=empty&service=default/web')).data.counts.appears).toBe(2);
});

test('the example of the documentation can be posted', async () => {
  const served = await clusterScene([...cluster, node('node-c', 13), pool('public', ['198.51.100.0/28'])]);
  const { status, body } = await post(served, JSON.stringify(simulationExample), json);
  expect(status).toBe(200);
  expect(body.data.objects).toEqual({ added: 1, replaced: 0, removed: 1, ignored: 0 });
  const { body: docs } = await served.get('/api/v1/openapi.json');
  expect(docs.paths['/api/v1/simulate'].post.requestBody.content['application/json'].example).toEqual(
    simulationExample,
  );
});

test('pages join up, and each has the counts of all', async () => {
  const served = await clusterScene(cluster);
  const posted = [node('node-0', 10), node('node-3', 13), peer('tor-2', { peerAddress: '192.0.2.2' })];
  const whole = await post200(served, posted);
  expect(whole.data.counts.appears).toBe(6);
  expect(whole.page.nextCursor).toBeNull();
  const rows: unknown[] = [];
  for (let cursor = ''; ; ) {
    const { data, page } = await post200(served, posted, `?limit=4${cursor}`);
    expect(data.counts).toEqual(whole.data.counts);
    rows.push(...data.expectations);
    if (page.nextCursor === null) break;
    cursor = `&cursor=${page.nextCursor}`;
  }
  expect(rows).toEqual(whole.data.expectations);
});

test('more simulations than may wait are refused, the others answered', async () => {
  const served = await clusterScene(cluster);
  const answers = await Promise.all(Array.from({ length: limits.simulations + 1 }, () => post(served, '{}', json)));
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(limits.simulations);
  expect(statuses.filter((status) => status === 503)).toHaveLength(1);
});

describe('a simulation that takes too much', () => {
  const many = Array.from({ length: 20_000 }, (_, i) =>
    service(`s-${i}`, [`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`]),
  );
  const question: SimulationRequest = {
    options: frr,
    overrides: {},
    base: 'current',
    text: JSON.stringify(many),
    replace: [],
    rules: [],
    asked: {},
    page: { after: undefined, limit: 1 },
  };

  const cases: [string, { time: number; heap: number }, string][] = [
    ['of time (simulationTime)', { time: 1, heap: 256 }, 'The simulation needs more than 0.001 s; post fewer objects'],
    [
      'of memory (simulationHeap)',
      { time: 60_000, heap: 16 },
      'The simulation needs more than 16 MiB; post fewer objects',
    ],
  ];
  test.each(cases)('%s ends with words', async (_, bounds, message) => {
    const answer = new Simulations(bounds).run(question, null, new AbortController().signal);
    await expect(answer).rejects.toMatchObject({ status: 413, code: 'too-large', message });
  });

  test('ends when its client goes, and the next one has its turn', async () => {
    const simulations = new Simulations();
    const client = new AbortController();
    const first = simulations.run(question, null, client.signal);
    const second = simulations.run({ ...question, text: '' }, null, new AbortController().signal);
    client.abort();
    await expect(first).rejects.toMatchObject({ code: 'busy' });
    expect(JSON.parse((await second).simulation)).toMatchObject({ complete: true });
  });
});
