/** `POST /simulate`: what posted objects would change. The thread is real. */
import { describe, expect, test } from 'vitest';
import { limits } from '../../src/api/limits.ts';
import { SimulationAnswer } from '../../src/api/schemas.ts';
import { Simulations } from '../../src/api/simulation/client.ts';
import { simulate } from '../../src/api/simulation/simulate.ts';
import {
  advertisement,
  communityAliases,
  frr,
  type KubeObject,
  node,
  peer,
  pool,
  service,
  slice,
} from '../support/metallb-objects.ts';
import { clusterScene } from './cluster.ts';
import { type Scene, scene } from './support.ts';

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
const brief = ({ data }: SimulationAnswer): string[] =>
  data.expectations.map(({ difference, node, bgpPeer, prefix, fields }) =>
    [difference, node, bgpPeer, prefix, ...fields].join(' '),
  );

describe('what is posted is applied to what is there', () => {
  const cases: [string, KubeObject[], object, string[]][] = [
    [
      'a new Service with endpoints on one node',
      [service('local', ['203.0.113.2'], { spec: { externalTrafficPolicy: 'Local' } }), slice('local', ['node-2'])],
      {
        objects: { added: 2, replaced: 0, removed: 0, ignored: 0 },
        notAnnounced: [{ service: 'default/local', node: 'node-1', reason: 'noLocalEndpoints' }],
        refusals: [],
        counts: { appears: 1, disappears: 0, changes: 0 },
      },
      ['appears node-2 tor-1 203.0.113.2/32'],
    ],
    [
      'an advertisement with a community and a wider aggregate',
      [advertisement('adv', { ipAddressPools: ['blue'], communities: ['64512:1'], aggregationLength: 28 })],
      { objects: { added: 0, replaced: 1, removed: 0 }, counts: { appears: 2, disappears: 2, changes: 0 } },
      [
        'appears node-1 tor-1 203.0.113.0/28',
        'disappears node-1 tor-1 203.0.113.1/32',
        'appears node-2 tor-1 203.0.113.0/28',
        'disappears node-2 tor-1 203.0.113.1/32',
      ],
    ],
    [
      'an advertisement with a community',
      [advertisement('adv', { ipAddressPools: ['blue'], communities: ['64512:1'] })],
      { counts: { appears: 0, disappears: 0, changes: 2 } },
      ['changes node-1 tor-1 203.0.113.1/32 communities', 'changes node-2 tor-1 203.0.113.1/32 communities'],
    ],
    [
      'a node more, which is a session more',
      [node('node-3', 13)],
      { sessions: [{ difference: 'appears', node: 'node-3', bgpPeer: 'tor-1', before: null }] },
      ['appears node-3 tor-1 203.0.113.1/32'],
    ],
    [
      'a peer with another address: the routes are the same, the session is not',
      [peer('tor-1', { peerAddress: '192.0.2.9' })],
      {
        sessions: ['node-1', 'node-2'].map((name) => ({
          difference: 'changes',
          node: name,
          before: { peerAddress: '192.0.2.1' },
          after: { peerAddress: '192.0.2.9' },
        })),
      },
      [],
    ],
    [
      'a pool that overlaps: refused, so nothing changes',
      [pool('green', ['203.0.113.8/29'])],
      {
        objects: { added: 1 },
        refusals: [{ stage: 'webhook', object: { kind: 'IPAddressPool', name: 'green', file: 'request' } }],
        counts: { appears: 0, disappears: 0, changes: 0 },
      },
      [],
    ],
    [
      'a pool that its schema refuses: what was there stays',
      [{ ...pool('blue', []), spec: { addresses: 'all' } }],
      { objects: { added: 0, replaced: 0, removed: 0 }, refusals: [{ stage: 'schema', object: { name: 'blue' } }] },
      [],
    ],
    [
      'a kind that plays no part',
      [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } }],
      { objects: { added: 0, ignored: 1 } },
      [],
    ],
    ['what is there already', cluster, { objects: { added: 0 }, refusals: [], settled: [], sessions: [] }, []],
    ['nothing', [], { objects: { added: 0 }, complete: true, truncated: false }, []],
  ];
  test.each(cases)('%s', async (_, objects, more, expectations) => {
    const answer = await post200(await clusterScene(cluster), objects);
    expect(answer.data).toMatchObject(more);
    expect(brief(answer)).toEqual(expectations);
  });

  test('a difference has both sides, with their chains', async () => {
    const changed = advertisement('adv', { ipAddressPools: ['blue'], communities: ['64512:1'] });
    const { data } = await post200(await clusterScene(cluster), [changed]);
    expect(data.expectations[0]).toMatchObject({
      before: { communities: [], chain: [{ service: 'default/web' }] },
      after: { communities: ['64512:1'], chain: [{ service: 'default/web', advertisement: 'adv' }] },
    });
  });

  test('a refusal that posted objects settle is told', async () => {
    const aliased = advertisement('adv', { ipAddressPools: ['blue'], communities: ['vpn'] });
    const { data } = await post200(
      await clusterScene([...cluster.filter(({ kind }) => kind !== 'BGPAdvertisement'), aliased]),
      [communityAliases('aliases', [{ name: 'vpn', value: '64512:7' }])],
    );
    expect(data).toMatchObject({ settled: [{ object: { name: 'adv' } }], refusals: [] });
    expect(data.expectations.map(({ after }) => after?.communities)).toEqual([['64512:7'], ['64512:7']]);
  });
});

test('with replace=true they are all there is', async () => {
  const rest = cluster.filter(({ metadata }) => metadata.name !== 'node-2');
  const answer = await post200(await clusterScene(cluster), rest, '?replace=true');
  expect(answer.data.objects).toMatchObject({ added: 0, removed: 1 });
  expect(brief(answer)).toEqual(['disappears node-2 tor-1 203.0.113.1/32']);
});

test('without manifests everything appears', async () => {
  const answer = await post200(await scene(), cluster);
  expect(answer.data.counts).toEqual({ appears: 2, disappears: 0, changes: 0 });
});

describe('forms', () => {
  const one = service('two', ['203.0.113.2']);
  const forms: [string, Record<string, string>, string][] = [
    ['one JSON object', json, JSON.stringify(one)],
    ['an array of objects', json, JSON.stringify([one])],
    ['a List', json, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [one] })],
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
    ['too much', json, ' '.repeat(limits.simulatedBytes + 1), '', 413, 'too-large'],
  ];
  test.each(refused)('%s is refused', async (_, headers, text, query, status, code) => {
    expect(await post(await clusterScene(cluster), text, headers, query)).toMatchObject({ status, body: { code } });
  });
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

test('lists beside the expectations are cut', () => {
  const broken = Array.from({ length: limits.notes + 1 }, (_, i) =>
    advertisement(`adv-${i}`, { aggregationLength: 'x' }),
  );
  const question = { options: frr, text: JSON.stringify(broken), replace: false, after: undefined, limit: 1 };
  const { simulation } = simulate(question, { objects: [], refusals: [], lint: [] });
  expect(simulation.refusals).toHaveLength(limits.notes);
  expect(simulation.truncated).toBe(true);
});

describe('a simulation that takes too much', () => {
  const many = Array.from({ length: 20_000 }, (_, i) =>
    service(`s-${i}`, [`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`]),
  );
  const question = { options: frr, text: JSON.stringify(many), replace: false, after: undefined, limit: 1 };

  const cases: [string, { time: number; heap: number }, string][] = [
    ['of time', { time: 1, heap: 256 }, 'The simulation needs more than 0.001 s; post fewer objects'],
    ['of memory', { time: 60_000, heap: 16 }, 'The simulation needs more than 16 MiB; post fewer objects'],
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
