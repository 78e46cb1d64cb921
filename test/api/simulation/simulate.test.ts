/** What posted objects would change, worked out in this thread; `../simulate.live.test.ts` asks the server. */
import { describe, expect, test } from 'vitest';
import { limits } from '../../../src/api/limits.ts';
import { Simulation } from '../../../src/api/schemas.ts';
import { objectsOf, type Place, simulate } from '../../../src/api/simulation/simulate.ts';
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

interface Options {
  replace?: boolean;
  after?: Place;
  limit?: number;
}

/** The answer to `posted` in a cluster of `present`. */
function ask(present: readonly KubeObject[], posted: readonly KubeObject[], options: Options = {}) {
  const { replace = false, after, limit = limits.simulatedRows } = options;
  const resources = resourcesOf(present);
  const question = { options: frr, text: JSON.stringify(posted), replace, after, limit };
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
    ['what is there already', cluster, { objects: { added: 0 }, refusals: [], settled: [], sessions: [] }, []],
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
  const { simulation } = ask(cluster, rest, { replace: true });
  expect(simulation.objects).toMatchObject({ added: 0, removed: 1 });
  expect(brief(simulation)).toEqual(['disappears node-2 tor-1 203.0.113.1/32']);
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
  const question = { options: frr, text: JSON.stringify(broken), replace: false, after: undefined, limit: 1 };
  const { simulation } = simulate(question, { objects: [], refusals: [], lint: [] });
  expect(simulation.refusals).toHaveLength(limits.notes);
  expect(simulation.truncated).toBe(true);
});
