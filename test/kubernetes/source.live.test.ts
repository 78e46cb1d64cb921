/** A cluster as a source: snapshots, status, forbidden and absent kinds, implausible lists. */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/kubernetes/clock.ts';
import type { Kind } from '../../src/metallb/objects/resources.ts';
import type { ApiObject } from '../support/kube-api/cluster.ts';
import { manifestObjects, node, pool, service } from '../support/kube-api/objects.ts';
import type { KubeApi } from '../support/kube-api/server.ts';
import { startApi, Watched } from '../support/kube-api/watched.ts';
import { until } from '../support/wait.ts';

const a = 'metallb-system/a';
const late = 'metallb-system/late';

describe('a snapshot', () => {
  it('has all objects once every kind was listed', async () => {
    const api = await startApi(...manifestObjects('nodes.yaml', 'peers-ebgp.yaml', 'basic.yaml'));
    const watched = await new Watched(api).first();
    expect(watched.states).toHaveLength(1);
    expect(watched.keys('Node')).toEqual(['node-a', 'node-b', 'node-c']);
    expect(watched.keys('BGPPeer')).toEqual(['metallb-system/tor-v4', 'metallb-system/tor-v6']);
    expect(watched.keys('EndpointSlice')).toEqual(['default/web-1']);
    expect(watched.source.problems).toEqual([]);
    expect(api.seen.every(({ path }) => !path.endsWith('/secrets'))).toBe(true);
  });

  it("has MetalLB's objects in order of creation across kinds", async () => {
    const advertisement = {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'BGPAdvertisement',
      metadata: { name: 'm', namespace: 'metallb-system' },
      spec: {},
    };
    const api = await startApi(pool('z'), advertisement, pool('a', 1), node('n'));
    const watched = await new Watched(api).first();
    expect(watched.states[0]!.map(({ object }) => object?.ref.name)).toEqual(['z', 'm', 'a', 'n']);
  });

  it('has the last writer of an object, not the fields', async () => {
    const api = await startApi();
    api.cluster.apply(pool('a'), 'flux');
    const watched = await new Watched(api).first();
    const [object] = watched.objects('IPAddressPool');
    expect(object).toMatchObject({ admitted: true, origin: { manager: 'flux', resourceVersion: '101' } });
    expect(JSON.stringify(object)).not.toContain('fieldsV1');
  });

  it('is read page by page at one version', async () => {
    const names = Array.from({ length: 7 }, (_, i) => `n${i}`);
    const api = await startApi(...names.map((name) => node(name)));
    api.pageSize = 3;
    const watched = await new Watched(api).first();
    expect(watched.keys('Node')).toEqual(names);
    const lists = api.seen.filter(({ path, watch }) => path === '/api/v1/nodes' && !watch);
    expect(lists.map(({ query }) => query['continue'] !== undefined)).toEqual([false, true, true]);
  });

  it("has Secrets only on request, only of MetalLB's namespace, and without values", async () => {
    const secret = (namespace: string) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', namespace },
      type: 'kubernetes.io/basic-auth',
      data: { password: Buffer.from('hunter2').toString('base64') },
    });
    const api = await startApi(secret('metallb-system'), secret('default'));
    const watched = await new Watched(api, { kubernetes: { secrets: true } }).first();
    expect(watched.objects('Secret')).toMatchObject([
      { key: 'metallb-system/s', spec: { type: 'kubernetes.io/basic-auth', hasPassword: true } },
    ]);
    expect(JSON.stringify(watched.states)).not.toMatch(/hunter2|aHVudGVyMg/);
  });
});

describe('a change is noticed', () => {
  const cases: [string, (api: KubeApi) => void, Kind, string[]][] = [
    ['of an object', (api) => api.cluster.apply(pool('a', 9)), 'IPAddressPool', [a]],
    ['a new object', (api) => api.cluster.apply(pool('late', 9)), 'IPAddressPool', [a, late]],
    ['a deleted object', (api) => api.cluster.delete('IPAddressPool', 'a', 'metallb-system'), 'IPAddressPool', []],
  ];
  it.each(cases)('%s', async (_, change, kind, keys) => {
    const api = await startApi(pool('a'), node('n'));
    const watched = await new Watched(api).first();
    change(api);
    await until('another snapshot', () => watched.states.length === 2, { every: 2 });
    expect(watched.keys(kind)).toEqual(keys);
    // unchanged objects keep their identity
    expect(watched.objects('Node')[0]).toBe(watched.objects('Node', watched.states[0])[0]);
  });

  it('many changes at once give one snapshot', async () => {
    const api = await startApi(node('n'));
    const watched = await new Watched(api, { times: { quiet: 50 } }).first();
    for (let i = 0; i < 200; i++) api.cluster.apply(service(`s${i}`));
    await until('all objects', () => watched.keys('Service').length === 200);
    expect(watched.states.length).toBeLessThan(5);
  });

  it('an irrelevant change gives no snapshot; the object gets its new version', async () => {
    const api = await startApi(node('n'), service('s'));
    const watched = await new Watched(api).first();
    const [before] = watched.objects('Service');
    const { metadata } = api.cluster.apply(service('s', { 'example.net/note': 'hello' }), 'kubectl-edit');
    api.cluster.apply(node('n', { zone: 'b' }));
    await until('the next snapshot', () => watched.states.length === 2);
    expect(watched.objects('Service')[0]).toBe(before);
    expect(before!.origin).toEqual({ resourceVersion: metadata.resourceVersion, manager: 'kubectl-edit' });
  });

  it('text beyond ASCII is read correctly in any chunks', async () => {
    const api = await startApi(node('n'));
    const watched = await new Watched(api).first();
    api.dribble = true;
    api.cluster.apply(node('n', { 'example.net/city': 'Zürich-日本' }));
    await until('the next snapshot', () => watched.states.length === 2);
    expect(watched.objects('Node')[0]!.labels).toEqual({ 'example.net/city': 'Zürich-日本' });
  });
});

describe('forbidden and absent kinds', () => {
  it.each<[string, string, Kind, 'forbidden' | 'absent', RegExp | null, boolean]>([
    [
      'an essential kind',
      'bgppeers',
      'BGPPeer',
      'forbidden',
      /bgppeers\.metallb\.io is forbidden.*add to a Role in namespace metallb-system: apiGroups: \["metallb\.io"\], resources: \["bgppeers"\], verbs: \["list", "watch"\]/,
      false,
    ],
    [
      'nodes, which are in no namespace',
      'nodes',
      'Node',
      'forbidden',
      /add to a ClusterRole: apiGroups: \[""\], resources: \["nodes"\]/,
      false,
    ],
    [
      'a kind that is not essential',
      'frrconfigurations',
      'FRRConfiguration',
      'forbidden',
      /other FRRConfigurations/,
      true,
    ],
    ['a kind of OpenShift on another cluster', 'machineconfigs', 'MachineConfig', 'absent', null, true],
  ])('%s, when forbidden', async (_, plural, kind, state, text, isRead) => {
    const api = await startApi(pool('a'), node('n'));
    api.forbidden.add(plural);
    const watched = new Watched(api);
    await watched.state(kind, state);
    await watched.state('EndpointSlice', 'synced');
    await delay(50);
    expect(watched.states.length > 0).toBe(isRead);
    if (text) expect(watched.source.problems).toEqual([expect.stringMatching(text)]);
    else expect(watched.source.problems).toEqual([]);
    api.forbidden.clear();
    await watched.first();
    if (text) await watched.state(kind, 'synced');
  });

  it("MetalLB's objects are read in its namespace if RBAC does not allow all namespaces", async () => {
    const api = await startApi(pool('a'), pool('stray', 1, 'default'), node('n'));
    api.forbidden.add('ipaddresspools@cluster');
    const watched = await new Watched(api).first();
    expect(watched.keys('IPAddressPool')).toEqual([a]);
    expect(watched.kind('IPAddressPool')).toMatchObject({
      state: 'synced',
      text: expect.stringContaining(
        'can read ipaddresspools.metallb.io only in namespace metallb-system; those in other namespaces, which MetalLB ignores, are',
      ),
    });
    api.cluster.apply(pool('late', 2));
    await watched.has('IPAddressPool', a, late);
  });

  it('MetalLB is noticed when it is installed later', async () => {
    const api = await startApi(pool('a'), node('n'));
    const plurals = [
      'ipaddresspools',
      'bgppeers',
      'bgpadvertisements',
      'l2advertisements',
      'communities',
      'bfdprofiles',
    ];
    for (const plural of plurals) api.cluster.absent.add(plural);
    const watched = await new Watched(api).first();
    expect(watched.keys('IPAddressPool')).toEqual([]);
    expect(watched.source.problems[0]).toMatch(/the cluster has no \w+\.metallb\.io: MetalLB is not installed/);
    api.cluster.absent.clear();
    await watched.has('IPAddressPool', a);
    await until('no problems', () => watched.source.problems.length === 0);
  });

  it('a server without the nodes resource is reported as not an API server', async () => {
    const api = await startApi(pool('a'), node('n'));
    api.cluster.absent.add('nodes');
    const watched = new Watched(api);
    await watched.state('Node', 'failing');
    await watched.state('IPAddressPool', 'synced');
    await delay(50);
    expect(watched.states).toEqual([]);
    expect(watched.source.problems).toEqual([
      'cannot read nodes: the server at this address is not a Kubernetes API server',
    ]);
  });

  it('a revoked permission keeps the objects read last', async () => {
    const api = await startApi(pool('a'), node('n'));
    const watched = await new Watched(api).first();
    await until('they are watched', () => api.watching('ipaddresspools') === 1);
    api.forbidden.add('ipaddresspools');
    api.end('ipaddresspools');
    const status = await watched.state('IPAddressPool', 'forbidden');
    expect(status.text).toContain('keeping the 1 object read last');
    expect(watched.keys('IPAddressPool')).toEqual([a]);
  });

  it('a failing kind that is not essential delays the first snapshot only for a time', async () => {
    const api = await startApi(pool('a'), node('n'));
    api.faults.set(
      'frrconfigurations',
      Array.from({ length: 1000 }, () => ({ status: 500 })),
    );
    const watched = await new Watched(api, { times: { patience: 200 } }).first();
    expect(watched.kind('FRRConfiguration')).toMatchObject({
      state: 'failing',
      text: expect.stringContaining('fault 500'),
    });
  });

  it('this time also ends if the wall clock is set back', async () => {
    const api = await startApi(pool('a'), node('n'));
    api.faults.set(
      'frrconfigurations',
      Array.from({ length: 1000 }, () => ({ status: 500 })),
    );
    let now = Date.now();
    const watched = new Watched(api, { times: { patience: 500 }, clock: { ...systemClock, now: () => now } });
    now -= 3_600_000;
    await watched.first();
    expect(watched.keys('IPAddressPool')).toEqual([a]);
  });
});

describe('ConfigMaps', () => {
  const configMap = (name: string): ApiObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'metallb-system' },
    data: { extras: '! raw' },
  });

  it('are requested by name, so that no others are sent', async () => {
    const api = await startApi(pool('a'), node('n'), configMap('bgpextras'), configMap('passwords'));
    const watched = await new Watched(api).first();
    await watched.has('ConfigMap', 'metallb-system/bgpextras');
    await until('both watched', () =>
      ['bgpextras', 'metallb-excludel2'].every((name) => api.isWatched(`ConfigMap/${name}`)),
    );
    api.cluster.apply(configMap('metallb-excludel2'));
    await watched.has('ConfigMap', 'metallb-system/bgpextras', 'metallb-system/metallb-excludel2');
    const asked = api.seen.filter(({ path }) => path.endsWith('/configmaps'));
    expect(new Set(asked.map(({ query }) => query['fieldSelector']))).toEqual(
      new Set(['metadata.name=bgpextras', 'metadata.name=metallb-excludel2']),
    );
  });
});

describe('an unreachable cluster', () => {
  it('keeps the objects read last and reports their age', async () => {
    const api = await startApi(pool('a'), node('n'));
    let now = Date.UTC(2026, 0, 1);
    const clock = {
      now: () => now,
      wait: (ms: number, signal: AbortSignal) => delay(ms, undefined, { signal }),
      random: () => 0,
    };
    const watched = await new Watched(api, { clock }).first();
    await until('all kinds watched', () => api.watching('nodes') === 1);
    now += 60_000;
    expect(watched.source.knownAt).toBe(now);
    await api.close();
    await until('a problem', () => watched.source.problems[0]?.startsWith('the API server'));
    now += 60_000;
    expect(watched.source.problems).toEqual([
      expect.stringMatching(
        /^the API server is unreachable since 2026-01-01T00:0[01]:00.*connection refused.*keeping the 2 objects read last$/,
      ),
    ]);
    expect(watched.source.knownAt).toBeLessThanOrEqual(now - 60_000);
    expect(watched.states).toHaveLength(1);
    await api.open();
    await until('no problems', () => watched.source.problems.length === 0);
    await until('all kinds watched', () => watched.source.knownAt === now);
  });

  it('that was never reached gives no snapshot, and the reason', async () => {
    const api = await startApi(pool('a'));
    await api.close();
    const watched = new Watched(api);
    await until('a problem', () => watched.source.problems.length > 0);
    expect(watched.source.problems).toEqual([
      expect.stringMatching(/^the API server is unreachable: connection refused/),
    ]);
    expect(watched.states).toEqual([]);
    expect(watched.source.knownAt).toBeNull();
  });

  it('that returns without any MetalLB object keeps the objects until it lists some again', async () => {
    const advertisement = { apiVersion: 'metallb.io/v1beta1', kind: 'BGPAdvertisement', spec: {} };
    const metadata = { name: 'x', namespace: 'metallb-system' };
    const api = await startApi(pool('a'), { ...advertisement, metadata }, node('n'), service('s'));
    const watched = await new Watched(api).first();
    await until('all kinds watched', () =>
      watched.source.kinds.every(({ kind, state }) => state !== 'synced' || api.isWatched(kind)),
    );
    // one kind answers long before the otherss
    api.faults.set(
      'bgpadvertisements',
      Array.from({ length: 4 }, () => ({ status: 500 })),
    );
    api.cluster.wipe('IPAddressPool', 'BGPAdvertisement', 'Service');
    api.cut();
    await until('a problem', () => watched.source.problems.some((text) => text.includes('suddenly')));
    expect(watched.source.problems).toEqual([
      expect.stringMatching(/suddenly lists no MetalLB objects; keeping the 2 read before/),
    ]);
    expect(watched.states).toHaveLength(1);
    api.cluster.apply(pool('late', 2));
    await watched.has('IPAddressPool', late);
    expect(watched.source.problems).toEqual([]);
  });

  it('that returns without the objects of one kind is believed if it has the others', async () => {
    const api = await startApi(pool('a'), node('n'), service('s'));
    const watched = await new Watched(api).first();
    await until('they are watched', () => api.isWatched('Service'));
    api.cluster.wipe('Service');
    api.cut();
    await watched.has('Service');
    expect(watched.keys('IPAddressPool')).toEqual([a]);
    expect(watched.states).toHaveLength(2);
  });

  it('that returns without any node keeps its nodes', async () => {
    const api = await startApi(pool('a'), node('n'));
    const watched = await new Watched(api).first();
    await until('all kinds watched', () => api.watching('nodes') === 1);
    api.cluster.wipe('Node');
    api.cut();
    const status = await watched.state('Node', 'failing');
    expect(status.text).toMatch(
      /lists no Node at all, although every cluster has some; keeping the 1 object read last/,
    );
    expect(watched.keys('Node')).toEqual(['n']);
  });
});

describe('bounds', () => {
  it('of more objects of a kind than maxObjects, the first one left out is named', async () => {
    const api = await startApi(node('n'), pool('a'), pool('b', 1), pool('c', 2));
    const watched = await new Watched(api, { maxObjects: 2 }).first();
    expect(watched.keys('IPAddressPool')).toEqual([a, 'metallb-system/b']);
    expect(watched.refusals).toMatchObject([
      {
        object: { kind: 'IPAddressPool', name: 'c' },
        error: 'more than 2 objects of this kind: this one and further ones are left out',
      },
    ]);
    api.cluster.apply(pool('d', 3));
    api.cluster.apply(node('n', { x: 'y' }));
    await until('the next snapshot', () => watched.states.length > 1);
    expect(watched.keys('IPAddressPool')).toHaveLength(2);
  });

  it('an object larger than maxEventBytes is rejected by name; others still work', async () => {
    const api = await startApi(node('n'), pool('a'));
    const watched = await new Watched(api).first();
    api.cluster.apply({ ...pool('huge', 1), status: { padding: 'x'.repeat(5 * 2 ** 20) } });
    await until('a rejection', () => watched.refusals.length > 0, { context: () => watched.report() });
    expect(watched.refusals).toMatchObject([
      { object: { kind: 'IPAddressPool', name: 'huge' }, error: 'larger than 4194304 octets' },
    ]);
    api.cluster.apply(pool('late', 2));
    await watched.has('IPAddressPool', a, late);
  });

  it('an invalid object keeps its last valid version and is named', async () => {
    const api = await startApi(node('n'), pool('a'));
    const watched = await new Watched(api).first();
    const [before] = watched.objects('IPAddressPool');
    api.cluster.apply({ ...pool('a'), spec: { addresses: 'all of them' } });
    await until('a rejection', () => watched.refusals.length > 0);
    expect(watched.refusals).toMatchObject([
      { object: { name: 'a' }, effect: expect.stringContaining('the cluster has it') },
    ]);
    expect(watched.objects('IPAddressPool')).toEqual([before]);
  });
});
