/** kill -9 at any moment: what was committed is there again, shown as stale until each session says it anew. */
import { setImmediate as turn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
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
import type { Product } from '../support/product.ts';
import { TestPeer } from '../support/test-peer.ts';
import { until } from '../support/wait.ts';

const announced: Announced = {
  v4: [{ prefix: '203.0.113.200/32' }],
  v6: [{ prefix: 'fc00:f853:ccd:e799::1/128' }],
};
const more: Announced = { ...announced, v4: [...announced.v4, { prefix: '198.51.100.1/32' }] };

beforeAll(clusterNetwork);

/** The basic example with one node's speaker running; the others' sessions were never seen. */
async function start(first: Announced): Promise<{ product: Product; frr: Frr }> {
  const product = await startTor(['nodes.yaml', 'peers-ebgp.yaml', 'basic.yaml'], { bgp: { quietTime: '2s' } });
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
