/** What posted objects would change, worked out in this thread; `../simulate.live.test.ts` asks the server. */
import { describe, expect, test } from 'vitest';
import { limits } from '../../../src/api/limits.ts';
import { Simulation } from '../../../src/api/schemas.ts';
import { RequestError, readRequest } from '../../../src/api/simulation/request.ts';
import type { Place } from '../../../src/api/simulation/routes.ts';
import { objectsOf, type SimulationRequest, simulate } from '../../../src/api/simulation/simulate.ts';
import { overlayRules } from '../../overlay/rules.ts';
import {
  advertisement,
  communityAliases,
  frr,
  type KubeObject,
  l2Advertisement,
  node,
  peer,
  pool,
  service,
  slice,
} from '../../support/metallb-objects.ts';
import { resourcesOf } from '../cluster.ts';

const cluster = [
  node('node-1', 11),
  node('node-2', 12),
  peer('tor-1'),
  pool('blue', ['203.0.113.0/28']),
  advertisement('adv', { ipAddressPools: ['blue'] }),
  service('web', ['203.0.113.1']),
  slice('web', ['node-1', 'node-2']),
];

type Options = Partial<Omit<SimulationRequest, 'options' | 'text' | 'page'>> & { after?: Place; limit?: number };

/** The answer to `posted` in a cluster of `present`. */
function ask(present: readonly KubeObject[], posted: readonly KubeObject[] | object, options: Options = {}) {
  const { after, limit = limits.simulatedRows, ...more } = options;
  const resources = resourcesOf(present);
  const question: SimulationRequest = {
    options: frr,
    overrides: {},
    base: 'current',
    replace: [],
    rules: [],
    text: JSON.stringify(posted),
    asked: {},
    page: { after, limit },
    ...more,
  };
  const { simulation, next } = simulate(question, { ...resources, objects: objectsOf(resources) });
  expect(Simulation.parse(simulation)).toEqual(simulation);
  return { simulation, next };
}
const brief = ({ expectations }: Simulation): string[] =>
  expectations.map(({ difference, node, bgpPeer, prefix, fields }) =>
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
    [
      'what is there already',
      cluster,
      { objects: { added: 0, replaced: 0 }, refusals: [], settled: [], sessions: [] },
      [],
    ],
    ['nothing', [], { objects: { added: 0 }, complete: true, truncated: false }, []],
  ];
  test.each(cases)('%s', (_, objects, more, expectations) => {
    const { simulation } = ask(cluster, objects);
    expect(simulation).toMatchObject(more);
    expect(brief(simulation)).toEqual(expectations);
  });

  test('a difference has both sides, with their chains', () => {
    const changed = advertisement('adv', { ipAddressPools: ['blue'], communities: ['64512:1'] });
    const { simulation } = ask(cluster, [changed]);
    expect(simulation.expectations[0]).toMatchObject({
      before: { communities: [], chain: [{ service: 'default/web' }] },
      after: { communities: ['64512:1'], chain: [{ service: 'default/web', advertisement: 'adv' }] },
    });
  });

  test('a refusal that posted objects settle is told', () => {
    const aliased = advertisement('adv', { ipAddressPools: ['blue'], communities: ['vpn'] });
    const present = [...cluster.filter(({ kind }) => kind !== 'BGPAdvertisement'), aliased];
    const { simulation } = ask(present, [communityAliases('aliases', [{ name: 'vpn', value: '64512:7' }])]);
    expect(simulation).toMatchObject({ settled: [{ object: { name: 'adv' } }], refusals: [] });
    expect(simulation.expectations.map(({ after }) => after?.communities)).toEqual([['64512:7'], ['64512:7']]);
  });
});

test('with replace=true they are all there is', () => {
  const rest = cluster.filter(({ metadata }) => metadata.name !== 'node-2');
  const { simulation } = ask(cluster, rest, { replace: 'all' });
  expect(simulation.objects).toMatchObject({ added: 0, removed: 1 });
  expect(brief(simulation)).toEqual(['disappears node-2 tor-1 203.0.113.1/32']);
});

describe('with replace=Kind,… they are all there is of these kinds', () => {
  const cases: [string, Options, KubeObject[], object, string[]][] = [
    [
      'the Nodes are others, everything else stays',
      { replace: ['Node'] },
      [node('node-2', 12)],
      { added: 0, replaced: 0, removed: 1 },
      ['disappears node-1 tor-1 203.0.113.1/32'],
    ],
    [
      'no Service is left',
      { replace: ['Service', 'EndpointSlice'] },
      [],
      { added: 0, replaced: 0, removed: 2 },
      ['disappears node-1 tor-1 203.0.113.1/32', 'disappears node-2 tor-1 203.0.113.1/32'],
    ],
    [
      'what is posted of another kind is applied',
      { replace: ['Node'] },
      [node('node-1', 11), node('node-2', 12), advertisement('adv', { nodeSelectors: [{ matchLabels: { a: 'b' } }] })],
      { added: 0, replaced: 1, removed: 0 },
      ['disappears node-1 tor-1 203.0.113.1/32', 'disappears node-2 tor-1 203.0.113.1/32'],
    ],
  ];
  test.each(cases)('%s', (_, options, posted, objects, expectations) => {
    const { simulation } = ask(cluster, posted, options);
    expect(simulation.objects).toMatchObject(objects);
    expect(brief(simulation)).toEqual(expectations);
  });
});

describe('what is deleted', () => {
  test('is gone, beside what is posted', () => {
    const { simulation } = ask(cluster, {
      objects: [service('two', ['203.0.113.2']), slice('two', ['node-2'])],
      delete: [
        { kind: 'Service', namespace: 'default', name: 'web' },
        { kind: 'Node', name: 'node-1' },
      ],
    });
    expect(simulation.objects).toEqual({ added: 2, replaced: 0, removed: 2, ignored: 0 });
    expect(brief(simulation)).toEqual([
      'disappears node-1 tor-1 203.0.113.1/32',
      'disappears node-2 tor-1 203.0.113.1/32',
      'appears node-2 tor-1 203.0.113.2/32',
    ]);
  });

  const twice = [...cluster, { ...service('web', ['203.0.113.3']), metadata: { name: 'web', namespace: 'shop' } }];
  const cases: [string, object, string[]][] = [
    [
      'a name that is none',
      { delete: [{ kind: 'Node', name: 'nod-1' }] },
      ['delete[0]: there is no Node nod-1; did you mean node-1?'],
    ],
    [
      'a kind that is none',
      { delete: [{ kind: 'Services', name: 'web' }] },
      ['delete[0].kind: Services is no kind that plays a part; did you mean Service?'],
    ],
    [
      'a name that two have',
      { delete: [{ kind: 'Service', name: 'web' }] },
      ['delete[0]: there are 2 of Service web: say which namespace'],
    ],
    [
      'all of them at once, each with its place',
      {
        delete: [
          { kind: 'Node', name: 'x' },
          { kind: 'Pod', name: 'y' },
        ],
      },
      ['delete[0]: there is no Node x', 'delete[1]: there is no Pod y'],
    ],
    ['a key that is none', { delete: [], object: [] }, [': Unrecognized key: "object"']],
    ['no name', { delete: [{ kind: 'Node' }] }, ['delete[0].name: expected string, received undefined']],
    ['objects that are no list', { objects: {} }, ['objects: expected array, received object']],
  ];
  test.each(cases)('%s', (_, posted, texts) => {
    const error = (() => {
      try {
        ask(twice, posted);
      } catch (thrown) {
        return thrown as RequestError;
      }
    })();
    expect(error).toBeInstanceOf(RequestError);
    expect(error!.problems.map(({ path, text }) => `${path}: ${text}`)).toEqual(texts);
  });

  test.each([['nested too deeply', `{"objects":${'['.repeat(100_000)}${']'.repeat(100_000)}}`]])(
    'objects that are %s',
    (_, text) => {
      expect(() => readRequest(text)).toThrow(
        new RequestError([{ path: 'objects', text: 'nested too deeply, or in itself' }]),
      );
    },
  );
  test('objects nested in themselves are a mistake in the text', () =>
    expect(readRequest('objects: [&a { b: *a }]\n').results).toMatchObject([{ refusal: { code: 'yaml-syntax' } }]));

  test.each([
    ['objects: []\n', 0],
    ['delete:\n- { kind: Node, name: a }\n', 1],
    ['# objects\napiVersion: v1\nkind: ConfigMap\ndata:\n  objects: x\n', 0],
    ['kind: Service\nobjects: []\n', 0],
    ['objects: [\n', 0],
  ])('%o is read as what it is', (text, deletions) => {
    expect(readRequest(text).deletions).toHaveLength(deletions);
  });
});

describe('another mode or version', () => {
  const cases: [string, Options['overrides'], KubeObject[], object][] = [
    [
      'in native mode, BGPPeers that need FRR are refused',
      { mode: 'native' },
      [{ ...peer('tor-1', { vrf: 'red' }) }],
      { refusals: [{ object: { name: 'tor-1' } }], counts: { changes: 2 } },
    ],
    [
      'the mode that it has',
      { mode: 'frr' },
      cluster,
      { refusals: [], counts: { appears: 0, disappears: 0, changes: 0 } },
    ],
    ['native mode sends no MED', { mode: 'native' }, [], { counts: { appears: 0, disappears: 0, changes: 2 } }],
  ];
  test.each(cases)('%s', (_, overrides, posted, more) => {
    expect(ask(cluster, posted, { overrides: overrides! }).simulation).toMatchObject(more);
  });
});

test('with base=empty it is a cluster of its own', () => {
  const { simulation } = ask(
    cluster,
    cluster.filter(({ metadata }) => metadata.name !== 'node-1'),
    { base: 'empty' },
  );
  expect(simulation.objects).toMatchObject({ added: 6, replaced: 0, removed: 0 });
  expect(brief(simulation)).toEqual(['appears node-2 tor-1 203.0.113.1/32']);
});

describe('only what is asked for', () => {
  const two = [
    service('two', ['203.0.113.2']),
    slice('two', ['node-1', 'node-2']),
    peer('tor-2', { peerAddress: '192.0.2.2' }),
  ];
  const cases: [string, Options['asked'], string[], string[]][] = [
    [
      'one node',
      { node: 'node-2' },
      [
        'appears node-2 tor-1 203.0.113.2/32',
        'appears node-2 tor-2 203.0.113.1/32',
        'appears node-2 tor-2 203.0.113.2/32',
      ],
      ['node-2 tor-2'],
    ],
    [
      'one prefix of one peer',
      { prefix: '203.0.113.1/32', bgpPeer: 'tor-2' },
      ['appears node-1 tor-2 203.0.113.1/32', 'appears node-2 tor-2 203.0.113.1/32'],
      ['node-1 tor-2', 'node-2 tor-2'],
    ],
    [
      'one Service on one node',
      { service: 'default/two', node: 'node-1' },
      ['appears node-1 tor-1 203.0.113.2/32', 'appears node-1 tor-2 203.0.113.2/32'],
      ['node-1 tor-2'],
    ],
    ['a prefix that nobody has', { prefix: '192.0.2.0/24' }, [], ['node-1 tor-2', 'node-2 tor-2']],
  ];
  test.each(cases)('%s', (_, asked, expectations, sessions) => {
    const { simulation } = ask(cluster, two, { asked: asked! });
    expect(brief(simulation)).toEqual(expectations);
    expect(simulation.counts.appears).toBe(expectations.length);
    expect(simulation.sessions.map(({ node, bgpPeer }) => `${node} ${bgpPeer}`)).toEqual(sessions);
  });

  test('why one Service is not announced, posted or not', () => {
    const { simulation } = ask(cluster, [slice('web', ['node-1'])], {
      asked: { service: 'default/web', node: 'node-2' },
    });
    expect(simulation.notAnnounced).toEqual([]);
    const local = service('web', ['203.0.113.1'], { spec: { externalTrafficPolicy: 'Local' } });
    const changed = ask([...cluster, local], [slice('web', ['node-1'])], { asked: { service: 'default/web' } });
    expect(changed.simulation.notAnnounced).toMatchObject([{ node: 'node-2', reason: 'noLocalEndpoints' }]);
  });
});

test('who answers on layer 2 comes, goes and moves', () => {
  const l2 = [
    ...cluster,
    l2Advertisement('l2', { nodeSelectors: [{ matchLabels: { 'kubernetes.io/hostname': 'node-1' } }] }),
  ];
  const moved = l2Advertisement('l2', {
    nodeSelectors: [{ matchLabels: { 'kubernetes.io/hostname': 'node-2' } }],
    interfaces: ['eth1'],
  });
  const service = 'default/web';
  const [one, two] = [
    { node: 'node-1', interfaces: [] },
    { node: 'node-2', interfaces: ['eth1'] },
  ];
  const cases: [KubeObject[], object, object[]][] = [
    [cluster, l2, [{ difference: 'appears', service, before: null, after: one }]],
    [l2, [moved], [{ difference: 'changes', service, before: one, after: two }]],
    [
      l2,
      { delete: [{ kind: 'L2Advertisement', name: 'l2' }] },
      [{ difference: 'disappears', service, before: one, after: null }],
    ],
    [l2, cluster, []],
  ];
  for (const [present, posted, differences] of cases) expect(ask(present, posted).simulation.l2).toEqual(differences);
});

test('lint that comes and lint that goes', () => {
  const wide = advertisement('adv', { ipAddressPools: ['blue'], aggregationLength: 8 });
  const { simulation: worse } = ask(cluster, [wide]);
  expect(worse.lint.length).toBeGreaterThan(0);
  const { simulation: better } = ask(
    [...cluster.filter(({ kind }) => kind !== 'BGPAdvertisement'), wide],
    [advertisement('adv', { ipAddressPools: ['blue'] })],
  );
  expect({ lint: better.lint, lintSettled: better.lintSettled.length }).toEqual({
    lint: [],
    lintSettled: worse.lint.length,
  });
});

test('without manifests everything appears', () => {
  expect(ask([], cluster).simulation.counts).toEqual({ appears: 2, disappears: 0, changes: 0 });
});

test('pages join up, and each has the counts of all', () => {
  const posted = [node('node-0', 10), node('node-3', 13), peer('tor-2', { peerAddress: '192.0.2.2' })];
  const whole = ask(cluster, posted);
  expect(whole.simulation.counts.appears).toBe(6);
  expect(whole.next).toBeNull();
  const rows: unknown[] = [];
  for (let after: Place | null | undefined; after !== null; ) {
    const { simulation, next } = ask(cluster, posted, { limit: 4, ...(after && { after }) });
    expect(simulation.counts).toEqual(whole.simulation.counts);
    rows.push(...simulation.expectations);
    after = next;
  }
  expect(rows).toEqual(whole.simulation.expectations);
});

test('lists beside the expectations are cut', () => {
  const broken = Array.from({ length: limits.notes + 1 }, (_, i) =>
    advertisement(`adv-${i}`, { aggregationLength: 'x' }),
  );
  const { simulation } = ask([], broken, { limit: 1 });
  expect(simulation.refusals).toHaveLength(limits.notes);
  expect(simulation.truncated).toBe(true);
});

describe('hand-written rules that would be broken', () => {
  const rules = overlayRules(
    { id: 'web', rule: 'must', prefix: '203.0.113.1/32', node: ['node-1', 'node-2'] },
    { id: 'no-nine', rule: 'must-not', prefix: '203.0.113.9/32' },
  );
  const local = service('web', ['203.0.113.1'], { spec: { externalTrafficPolicy: 'Local' } });
  const nine = [service('nine', ['203.0.113.9']), slice('nine', ['node-1'])];
  const cases: [string, KubeObject[], KubeObject[], string[]][] = [
    ['nothing is broken', cluster, [], []],
    ['a must that would not be kept', cluster, [local, slice('web', ['node-1'])], ['web node-2 new']],
    ['what a must-not forbids', cluster, nine, ['no-nine node-1,node-2 new']],
    [
      'what is broken now as well',
      [...cluster, ...nine],
      [local, slice('web', ['node-1'])],
      ['web node-2 new', 'no-nine node-1,node-2'],
    ],
    ['what is broken no more', [...cluster, ...nine], [service('nine', ['203.0.113.8'])], []],
  ];
  test.each(cases)('%s', (_, present, posted, expected) => {
    const { breaches } = ask(present, posted, { rules }).simulation;
    expect(breaches.map(({ rule, nodes, isNew }) => `${rule.id} ${nodes}${isNew ? ' new' : ''}`)).toEqual(expected);
  });
});
