/** Few file descriptors: HTTP and BGP clients that take all they can get end neither the process nor a session. */
import net from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ownNetwork } from '../support/netns.ts';
import { Product } from '../support/product.ts';
import { TestPeer } from '../support/test-peer.ts';
import { until } from '../support/wait.ts';

const limit = 160;
let product: Product;
let peer: TestPeer;

beforeAll(async () => {
  ownNetwork();
  product = await Product.start({ wrapper: ['prlimit', `--nofile=${limit}:${limit}`] });
  peer = await TestPeer.establish({ to: '127.0.0.1:1790', from: '127.0.0.11', asn: 64512 });
});

afterAll(async () => {
  peer?.socket.destroy();
  await product?.remove();
});

it('outlives more connections than descriptors, of which heldBackDescriptors are kept', async () => {
  const sockets = ['1790', new URL(product.url).port].flatMap((port) =>
    Array.from({ length: 2 * limit }, (_, i) =>
      net
        .connect({ port: Number(port), host: '127.0.0.1', localAddress: `127.0.1.${1 + (i % 200)}` })
        .on('error', () => {}),
    ),
  );
  await Promise.all(
    sockets.map((socket) => new Promise((settle) => socket.once('connect', settle).once('close', settle))),
  );
  await until(
    'connections to both servers were refused or closed',
    async () => {
      const { http, threads, descriptors } = await product.status();
      expect(descriptors.limit).toBe(limit);
      return http.evicted > 0 && threads.speaker.refused > 0;
    },
    { context: () => product.log() },
  );
  for (const socket of sockets) socket.destroy();
  expect((await product.status()).sessions.established).toBe(1);
  expect(product.log()).toContain('process.low-limit');
  expect(peer.heard).not.toContain('notification');
});
