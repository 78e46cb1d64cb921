/** A client that does not read costs nobody anything: it is told of the gap, then let go; others see everything. */
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { announce } from '../support/builders.ts';
import { ownNetwork } from '../support/netns.ts';
import { Product } from '../support/product.ts';
import { TestPeer } from '../support/test-peer.ts';
import { until, within } from '../support/wait.ts';

/** Far more than a socket and the client's budget hold. */
const prefixCount = 4_000;
const mostRounds = 200;
const tryAgainLater = 1013;

let product: Product;
let peer: TestPeer;

beforeAll(async () => {
  ownNetwork();
  product = await Product.start();
  peer = await TestPeer.establish({ to: '127.0.0.1:1790', from: '127.0.0.11', asn: 64512 });
});

afterAll(async () => {
  peer?.socket.destroy();
  await product?.remove();
});

it('a client that stops reading is closed with 1013, one that reads misses nothing', async () => {
  const reader = await product.stream();
  const sleeper = await product.stream();
  sleeper.socket.pause();

  let round = 0;
  const prefixes = Array.from({ length: prefixCount }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`);
  await until(
    'the server lets the sleeper go',
    async () => {
      if (round < mostRounds) {
        round++;
        for (const message of announce(prefixes, { nextHop: '127.0.0.11', asPath: [64512], med: round }))
          peer.send(message);
      }
      await turn();
      return /^peerglass_ws_dropped_total\{.*closed-slow.*\} 1$/m.test(
        await (await fetch(`${product.url}/metrics`)).text(),
      );
    },
    { timeout: 60_000, every: 100 },
  );

  sleeper.socket.resume();
  expect(await within('the close frame reaches the sleeper', 30_000, sleeper.closed)).toBe(tryAgainLater);
  expect(sleeper.messages.filter(({ type }) => type === 'gap').length).toBeGreaterThan(0);

  await until(
    'the reader has the last state of every route',
    () => {
      const last = new Map<string, number | null>();
      for (const message of reader.messages)
        if (message.type === 'route') last.set(message.route.prefix, message.route.med);
      return last.size === prefixCount && [...last.values()].every((med) => med === round);
    },
    { timeout: 60_000, every: 500 },
  );
  expect(reader.messages.filter(({ type }) => type === 'gap')).toEqual([]);

  expect(await product.neighbors()).toMatchObject([{ state: 'established', flaps: 0 }]);
  reader.close();
});
