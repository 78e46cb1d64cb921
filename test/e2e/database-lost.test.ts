/** The database is deleted, replaced or damaged under a running collector: sessions, routes and API stay. */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ownNetwork } from '../support/netns.ts';
import { Product } from '../support/product.ts';
import { TestPeer } from '../support/test-peer.ts';
import { until } from '../support/wait.ts';

const main = join(import.meta.dirname, '../../src/main.mjs');
const count = 3_000;
const prefixes = Array.from({ length: count }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`);
let product: Product;
let peer: TestPeer;

beforeAll(() => ownNetwork());

async function start(): Promise<void> {
  product = await Product.start();
  peer = await TestPeer.establish({ to: '127.0.0.1:1790', from: '127.0.0.11', asn: 64512 });
  peer.announce(prefixes);
  await inTables(count);
}

afterEach(async () => {
  peer?.socket.destroy();
  await product?.remove();
});

const inTables = (routes: number) =>
  until(
    'all is in the readable tables',
    async () => {
      const { rib, seq, watermark, tablesSeq, degraded } = await product.status();
      return rib.routes === routes && watermark === seq && tablesSeq === seq && degraded === null;
    },
    { context: () => product.log() },
  );

const degradedBy = (code: string) =>
  until(
    `the status says ${code}`,
    async () => {
      const { degraded } = await product.status();
      return degraded?.code === code && degraded;
    },
    { context: () => product.log() },
  );

const said = (code: string) => until(`the log says ${code}`, () => product.log().includes(`"code":"${code}"`));

/** Rows of `received_routes`, as somebody with a shell reads them. */
function storedRoutes(): number {
  const db = new Database(product.database, { readonly: true });
  try {
    return db.prepare('SELECT count(*) FROM received_routes').pluck().get() as number;
  } finally {
    db.close();
  }
}

const removeAll = () => {
  for (const suffix of ['', '-wal', '-shm']) rmSync(product.database + suffix, { force: true });
};

/** Writes junk over every page behind the first, in the database and in its log. */
function damage(): void {
  for (const suffix of ['', '-wal']) {
    const path = product.database + suffix;
    const { size } = statSync(path);
    if (size < 40_000) continue;
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.alloc(size - 16_384, 0xa5), 0, size - 16_384, 16_384);
    closeSync(file);
  }
}

describe('the database is gone while the collector runs', () => {
  it.each([
    ['its files are deleted', 'database-deleted', removeAll],
    ['it is renamed', 'database-deleted', () => renameSync(product.database, `${product.database}.old`)],
    ['its folder is deleted', 'database-deleted', () => rmSync(dirname(product.database), { recursive: true })],
  ])('%s: a new one is written from memory, with a gap that has a name', async (_, code, lose) => {
    await start();
    lose();
    await said(code);
    await inTables(count);
    expect(await product.neighbors()).toMatchObject([{ state: 'established', flaps: 0 }]);
    expect((await product.status()).gaps).toMatchObject([{ from: 1, reason: code }]);
    expect((await product.get<{ data: unknown[] }>('/api/v1/findings')).data).toEqual([]);

    peer.announce(['192.0.2.0/24']);
    await inTables(count + 1);
    await product.kill();
    expect(storedRoutes()).toBe(count + 1);
    peer.socket.destroy();
    await product.restart();
    expect(await product.routes({ stale: true })).toHaveLength(count + 1);
    expect((await product.status()).gaps).toMatchObject([{ from: 1, reason: code }]);
  });

  it('its log is deleted: what was in it is written first, and nothing is lost', async () => {
    await start();
    rmSync(`${product.database}-wal`);
    await said('database-files-deleted');
    peer.announce(['192.0.2.0/24']);
    await inTables(count + 1);
    expect((await product.status()).gaps).toEqual([]);
    const { data } = await product.get<{ data: unknown[] }>('/api/v1/changes', { limit: 10 });
    expect(data.length).toBeGreaterThan(0);
    await product.kill();
    expect(storedRoutes()).toBe(count + 1);
  });

  it('another file is in its place: it is left alone, until it is moved away', async () => {
    await start();
    writeFileSync(`${product.database}.new`, 'not ours');
    renameSync(`${product.database}.new`, product.database);
    await degradedBy('database-replaced');
    const answer = await fetch(`${product.url}/api/v1/findings`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      503,
      expect.stringContaining('application/problem+json'),
    ]);
    peer.announce(['192.0.2.0/24']);
    await until('routes are taken', async () => (await product.status()).rib.routes === count + 1);
    expect(readFileSync(product.database, 'utf8')).toBe('not ours');
    rmSync(product.database);
    await inTables(count + 1);
    expect(storedRoutes()).toBe(count + 1);
  });
});

describe('the database is damaged while the collector runs', () => {
  it.each([
    ['all of its pages but the first are overwritten', damage, 2],
    [
      'it is truncated',
      () => {
        const file = openSync(product.database, 'r+');
        ftruncateSync(file, 20_000);
        closeSync(file);
      },
      1,
    ],
  ])('%s: routes stay in memory, and the next start names the way out', async (_, harm, exit) => {
    await start();
    // the log is in the database, so that harm to the database is not undone by it
    await until('the checkpoint', () => statSync(product.database).size > 300_000);
    harm();
    // what the writer has in its cache is whole: a reader meets the damage
    await fetch(`${product.url}/api/v1/changes`);
    for (let i = 0; i < 50; i++) peer.announce([`192.0.2.${i}/32`], { med: i });
    const degraded = await degradedBy('database-damaged');
    expect(degraded.text).toContain('peerglass db salvage');
    await until('routes are taken', async () => (await product.status()).rib.routes === count + 50);
    expect(await product.neighbors()).toMatchObject([{ state: 'established', flaps: 0 }]);
    const answer = await fetch(`${product.url}/api/v1/changes`);
    expect([200, 503]).toContain(answer.status);
    expect((await fetch(`${product.url}/healthz`)).status).toBe(200);
    await product.kill();
    await expect(product.restart()).rejects.toThrow('peerglass db salvage');
    peer.socket.destroy();
    const args = ['db', 'salvage', dirname(product.database)];
    const { status, stdout } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
    expect(status).toBe(exit);
    if (exit === 2) return;
    expect(stdout).toContain('moved the damaged database to');
    await product.restart();
    expect((await product.status()).degraded).toBeNull();
  });
});
