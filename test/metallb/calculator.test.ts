import { describe, expect, it } from 'vitest';
import {
  allExpectations,
  type ExpectationChange,
  prefixesOf,
  someExpectations,
} from '../../src/metallb/expectations/expectation-change.ts';
import {
  advertisement,
  communityAliases,
  type KubeObject,
  node,
  peer,
  pool,
  routeNames,
  service,
  slice,
  TestCluster,
  tableOf,
} from '../support/metallb-objects.ts';

const chainsIn = (change: ExpectationChange): string[] => (change.kind === 'some' ? [...change.chains] : ['all']);

const [a, b] = [node('node-a', 11), node('node-b', 12)];
const tor = peer('tor');
const p = pool('p', ['10.0.0.0/24']);
const all = advertisement('all');
const [web, webSlice] = [service('web', ['10.0.0.1']), slice('web', ['node-a', 'node-b'])];
const both = ['node-a tor 10.0.0.1/32', 'node-b tor 10.0.0.1/32'];
const excludeLabel = 'node.kubernetes.io/exclude-from-external-load-balancers';
const onlyOn = (name: string): object => ({ nodeSelectors: [{ matchLabels: { 'kubernetes.io/hostname': name } }] });

describe('what changes from one state to the next', () => {
  const [api, apiSlice] = [service('api', ['10.0.0.2']), slice('api', ['node-a'])];
  const base = [a, b, tor, p, all, web, webSlice, api, apiSlice];
  const replaced = (old: KubeObject, by: KubeObject): KubeObject[] =>
    base.map((object) => (object === old ? by : object));

  const labelled = (object: KubeObject, labels: Record<string, string>): KubeObject => ({
    ...object,
    metadata: { ...object.metadata, labels: { ...(object.metadata['labels'] as object), ...labels } },
  });

  it.each<[string, KubeObject[], string[] | 'all' | { 'node-a': string[] | 'all' }]>([
    ['nothing at all', base, []],
    ['a label of a node that no selector asks for', replaced(a, labelled(a, { rolled: 'out' })), []],
    ['a slice: the prefixes of its service', replaced(webSlice, slice('web', ['node-b'])), ['10.0.0.1/32']],
    [
      'a service: the prefixes it had and those it has',
      replaced(api, service('api', ['10.0.0.9'])),
      ['10.0.0.2/32', '10.0.0.9/32'],
    ],
    ['a service goes', base.filter((object) => object !== api), ['10.0.0.2/32']],
    ['a service without routes', [...base, service('idle', [])], []],
    ['an address of a node: everything on it', replaced(a, node('node-a', 13)), { 'node-a': 'all' }],
    ['a node that may not announce', replaced(a, labelled(a, { [excludeLabel]: '' })), { 'node-a': 'all' }],
    ['a node goes: everything on it', base.filter((object) => object !== a), { 'node-a': 'all' }],
    ['a peer: everything', replaced(tor, peer('tor', { peerPort: 1790 })), 'all'],
  ])('%s', (_, next, prefixes) => {
    const cluster = new TestCluster();
    expect(cluster.update(...base).change).toEqual(allExpectations);
    const { change } = cluster.update(...next);
    const scope = prefixesOf(change);
    const nodes = change.kind === 'some' && change.nodes.size > 0 && Object.fromEntries(change.nodes);
    expect(nodes || (scope === 'all' ? scope : [...scope].sort())).toEqual(prefixes);
  });

  it('a label that an advertisement asks for touches the prefixes of its pools on that node', () => {
    const zone = advertisement('zone', { nodeSelectors: [{ matchLabels: { zone: 'red' } }], ipAddressPools: ['q'] });
    const [q, queue, queueSlice] = [
      pool('q', ['10.1.0.0/24']),
      service('queue', ['10.1.0.1']),
      slice('queue', ['node-a']),
    ];
    const onP = advertisement('all', { ipAddressPools: ['p'] });
    const objects = [b, tor, p, q, onP, zone, web, webSlice, queue, queueSlice];
    const cluster = new TestCluster();
    cluster.update(a, ...objects);
    const { change } = cluster.update(labelled(a, { zone: 'red' }), ...objects);
    expect(change).toEqual(someExpectations({ nodes: new Map([['node-a', new Set(['10.1.0.1/32'])]]) }));
  });

  const teams = advertisement('teams', { serviceSelectors: [{ matchLabels: { team: 'red' } }], communities: ['1:1'] });
  const local = { spec: { externalTrafficPolicy: 'Local' } };
  const [db, dbSlice] = [service('db', ['10.0.0.3'], local), slice('db', ['node-a'])];
  const wide = advertisement('all', { aggregationLength: 24 });
  it.each<[string, KubeObject[], KubeObject[], string[]]>([
    ['a label of a service that no selector asks for', [web], [labelled(web, { rolled: 'out' })], ['10.0.0.1/32']],
    ['a label that one asks for', [web], [labelled(web, { team: 'red' })], []],
    ['an endpoint of a service moves to another node', [webSlice], [slice('web', ['node-b'])], ['10.0.0.1/32']],
    ['the last endpoint goes', [webSlice], [], []],
    ['an endpoint of a service with local traffic moves', [dbSlice], [slice('db', ['node-b'])], []],
    ['traffic becomes local', [web], [service('web', ['10.0.0.1'], local)], []],
    ['an address is another one', [web], [service('web', ['10.0.0.4'])], []],
    [
      'one service takes the address of another',
      [web, webSlice],
      [service('other', ['10.0.0.1']), slice('other', ['node-a'])],
      [],
    ],
  ])('%s: what is alike although it was touched', (_, gone, come, alike) => {
    const cluster = new TestCluster();
    const others = [...base, teams, db, dbSlice].filter((object) => !gone.includes(object));
    cluster.update(...others, ...gone);
    const { change } = cluster.update(...others, ...come);
    expect(chainsIn(change)).toEqual(alike);
  });

  it('an aggregate is alike when one of its services has another address, not when it goes', () => {
    const cluster = new TestCluster();
    const others = [a, b, tor, p, wide, web, webSlice, apiSlice];
    cluster.update(...others, api);
    expect(chainsIn(cluster.update(...others, service('api', ['10.0.0.9'])).change)).toEqual(['10.0.0.0/24']);
    expect(chainsIn(cluster.update(...others).change)).toEqual([]);
  });

  it('a label that an advertisement asks for touches the prefixes of services that match it, where others are announced anyway', () => {
    const red = advertisement('red', {
      nodeSelectors: [{ matchLabels: { zone: 'red' } }],
      serviceSelectors: [{ matchLabels: { team: 'red' } }],
      communities: ['1:1'],
    });
    const objects = [b, tor, p, all, red, labelled(web, { team: 'red' }), webSlice, api, apiSlice];
    const cluster = new TestCluster();
    cluster.update(a, ...objects);
    const { change } = cluster.update(labelled(a, { zone: 'red' }), ...objects);
    expect(change).toMatchObject({ nodes: new Map([['node-a', new Set(['10.0.0.1/32'])]]) });
  });

  it('leaves older tables as they were', () => {
    const cluster = new TestCluster();
    const before = cluster.update(...base).table;
    cluster.update(...base.filter((object) => object !== web));
    expect(routeNames(before)).toHaveLength(4);
    expect(before.route('node-a', 'tor', '10.0.0.1/32')).toBeDefined();
  });
});

describe('a speaker that refuses a configuration', () => {
  const waiting = advertisement('waiting', { communities: ['edge'], ...onlyOn('node-b') });

  it('keeps its last one, while others take the new one', () => {
    const cluster = new TestCluster();
    cluster.update(a, b, tor, p, all, web, webSlice);
    const { table, change } = cluster.update(
      a,
      b,
      tor,
      p,
      advertisement('all', { communities: ['1:1'] }),
      waiting,
      web,
      webSlice,
    );
    expect(change).toEqual(allExpectations);
    expect(table.refusals).toMatchObject([{ stage: 'config', object: { name: 'waiting' }, nodes: ['node-b'] }]);
    expect(table.route('node-a', 'tor', '10.0.0.1/32')?.communities).toEqual(['1:1']);
    expect(table.route('node-b', 'tor', '10.0.0.1/32')?.communities).toEqual([]);
    expect(table.nodes.get('node-a')).not.toHaveProperty('staleConfig');
    expect(table.nodes.get('node-b')).toMatchObject({
      staleConfig: expect.stringContaining('BGPAdvertisement/waiting'),
    });
    expect(table.nodes.get('node-b')).not.toHaveProperty('configurationUnknown');
  });

  it('goes on with services and endpoints as they change', () => {
    const cluster = new TestCluster();
    cluster.update(a, b, tor, p, all, web, webSlice);
    const { table } = cluster.update(a, b, tor, p, waiting, service('web', ['10.0.0.7']), slice('web', ['node-a']));
    expect(routeNames(table)).toEqual(['node-b tor 10.0.0.7/32']);
  });

  it('takes the new one as soon as it can', () => {
    const cluster = new TestCluster();
    cluster.update(a, b, tor, p, all, web, webSlice, waiting);
    const { table } = cluster.update(
      a,
      b,
      tor,
      p,
      all,
      web,
      webSlice,
      waiting,
      communityAliases('c', [{ name: 'edge', value: '1:2' }]),
    );
    expect(table.refusals).toEqual([]);
    expect(table.route('node-b', 'tor', '10.0.0.1/32')?.communities).toEqual(['1:2']);
    expect(table.nodes.get('node-b')).not.toHaveProperty('staleConfig');
  });

  it('announces nothing when it never had one, and nobody can say more', () => {
    const table = tableOf([a, b, tor, p, all, web, webSlice, waiting]);
    expect(routeNames(table)).toEqual(['node-a tor 10.0.0.1/32']);
    expect(table.nodes.get('node-b')).toMatchObject({ configurationUnknown: true });
    expect(table.notAnnounced).toMatchObject([{ service: 'default/web', node: 'node-b', reason: 'noConfig' }]);
  });

  it('does so when a node label makes two peers meet on its node', () => {
    const here = (name: string, label: string): KubeObject =>
      peer(name, { nodeSelectors: [{ matchLabels: { [label]: 'yes' } }] });
    const [one, two] = [here('one', 'one'), here('two', 'two')];
    const first = node('node-a', 11, { labels: { one: 'yes' } });
    const cluster = new TestCluster();
    cluster.update(first, one, two, p, all, web, webSlice);
    const { table } = cluster.update(
      node('node-a', 11, { labels: { one: 'yes', two: 'yes' } }),
      one,
      two,
      p,
      all,
      web,
      webSlice,
    );
    expect(table.refusals).toMatchObject([{ stage: 'config', object: { name: 'two' }, nodes: ['node-a'] }]);
    expect(table.nodes.get('node-a')).toHaveProperty('staleConfig');
  });

  it('does so when a service that it announces would lose its pool', () => {
    const cluster = new TestCluster();
    cluster.update(a, b, tor, p, all, web, webSlice);
    const moved = pool('p', ['10.9.0.0/24']);
    const { table } = cluster.update(a, b, tor, moved, all, web, webSlice);
    expect(table.refusals).toMatchObject([
      {
        stage: 'config',
        object: { name: 'p' },
        error: 'service "default/web" has no configuration under new config',
        nodes: ['node-a', 'node-b'],
      },
    ]);
    expect(routeNames(table)).toEqual(both);
    const after = cluster.update(a, b, tor, moved, all, service('web', ['10.9.0.1']), webSlice).table;
    expect(after.refusals).toEqual([]);
    expect(routeNames(after)).toEqual(['node-a tor 10.9.0.1/32', 'node-b tor 10.9.0.1/32']);
  });
});

describe('an FRRConfiguration that frr-k8s refuses', () => {
  const rr = peer('tor', { peerASN: 64512 });
  const only = (name: string, localPref: number): KubeObject =>
    advertisement(name, { serviceSelectors: [{ matchLabels: { s: name } }], localPref });
  const [x, xSlice] = [service('x', ['10.0.0.1'], { labels: { s: 'x' } }), slice('x', ['node-a'])];
  // with policy Local: only node-b announces it
  const [y, ySlice] = [
    service('y', ['10.0.0.1'], { labels: { s: 'y' }, spec: { externalTrafficPolicy: 'Local' } }),
    slice('y', ['node-b']),
  ];
  const base = [a, b, rr, p, only('x', 90), only('y', 100), x, xSlice];
  const refusal = {
    stage: 'runtime',
    object: { name: 'y' },
    error: 'prefix 10.0.0.1/32 is configured with both local preference 90 and 100',
    nodes: ['node-b'],
  };

  it('leaves the routes of its node as they were, whatever else changes', () => {
    const cluster = new TestCluster({ mode: 'frr-k8s' });
    cluster.update(...base);
    const { table, change } = cluster.update(
      ...base,
      y,
      ySlice,
      service('new', ['10.0.0.2'], { labels: { s: 'x' } }),
      slice('new', ['node-a']),
    );
    expect(change).toEqual(allExpectations);
    expect(table.refusals).toMatchObject([refusal]);
    expect(routeNames(table)).toEqual([...both.slice(0, 1), 'node-a tor 10.0.0.2/32', ...both.slice(1)]);
    expect(table.route('node-b', 'tor', '10.0.0.1/32')).toMatchObject({ localPref: 90 });
    expect(table.nodes.get('node-b')).toMatchObject({ staleConfig: refusal.error });
  });

  it('goes through when the conflict is over', () => {
    const cluster = new TestCluster({ mode: 'frr-k8s' });
    cluster.update(...base);
    cluster.update(...base, y, ySlice);
    const { table, change } = cluster.update(a, b, rr, p, only('y', 100), y, ySlice);
    expect(change).toEqual(allExpectations);
    expect(table.refusals).toEqual([]);
    expect(table.route('node-b', 'tor', '10.0.0.1/32')).toMatchObject({ localPref: 100 });
    expect(table.nodes.get('node-b')).not.toHaveProperty('staleConfig');
  });

  it('goes through when one of the services is gone, or both', () => {
    const cluster = new TestCluster({ mode: 'frr-k8s' });
    cluster.update(...base, y, ySlice);
    const { table } = cluster.update(...base);
    expect(table.refusals).toEqual([]);
    expect(routeNames(table)).toEqual(both);
    cluster.update(...base, y, ySlice);
    expect(routeNames(cluster.update(...base.filter((object) => object !== x)).table)).toEqual([]);
  });

  it('says nothing of a node that it never saw otherwise', () => {
    const { table } = new TestCluster({ mode: 'frr-k8s' }).update(...base, y, ySlice);
    expect(routeNames(table)).toEqual(both.slice(0, 1));
    expect(table.nodes.get('node-b')).toMatchObject({ configurationUnknown: true });
    expect(table.refusals).toMatchObject([refusal]);
  });
});

describe('an object that the API server refuses', () => {
  it('leaves the version before it in force', () => {
    const cluster = new TestCluster();
    const q = pool('q', ['10.1.0.0/24']);
    cluster.update(a, b, tor, p, q, all, web, webSlice);
    const { table } = cluster.update(a, b, tor, pool('p', ['10.0.0.0/23', '10.1.0.0/16']), q, all, web, webSlice);
    expect(table.refusals).toMatchObject([{ stage: 'webhook', object: { name: 'p' } }]);
    expect(routeNames(table)).toEqual(both);
  });

  it('does so for a field that does not exist', () => {
    const cluster = new TestCluster();
    cluster.update(a, b, tor, p, advertisement('x', onlyOn('node-a')), web, webSlice);
    const { table } = cluster.update(a, b, tor, p, advertisement('x', { nodeSelector: [] }), web, webSlice);
    expect(routeNames(table)).toEqual(['node-a tor 10.0.0.1/32']);
  });

  it('does so for what is no valid object any more', () => {
    const cluster = new TestCluster();
    cluster.update(a, b, tor, p, all, web, webSlice);
    const { table } = cluster.update(a, b, tor, p, advertisement('all', { localPref: -1 }), web, webSlice);
    expect(table.refusals).toMatchObject([{ stage: 'schema', object: { name: 'all' } }]);
    expect(routeNames(table)).toEqual(both);
  });

  it('gets in once what kept it out has changed, in whichever order they are given', () => {
    const cluster = new TestCluster();
    cluster.update(p, pool('q', ['10.1.0.0/24']));
    const { table } = cluster.update(pool('p', ['10.0.0.0/24', '10.1.0.0/25']), pool('q', ['10.1.0.128/25']));
    expect(table.refusals).toEqual([]);
  });

  it('is gone when it is deleted', () => {
    const cluster = new TestCluster();
    cluster.update(a, b, tor, p, all, web, webSlice);
    expect(routeNames(cluster.update(a, b, tor, p, web, webSlice).table)).toEqual([]);
  });
});
