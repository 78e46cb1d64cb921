/**
 * Nothing that happens to disk, routes or API may cost a session: the store is held for 10 s, everything is read over
 * and over, the main thread is held for 3 s, with real FRR peers attached: one at hold time 9 s, one at the least that
 * BGP allows, 3 s.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { pino } from 'pino';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { openInstance } from '../../src/instance.ts';
import { clusterNetwork, nodes, speakerAsn, startTor, tor, torAsn } from '../support/cluster.ts';
import { type Frr, startFrr } from '../support/daemons/frr.ts';
import { freePort } from '../support/product.ts';
import { TestPeer } from '../support/test-peer.ts';
import { until } from '../support/wait.ts';

const storeHeld = 10_000;
const mainHeld = 3_000;
/** Routes of a large neighbor, and ms for which eight clients read them. */
const tableSize = 100_000;
const readFor = 6_000;
const routes = [{ prefix: '203.0.113.1/32' }, { prefix: '203.0.113.2/32' }];
const timers = { 'node-a': { keepalive: 3, hold: 9 }, 'node-b': { keepalive: 1, hold: 3 } } as const;

beforeAll(clusterNetwork);

async function startPeers(): Promise<Frr[]> {
  const peers = await Promise.all(
    (['node-a', 'node-b'] as const).map((node) =>
      startFrr({
        hostname: node,
        asn: speakerAsn,
        routerId: nodes[node].v4,
        neighbors: [{ address: tor.v4, asn: torAsn, source: nodes[node].v4, timers: timers[node], routes }],
      }),
    ),
  );
  onTestFinished(async () => void (await Promise.all(peers.map((peer) => peer.stop()))));
  for (const peer of peers) await until('FRR has the session', async () => (await peer.session(tor.v4)).established);
  return peers;
}

/** No peer has lost its session since it came up. */
async function expectSameSessions(peers: Frr[]): Promise<void> {
  for (const peer of peers) expect(await peer.session(tor.v4)).toEqual({ established: true, drops: 0 });
}

describe('no session is lost', () => {
  it('while the database is locked by somebody else for 10 s', async () => {
    const product = await startTor([]);
    onTestFinished(() => product.remove());
    const peers = await startPeers();
    await until('both tables are in and durable', async () => {
      const { rib, seq, watermark } = await product.status();
      return rib.routes === 4 && watermark === seq;
    });

    const locker = new Database(product.database);
    onTestFinished(() => void locker.close());
    locker.exec('BEGIN EXCLUSIVE');
    const released = delay(storeHeld);
    await peers[0]!.reload({
      neighbors: [{ ...peers[0]!.options.neighbors[0]!, routes: [...routes, { prefix: '203.0.113.3/32' }] }],
    });
    await until('the new route is shown, not yet durable', async () => {
      const { rib, seq, watermark } = await product.status();
      return rib.routes === 5 && watermark < seq;
    });
    await released;
    locker.exec('ROLLBACK');

    await until('everything is durable', async () => {
      const { seq, watermark, tablesSeq } = await product.status();
      return watermark === seq && tablesSeq === seq;
    });
    await expectSameSessions(peers);
    const { gaps, degraded } = await product.status();
    expect({ gaps, degraded }).toEqual({ gaps: [], degraded: null });
    expect((await product.neighbors()).map(({ state, flaps }) => [state, flaps])).toEqual([
      ['established', 0],
      ['established', 0],
    ]);
    expect(locker.prepare('SELECT count(*) FROM received_routes').pluck().get()).toBe(5);
  });

  it('while somebody reads the whole table over and over', async () => {
    const product = await startTor([]);
    onTestFinished(() => product.remove());
    const peers = await startPeers();
    const big = await TestPeer.establish({ to: `${tor.v4}:179`, from: nodes['node-c'].v4, asn: speakerAsn });
    onTestFinished(() => void big.socket.destroy());
    const prefixes = Array.from({ length: tableSize }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32`);
    big.announce(prefixes, { nextHop: nodes['node-c'].v4, asPath: [speakerAsn] });
    await until('the table is in', async () => (await product.status()).rib.routes === tableSize + 4);

    const end = Date.now() + readFor;
    const readers = Array.from({ length: 8 }, async () => {
      let rows = 0;
      while (Date.now() < end)
        rows +=
          (await product.routes({ community: '64512:1' })).length +
          (await product.routes({ facets: 'node,community' })).length;
      return rows;
    });
    expect(Math.min(...(await Promise.all(readers)))).toBeGreaterThan(0);
    await expectSameSessions(peers);
  });

  it('while the main thread does nothing else for 3 s, again and again', async () => {
    const data = mkdtempSync(join(tmpdir(), 'peerglass-main-'));
    onTestFinished(() => rmSync(data, { recursive: true, force: true }));
    const config = loadConfig({
      env: {
        PEERGLASS_DATA: data,
        PEERGLASS_BGP_LISTEN: `${tor.v4}:179`,
        PEERGLASS_BGP_NEIGHBORS: JSON.stringify([{ range: '192.0.2.0/24', asn: speakerAsn }]),
        PEERGLASS_HTTP_LISTEN: `127.0.0.1:${await freePort()}`,
      },
    });
    const instance = await openInstance(config, { log: pino({ enabled: false }), singleThread: false });
    onTestFinished(() => instance.close('the test is over'));
    const peers = await startPeers();
    await until('both tables are in', () => instance.status().watermark > 0);

    for (let i = 0; i < 3; i++) {
      const end = Date.now() + mainHeld;
      while (Date.now() < end); // the main thread is this one
      await delay(50);
    }
    const late = () => instance.status().threads.collector.loopDelayMs;
    await until('it is told how late the thread was', () => late() > mainHeld / 2);
    await until('what is over is not told any more', () => late() < mainHeld / 2);
    await expectSameSessions(peers);
  });
});
