/** A full disk: sessions, RIB and REST go on, the status says degraded, and what the journal missed is a named gap. */
import { closeSync, mkdtempSync, openSync, rmSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { announce } from '../support/builders.ts';
import { ownNetwork } from '../support/netns.ts';
import { Product } from '../support/product.ts';
import { TestPeer } from '../support/test-peer.ts';
import { until } from '../support/wait.ts';

const diskBytes = 24 * 2 ** 20;
const data = mkdtempSync(join(tmpdir(), 'peerglass-disk-'));
let product: Product;
let peer: TestPeer;

beforeAll(async () => {
  ownNetwork();
  product = await Product.start({
    data,
    // the product alone sees a small disk at `data`; it is gone with the process
    wrapper: ['unshare', '--mount', 'sh', '-c', `mount -t tmpfs -o size=${diskBytes} tmpfs "$0" && exec "$@"`, data],
  });
  peer = await TestPeer.establish({ to: '127.0.0.1:1790', from: '127.0.0.11', asn: 64512 });
});

afterAll(async () => {
  peer?.socket.destroy();
  await product?.remove();
  rmSync(data, { recursive: true, force: true });
});

it('goes on, says so, and mends itself when there is room again', async () => {
  announceBlock(1);
  await until('the first routes are durable', async () => {
    const { rib, seq, watermark } = await product.status();
    return rib.routes === 256 && watermark === seq;
  });

  const filler = join('/proc', String(product.pid), 'root', data, 'filler');
  fill(filler);
  // every block is a change: the journal must write, and cannot
  let block = 2;
  const degraded = await until(
    'the status says degraded',
    async () => {
      announceBlock(block++);
      const { degraded } = await product.status();
      // the tables may fail first: the log that SQLite writes ahead has some room left
      return degraded?.gap && degraded;
    },
    { every: 200 },
  );
  expect(degraded.text).toMatch(/disk|full|space/i);
  const sent = (block - 1) * 256;
  await until('the RIB has everything all the same', async () => (await product.status()).rib.routes === sent);
  expect(await product.neighbors()).toMatchObject([{ state: 'established', flaps: 0 }]);
  expect((await fetch(`${product.url}/healthz`)).status).toBe(200);

  unlinkSync(filler);
  const mended = await until(
    'the store works again',
    async () => {
      announceBlock(block);
      const status = await product.status();
      return status.degraded === null && status.watermark === status.seq && status;
    },
    { every: 200 },
  );
  expect(mended.gaps.length).toBeGreaterThan(0);
  for (const { from, to, reason } of mended.gaps) {
    expect(to).toBeGreaterThanOrEqual(from);
    expect(reason).not.toBe('');
  }
  await until('the readable tables caught up', async () => {
    const { tablesSeq, seq } = await product.status();
    return tablesSeq === seq;
  });
});

/** 256 routes of 10.`block`.0.0/16, with so many attributes that the journal grows by some 50 KB. */
function announceBlock(block: number): void {
  for (let first = 0; first < 256; first += 16) {
    const prefixes = Array.from({ length: 16 }, (_, i) => `10.${block}.${first + i}.0/24`);
    const communities = Array.from({ length: 800 }, (_, i) => `${block}:${first * 100 + i}`);
    for (const message of announce(prefixes, { nextHop: '127.0.0.11', asPath: [64512], communities }))
      peer.send(message);
  }
}

/** Writes until the disk has no page left. */
function fill(path: string): void {
  const file = openSync(path, 'w');
  const page = Buffer.alloc(4096);
  try {
    for (let written = 0; written <= diskBytes; written += page.length) writeSync(file, page);
    throw new Error('the disk does not become full');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
}
