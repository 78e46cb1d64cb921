/** The list-watch protocol in all known failures, against a real HTTP server. */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Times } from '../../src/kubernetes/clock.ts';
import { node, pool } from '../support/kube-api/objects.ts';
import type { KubeApi } from '../support/kube-api/server.ts';
import { startApi, Watched } from '../support/kube-api/watched.ts';
import { until } from '../support/wait.ts';

const a = 'metallb-system/a';
const late = 'metallb-system/late';

/** Makes the server forget its history, so that the versions of watches are too old. */
function forget({ cluster }: KubeApi): void {
  cluster.version++;
  cluster.forget();
}

/** Cuts the connections and answers the next requests for pools with `faults`. */
function cutAndFail(api: KubeApi, ...faults: { status: number; retryAfter?: number }[]): void {
  api.faults.set('ipaddresspools', faults);
  api.cut();
}

/** Failures of running watches; after each, one pool is created and another deleted. */
const troubles: [string, (api: KubeApi) => void | Promise<void>, Partial<Times>?][] = [
  ['nothing', () => {}],
  ['the server ends the watches', (api) => api.end()],
  ['the connections are cut in the middle of an event', (api) => api.cut()],
  [
    'the server is down for a while',
    async (api) => {
      await api.close();
      await delay(150);
      await api.open();
    },
  ],
  [
    'the server is down for a while and loses its history',
    async (api) => {
      await api.close();
      forget(api);
      await api.open();
    },
  ],
  [
    'an ERROR event: the version is too old',
    (api) => {
      forget(api);
      api.cut();
    },
  ],
  [
    'a status: the version is too old',
    (api) => {
      api.expiresInStream = false;
      forget(api);
      api.cut();
    },
  ],
  [
    'the version is too old, and the list fails and is slow',
    (api) => {
      forget(api);
      api.slow = 100;
      cutAndFail(api, { status: 410 }, { status: 500 });
    },
  ],
  [
    'another ERROR event',
    (api) => api.say('ipaddresspools', { type: 'ERROR', object: { kind: 'Status', code: 500, message: 'no leader' } }),
  ],
  ['a line that is not JSON', (api) => api.write('ipaddresspools', '{"type":"ADDED","object":{\n')],
  ['an event without an object', (api) => api.write('ipaddresspools', '{"type":"ADDED"}\n')],
  ['an event of an unknown type', (api) => api.say('ipaddresspools', { type: 'TOUCHED', object: {} })],
  [
    'an object without a version',
    (api) => api.say('ipaddresspools', { type: 'ADDED', object: { metadata: { name: 'x' } } }),
  ],
  ['a line that never ends', (api) => api.write('ipaddresspools', 'x'.repeat(5 * 2 ** 20))],
  [
    'a connection that is half open',
    async (api) => {
      api.freeze();
      await delay(400);
      api.thaw();
    },
    { silence: 250 },
  ],
  ['too many requests, with Retry-After', (api) => cutAndFail(api, { status: 429, retryAfter: 0.1 }, { status: 429 })],
  ['errors of the server', (api) => cutAndFail(api, { status: 500 }, { status: 503 }, { status: 502 })],
];

/** A source that watches all kinds of the server. */
async function watchAll(api: KubeApi, times: Partial<Times> = {}): Promise<Watched> {
  const watched = await new Watched(api, { times }).first();
  const synced = () => watched.source.kinds.filter(({ state }) => state === 'synced').length;
  await until('all kinds watched', () => api.watching() === synced(), { every: 5 });
  return watched;
}

describe('no change is missed, and no object lost in between, after', () => {
  it.each(troubles)('%s', async (_, trouble, times) => {
    const api = await startApi(pool('a'), pool('gone', 1), node('n'));
    const watched = await watchAll(api, times);
    await trouble(api);
    api.cluster.apply(pool('late', 2));
    api.cluster.delete('IPAddressPool', 'gone', 'metallb-system');
    await watched.has('IPAddressPool', a, late);
    await until('no problems', () => watched.source.problems.length === 0, { context: () => watched.report() });
    expect([...api.faults.values()].flat()).toEqual([]);
    for (const state of watched.states) {
      expect(watched.keys('IPAddressPool', state)).toContain(a);
      expect(watched.keys('Node', state)).toEqual(['n']);
    }
  });
});

describe('the next watch', () => {
  it('continues from the last bookmark, so that a quiet kind survives lost history', async () => {
    const api = await startApi(pool('a'), node('n'));
    const watched = await watchAll(api);
    api.cluster.apply(pool('late', 3)); // advances the version for all kinds
    await watched.has('IPAddressPool', a, late);
    const states = watched.states.length;
    api.bookmark();
    api.cluster.forget();
    await delay(50);
    expect(watched.states).toHaveLength(states);
    api.seen.length = 0;
    api.end('nodes');
    const again = await until('another watch', () => api.seen.find(({ path }) => path === '/api/v1/nodes'), {
      every: 5,
    });
    expect(again).toMatchObject({
      watch: true,
      query: { resourceVersion: String(api.cluster.version), allowWatchBookmarks: 'true' },
    });
  });

  it('asks for a lifetime, different for each', async () => {
    const api = await startApi(node('n'));
    await watchAll(api, { watch: 300_000 });
    const seconds = api.seen.filter(({ watch }) => watch).map(({ query }) => Number(query['timeoutSeconds']));
    expect(Math.min(...seconds)).toBeGreaterThanOrEqual(300);
    expect(Math.max(...seconds)).toBeLessThanOrEqual(600);
    expect(new Set(seconds).size).toBeGreaterThan(5);
  });
});

describe('a server', () => {
  it('that answers one watch wakes all others', async () => {
    const api = await startApi(node('n'));
    /** Resolvers of the pending waits. */
    const sleepers: (() => void)[] = [];
    const wait = (_: number, signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        sleepers.push(resolve);
        signal.addEventListener('abort', () => reject(new Error('woken')));
      });
    const watched = await new Watched(api, { clock: { now: Date.now, wait, random: () => 0 } }).first();
    const isSynced = ({ state }: { state: string }) => state === 'synced';
    const synced = watched.source.kinds.filter(isSynced).length;
    await until('all kinds watched', () => api.watching() === synced, { every: 5 });
    await api.close();
    await until('all kinds failed', () => sleepers.length >= watched.source.kinds.length, { every: 5 });
    for (const goOn of sleepers.splice(0)) goOn();
    await until('all kinds failing', () => !watched.source.kinds.some(isSynced) && sleepers.length >= synced, {
      every: 5,
    });
    await api.open();
    sleepers[0]!();
    await until('all kinds watched again', () => api.watching() === synced, { every: 5, timeout: 5_000 });
  });

  it('that sends Retry-After is not asked earlier, even if it answers others', async () => {
    const api = await startApi(node('n'));
    const watched = await watchAll(api);
    forget(api);
    api.seen.length = 0;
    api.faults.set('nodes', [{ status: 500 }, { status: 429, retryAfter: 0.5 }]);
    api.cut();
    await watched.state('Node', 'failing');
    await watched.state('Node', 'synced');
    const asked = api.seen.filter(({ path }) => path === '/api/v1/nodes').map(({ at }) => at);
    expect(asked[2]! - asked[1]!).toBeGreaterThanOrEqual(490);
  });

  it('that loses a list between pages is asked again for larger pages', async () => {
    const api = await startApi(...Array.from({ length: 9 }, (_, i) => node(`n${i}`)), pool('a'));
    api.pageSize = 4;
    api.slow = 50;
    const watched = new Watched(api);
    await until('a request for the second page', () => nodeLists(api).length === 2, { every: 1 });
    forget(api);
    await watched.first();
    expect(watched.keys('Node')).toHaveLength(9);
    const limits = nodeLists(api).map(({ query }) => Number(query['limit']));
    expect(limits[0]).toBeLessThan(limits.at(-1)!);
  });

  it('that ends every watch at once is asked with growing delays', async () => {
    const api = await startApi(node('n'));
    const watched = await watchAll(api);
    api.endsAtOnce = true;
    api.seen.length = 0;
    api.end('nodes');
    await watched.state('Node', 'failing');
    await delay(500);
    // 20, 40, 80, 100, 100 … ms, half of it random
    expect(api.seen.filter(({ path }) => path === '/api/v1/nodes').length).toBeLessThan(20);
    expect(watched.source.problems[0]).toMatch(/ends every watch at once; keeping the 1 object read last/);
  });
});

const nodeLists = (api: KubeApi) => api.seen.filter(({ path, watch }) => path === '/api/v1/nodes' && !watch);
