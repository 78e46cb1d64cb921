/**
 * kill -9 and SIGTERM at any moment: what was committed is there again, shown as stale until each session announces it
 * again.
 */
import { setImmediate as turn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { maxStopMs } from '../../src/commands/serve.ts';
import {
  type Announced,
  announcing,
  clusterNetwork,
  nodes,
  speaker,
  speakerAsn,
  startTor,
  tor,
} from '../support/cluster.ts';
import { type Frr, startFrr } from '../support/daemons/frr.ts';
import type { Product, ProductConfig } from '../support/product.ts';
import { TestPeer } from '../support/test-peer.ts';
import { until } from '../support/wait.ts';

const announced: Announced = {
  v4: [{ prefix: '203.0.113.200/32' }],
  v6: [{ prefix: 'fc00:f853:ccd:e799::1/128' }],
};
const more: Announced = { ...announced, v4: [...announced.v4, { prefix: '198.51.100.1/32' }] };

beforeAll(clusterNetwork);

/** The basic example with one node's speaker running; the others' sessions were never seen. */
async function start(first: Announced, bgp: ProductConfig['bgp'] = {}): Promise<{ product: Product; frr: Frr }> {
  const product = await startTor(['nodes.yaml', 'peers-ebgp.yaml', 'basic.yaml'], { bgp: { quietTime: '2s', ...bgp } });
  onTestFinished(() => product.remove());
  const frr = await startFrr(speaker('node-a', first));
  onTestFinished(() => frr.stop());
  const count = first.v4.length + first.v6.length;
  await until(
    'its routes are in the readable tables',
    async () => {
      const { rib, seq, watermark, tablesSeq } = await product.status();
      return rib.routes === count && watermark === seq && tablesSeq === seq;
    },
    { context: () => product.log() },
  );
  return { product, frr };
}

/** Rows of one node, as a person at the sqlite3 prompt would ask for them. */
function storedRoutes({ database }: Product): { prefix: string; node: string; stale: number }[] {
  const db = new Database(database, { readonly: true });
  try {
    return db.prepare('SELECT prefix, node, stale FROM received_routes ORDER BY prefix').all() as ReturnType<
      typeof storedRoutes
    >;
  } finally {
    db.close();
  }
}

describe('after kill -9', () => {
  it('the routes are on disk, come back stale, and are confirmed by the session', async () => {
    const { product, frr } = await start(announced);
    await product.kill();
    expect(storedRoutes(product).map(({ prefix, node }) => [prefix, node])).toEqual([
      ['203.0.113.200/32', 'node-a'],
      ['fc00:f853:ccd:e799::1/128', 'node-a'],
    ]);

    await frr.configure('router bgp 64512', `neighbor ${tor.v4} shutdown`, `neighbor ${tor.v6} shutdown`);
    await product.restart();
    const restored = await product.routes();
    expect(restored.map(({ prefix, stale }) => [prefix, stale])).toEqual([
      ['203.0.113.200/32', true],
      ['fc00:f853:ccd:e799::1/128', true],
    ]);
    const checks = await product.checks({ node: 'node-a' });
    expect(checks.map(({ verdict }) => verdict)).toEqual(['stale', 'stale']);

    await frr.configure('router bgp 64512', `no neighbor ${tor.v4} shutdown`, `no neighbor ${tor.v6} shutdown`);
    await until('the session confirms them', async () => (await product.routes({ stale: false })).length === 2);
    await until(
      'the verdicts are ok',
      async () => (await product.checks({ node: 'node-a', verdict: 'ok' })).length === 2,
    );
  });

  it('a route withdrawn while nobody listened is swept when the session is in sync, and not before', async () => {
    const { product, frr } = await start(more);
    await product.kill();
    await frr.reload(announcing(frr, announced));
    await product.restart();
    const feed = await product.stream();
    const swept = await feed.next('route', ({ action }) => action === 'withdrawn');
    feed.close();
    expect(swept.route).toMatchObject({ prefix: '198.51.100.1/32', neighbor: { address: nodes['node-a'].v4 } });
    await until('what is announced is confirmed', async () => {
      const routes = await product.routes();
      return routes.length === 2 && routes.every(({ stale }) => !stale);
    });
  });

  it('the live feed goes on from the seq that a client had, without a hole', async () => {
    const { product, frr } = await start(announced);
    const before = await product.stream();
    await frr.reload(announcing(frr, more));
    const seen = await before.next(
      'route',
      ({ action, route }) => action === 'announced' && route.prefix === '198.51.100.1/32',
    );
    before.close();
    await frr.reload(announcing(frr, announced));
    await until('the withdrawal is durable', async () => {
      const { rib, seq, watermark } = await product.status();
      return rib.routes === 2 && watermark === seq;
    });
    await product.kill();
    await product.restart();

    // the withdrawal happened in the life before this one, and was never sent to this client
    const after = await product.stream({ resumeFrom: seen.seq });
    const withdrawn = await after.next('route', ({ route }) => route.prefix === '198.51.100.1/32');
    expect(withdrawn.action).toBe('withdrawn');
    expect(withdrawn.seq).toBeGreaterThan(seen.seq);
    await after.next('route', ({ action }) => action === 'refreshed' || action === 'stale');
    after.close();
    const order = after.messages.filter((message) => message.type === 'route').map(({ seq }) => seq);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(after.messages.filter(({ type }) => type === 'gap')).toEqual([]);
  });

  it('amid a storm of changes, nothing that was published is lost', async () => {
    const product = await startTor([]);
    onTestFinished(() => product.remove());
    const prefixes = Array.from({ length: 2_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}/32`);
    const from = nodes['node-b'].v4;
    const peer = await TestPeer.establish({ to: `${tor.v4}:179`, from, asn: speakerAsn });
    onTestFinished(() => void peer.socket.destroy());
    const feed = await product.stream();
    const storm = (async () => {
      for (let med = 1; !peer.socket.destroyed; med++) {
        peer.announce(prefixes, { med });
        await turn();
      }
    })();
    await feed.next('route', ({ route }) => route.med === 5);
    await product.kill();
    peer.socket.destroy();
    await storm;
    await feed.closed;

    const published = new Map<string, number>();
    for (const message of feed.messages)
      if (message.type === 'route') published.set(message.route.prefix, message.route.med!);
    expect(published.size).toBe(prefixes.length);
    await product.restart();
    const restored = new Map((await product.routes({ stale: true })).map(({ prefix, med }) => [prefix, med!]));
    const lost = [...published].filter(([prefix, med]) => (restored.get(prefix) ?? 0) < med);
    expect(lost).toEqual([]);
    const { seq } = await product.status();
    expect(seq).toBeGreaterThanOrEqual(
      Math.max(...feed.messages.map((message) => ('seq' in message ? (message.seq ?? 0) : 0))),
    );
  });
});

/** What findings of the database are about, each once, but for the doubt while sessions are on their way back. */
function storedAlarms({ database }: Product): string[] {
  const db = new Database(database, { readonly: true });
  try {
    return db
      .prepare(
        `SELECT DISTINCT format('%s %s on %s', prefix, word, node) AS alarm FROM findings
         WHERE word IN ('missing', 'unexpected', 'mismatch') ORDER BY alarm`,
      )
      .pluck()
      .all() as string[];
  } finally {
    db.close();
  }
}

describe('after SIGTERM', () => {
  it('routes wait as stale for their sessions: no finding is raised, and no withdrawal is sent', async () => {
    const { product } = await start(announced);
    await until(
      'the verdicts are ok',
      async () => (await product.checks({ node: 'node-a', verdict: 'ok' })).length === 2,
    );
    const { seq } = await product.status();
    const raised = storedAlarms(product);
    const live = await product.stream();
    expect(await product.stop()).toMatchObject({ code: 0 });
    await live.closed;
    expect(storedRoutes(product).map(({ node, stale }) => [node, stale])).toEqual([
      ['node-a', 1],
      ['node-a', 1],
    ]);

    await product.restart();
    const resumed = await product.stream({ resumeFrom: seq });
    await until('the sessions confirm the routes', async () => (await product.routes({ stale: false })).length === 2);
    await until(
      'the verdicts are ok again',
      async () => (await product.checks({ node: 'node-a', verdict: 'ok' })).length === 2,
    );
    await resumed.next('route', ({ action }) => action === 'refreshed');
    resumed.close();
    const actions = [...live.messages, ...resumed.messages].flatMap((one) =>
      one.type === 'route' ? [one.action] : [],
    );
    expect(actions).not.toContain('withdrawn');
    expect(storedAlarms(product)).toEqual(raised);
  });

  it('routes of a neighbor that does not come back go when the time for it is over', async () => {
    const { product, frr } = await start(announced, { restoreTime: '5s' });
    await product.stop();
    await frr.stop();
    await product.restart();
    expect(await product.routes({ stale: true })).toHaveLength(2);
    await until('they are gone', async () => (await product.routes()).length === 0);
  });

  it('amid a storm of changes, everything that was published is there, and a second SIGTERM changes nothing', async () => {
    const product = await startTor([]);
    onTestFinished(() => product.remove());
    const prefixes = Array.from({ length: 2_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}/32`);
    const peer = await TestPeer.establish({ to: `${tor.v4}:179`, from: nodes['node-b'].v4, asn: speakerAsn });
    const feed = await product.stream();
    const storm = (async () => {
      for (let med = 1; !peer.socket.destroyed; med++) {
        peer.announce(prefixes, { med });
        await turn();
      }
    })();
    await feed.next('route', ({ route }) => route.med === 5);
    product.signal('SIGTERM');
    product.signal('SIGTERM');
    expect(await product.exited()).toMatchObject({ code: 0 });
    peer.socket.destroy();
    await storm;
    const published = new Map<string, number>();
    for (const message of feed.messages)
      if (message.type === 'route') published.set(message.route.prefix, message.route.med!);
    await product.restart();
    const restored = new Map((await product.routes({ stale: true })).map(({ prefix, med }) => [prefix, med!]));
    expect([...published].filter(([prefix, med]) => (restored.get(prefix) ?? 0) < med)).toEqual([]);
    expect(restored.size).toBe(prefixes.length);
  });

  it('a disk that stalls does not keep the process: it ends in time, with what is durable', async () => {
    const { product } = await start(announced);
    const locker = new Database(product.database);
    locker.exec('BEGIN EXCLUSIVE');
    const stopped = Date.now();
    product.signal('SIGTERM');
    expect(await product.exited()).toMatchObject({ signal: 'SIGKILL' });
    expect(Date.now() - stopped).toBeLessThan(maxStopMs + 5_000);
    locker.close();
    await product.restart();
    expect(await product.routes({ stale: true })).toHaveLength(2);
  });
});
