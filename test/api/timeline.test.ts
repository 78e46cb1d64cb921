import { describe, expect, it } from 'vitest';
import { limits } from '../../src/api/limits.ts';
import type { ObjectChangeRow, TimelineRow } from '../../src/store/types.ts';
import { overlayRules } from '../overlay/rules.ts';
import { epoch, neighbor, verdict } from '../support/fake-views.ts';
import { advertisement, node, peer, pool, service, slice, tableOf } from '../support/metallb-objects.ts';
import { type Scene, scene } from './support.ts';

const prefix = '203.0.113.1/32';
const at = (seconds: number): number => epoch + seconds * 1_000;
const stamp = (seconds: number): string => `${new Date(at(seconds)).toISOString().slice(0, -1)}000Z`;

const edit: ObjectChangeRow = {
  kind: 'object',
  id: 1,
  at: at(1),
  lastAt: at(1),
  times: 1,
  occasion: 'change',
  action: 'changed',
  object: { kind: 'Service', namespace: 'default', name: 'web', file: 'web.yaml', line: 7 },
  source: 'manifests',
  resourceVersion: null,
  manager: null,
  fields: [{ path: 'spec.type', from: 'LoadBalancer', to: 'ClusterIP' }],
  moreFields: 0,
};
const gone = {
  kind: 'expectation',
  id: 1,
  at: at(1),
  action: 'no-longer-expected',
  fields: [],
  occasion: 'change',
  sessions: { count: 1, blocks: [{ nodes: ['node-1'], bgpPeers: ['tor-1'] }] },
  because: [edit],
  moreBecause: 0,
} as const satisfies TimelineRow;
const many = { count: 6, blocks: [{ nodes: ['a', 'b', 'c'], bgpPeers: ['tor-1', 'tor-2'] }] };
const session = {
  kind: 'session',
  id: 3,
  seq: 4,
  at: at(2),
  neighbor: 1,
  session: 1,
  event: 'down',
  from: 'established',
  to: 'idle',
  code: 'hold-timer-expired',
  text: 'hold timer expired',
} as const satisfies TimelineRow;
const missing = verdict({ prefix, verdict: 'missing', reasonCode: 'route-missing', reasonText: 'It is missing.' });
const finding = {
  kind: 'verdict',
  id: 2,
  at: at(3),
  from: 'pending',
  to: 'missing',
  verdict: missing,
  ended: false,
} as const satisfies TimelineRow;

async function past(rows: TimelineRow[], prepare: (deps: Scene['deps']) => void = () => {}): Promise<Scene> {
  return scene((deps) => {
    prepare(deps);
    deps.queries.past = { rows, next: null };
  });
}

describe('the sentence of an entry', () => {
  it.each<[TimelineRow, string]>([
    [edit, 'Service default/web was changed: spec.type LoadBalancer → ClusterIP (web.yaml:7).'],
    [
      {
        ...edit,
        action: 'deleted',
        object: { kind: 'Node', name: 'node-1' },
        fields: [],
        manager: 'kubectl-edit',
        source: 'kubernetes',
      },
      'Node node-1 was deleted by kubectl-edit.',
    ],
    [
      { ...edit, times: 5, lastAt: at(9), moreFields: 2, occasion: 'away' },
      `Service default/web was changed while this collector did not run, with the last 5 changes until ${stamp(9)} taken together: ` +
        'spec.type LoadBalancer → ClusterIP and 2 more fields (web.yaml:7).',
    ],
    [gone, `${prefix} is no longer expected from node-1 → tor-1, because Service default/web was changed.`],
    [
      {
        ...gone,
        action: 'changed',
        fields: ['communities'],
        sessions: many,
        because: [edit, edit, edit, edit],
        moreBecause: 2,
      },
      `${prefix} is expected with other communities from 6 sessions of 3 nodes, because Service default/web was changed, ` +
        'Service default/web was changed, Service default/web was changed and 3 more.',
    ],
    [
      { ...gone, action: 'expected', occasion: 'first', because: [] },
      `${prefix} is expected from node-1 → tor-1; the objects were read for the first time.`,
    ],
    [
      { ...gone, because: [] },
      `${prefix} is no longer expected from node-1 → tor-1; no change of an object came with it.`,
    ],
    [
      { ...gone, because: [], moreBecause: 4 },
      `${prefix} is no longer expected from node-1 → tor-1; the changes that did it are not kept any more.`,
    ],
    [
      { kind: 'expectation', id: -1, at: at(1), action: 'not-recorded', prefixes: 7 },
      `So many expectations changed at once that 7 prefixes were not recorded; whether ${prefix} was among them is not known.`,
    ],
    [session, 'The session of node-1 → tor-1 (192.0.2.11) went down: hold timer expired.'],
    [{ ...session, neighbor: 99, event: 'established', text: null }, 'The session of neighbor 99 was established.'],
    [finding, 'pending → missing: It is missing.'],
    [{ ...finding, from: 'missing', to: 'ok', ended: true }, 'missing → ok. Before: It is missing.'],
    [
      { ...finding, from: 'missing', to: 'restart', ended: true },
      'This collector was restarted; what was missing before is judged anew.',
    ],
  ])('%#', async (row, sentence) => {
    const { get } = await past([row]);
    const { status, body } = await get(`/api/v1/timeline/${prefix}`);
    expect(status).toBe(200);
    expect(body.data).toMatchObject([{ kind: row.kind, text: sentence }]);
  });

  it('a route says what changed in it', async () => {
    const { get } = await scene((deps) => {
      const first = deps.rib.announce(1, prefix, { med: 1 });
      const second = deps.rib.announce(1, prefix, { med: 2, communities: ['64512:1'] });
      const third = deps.rib.withdraw(1, prefix);
      deps.queries.past = { rows: [third, second, first].map((change) => ({ kind: 'route', change })), next: null };
    });
    const { body } = await get(`/api/v1/timeline/${prefix}`);
    expect(body.data.map(({ text }: { text: string }) => text)).toEqual([
      `node-1 → tor-1 (192.0.2.11) withdrew ${prefix}.`,
      `node-1 → tor-1 (192.0.2.11) announced anew ${prefix} with med 1 → 2; communities none → 64512:1.`,
      `node-1 → tor-1 (192.0.2.11) announced ${prefix}.`,
    ]);
    expect(body.data[1]).toMatchObject({
      seq: 2,
      neighbor: 1,
      node: 'node-1',
      detail: { action: 'replaced', fields: ['med', 'communities'] },
    });
  });
});

it('an entry has the object, its fields, and where to look', async () => {
  const { get } = await past([{ ...gone, sessions: many }, edit]);
  const { body } = await get(`/api/v1/timeline/${prefix}`);
  expect(body.data).toEqual([
    {
      at: stamp(1),
      kind: 'expectation',
      text: expect.any(String),
      node: null,
      bgpPeer: null,
      neighbor: null,
      seq: null,
      evidence: [{ kind: 'object', ref: 'Service/default/web', text: 'web.yaml:7' }],
      detail: {
        action: 'no-longer-expected',
        because: [edit.object],
        moreBecause: 0,
        fields: [],
        occasion: 'change',
        sessions: { count: 6, nodes: 3, examples: expect.arrayContaining([{ node: 'c', bgpPeer: 'tor-2' }]) },
      },
    },
    expect.objectContaining({
      kind: 'object',
      detail: {
        action: 'changed',
        object: edit.object,
        source: 'manifests',
        fields: ['spec.type'],
        changes: edit.fields,
        moreFields: 0,
        by: null,
        resourceVersion: null,
        times: 1,
        until: stamp(1),
        away: false,
      },
    }),
  ]);
});

describe('what is asked of the database', () => {
  const table = tableOf([
    node('node-1'),
    peer('tor-1'),
    pool('public', ['203.0.113.0/24']),
    advertisement('adv'),
    service('web', ['203.0.113.1']),
    slice('web', ['node-1']),
  ]);
  const ask = async (query: string) => {
    const { get, deps } = await scene((set) => {
      set.expectations = () => table;
      set.rib.announce(1, prefix);
      set.rib.neighbors.set(3, neighbor(3, { node: 'node-1', bgpPeer: 'tor-2' }));
      set.verdicts.rows = [verdict({ prefix, neighbor: 2 })];
    });
    const { status } = await get(`/api/v1/timeline/${prefix}${query}`);
    return { status, asked: deps.queries.asked };
  };

  it('who has it or should have it, and the objects that it comes from', async () => {
    const { asked } = await ask('');
    expect(asked).toEqual({
      prefix,
      nlris: [0],
      neighbors: [1, 2],
      objects: [
        ['BGPPeer', 'metallb-system/tor-1'],
        ['IPAddressPool', 'metallb-system/public'],
        ['BGPAdvertisement', 'metallb-system/adv'],
      ],
      kinds: ['object', 'expectation', 'session', 'route', 'verdict'],
      limit: limits.firstPiece,
    });
  });

  it.each<[match: string, named: string, isAbout: boolean]>([
    ['exact', prefix, true],
    ['exact', '203.0.113.0/24', false],
    ['longer', '203.0.113.0/24', true],
    ['longer', '198.51.100.0/24', false],
    ['covering', '203.0.113.0/24', false],
  ])('a hand-written rule about %s %s: %s', async (match, named, isAbout) => {
    const { get, deps } = await past([]);
    const written = {
      id: 'dns',
      rule: 'must-not' as const,
      prefix: named,
      match: match as 'exact',
      reason: 'r',
      owner: 'o',
    };
    const [rule] = overlayRules(written);
    const layered = { rule: rule!, layer: 'file' as const, replaced: false, expired: false };
    const view = { ...deps.overlay.view(0), rules: [layered] };
    Object.assign(deps, { overlay: { ...deps.overlay, view: () => view } });
    await get(`/api/v1/timeline/${prefix}`);
    expect(deps.queries.asked?.objects).toEqual(isAbout ? [['OverlayRule', 'dns']] : []);
  });

  it.each<[string, object]>([
    ['?kind=route,verdict&limit=7', { kinds: ['route', 'verdict'], limit: 7 }],
    ['?since=2026-01-01T00:00:00Z&until=2026-01-01T00:00:01Z', { since: at(0), until: at(1) }],
    ['?node=node-1', { node: 'node-1', only: [1, 3] }],
    ['?neighbor=3', { node: 'node-1', bgpPeer: 'tor-2', only: [3] }],
    ['?neighbor=2&node=node-1', { node: 'node-1', only: [] }],
  ])('%s', async (query, part) => expect((await ask(query)).asked).toMatchObject(part));

  it.each([
    ['?kind=weather'],
    ['?since=yesterday'],
    ['?since=foo%205'],
    ['?cursor=x'],
    ['?neighbor=99'],
    ['?nonsense=1'],
  ])('%s is refused', async (query) => expect((await ask(query)).status).toBeGreaterThanOrEqual(400));

  it('a cursor is where the page before ended', async () => {
    const { get, deps } = await past([edit]);
    const next = { at: 5, rank: 3, id: 2, event: 1, seq: 9 };
    deps.queries.past.next = next;
    const { body } = await get(`/api/v1/timeline/${prefix}`);
    await get(`/api/v1/timeline/${prefix}?cursor=${body.page.nextCursor}`);
    expect(deps.queries.asked?.after).toEqual(next);
  });

  it('host bits are pointed out, and a slash may be written either way', async () => {
    const { get } = await past([edit]);
    expect((await get('/api/v1/timeline/203.0.113.1/24')).status).toBe(422);
    expect((await get('/api/v1/timeline/203.0.113.1%2F32')).body.data).toHaveLength(1);
  });

  it('comes as CSV and NDJSON too', async () => {
    const { get } = await past([edit, gone]);
    const csv = await get(`/api/v1/timeline/${prefix}?format=csv&fields=at,kind,text`);
    expect(csv.body.split('\r\n')[1]).toMatch(/^2026-01-01T00:00:01\.000000Z,object,/);
    const lines = (await get(`/api/v1/timeline/${prefix}?format=ndjson`)).body.trim().split('\n');
    expect(lines).toHaveLength(2);
  });
});
