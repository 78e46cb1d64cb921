/**
 * Bad input on the BGP port of the whole product: the right NOTIFICATION or treatment, one clear line in the log, a row
 * in /neighbors/{id}/events, and everybody else undisturbed.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NeighborEvent, Page } from '../../src/api/schemas.ts';
import { announce, attribute } from '../support/builders.ts';
import { faults, octets } from '../support/faults.ts';
import { ownNetwork } from '../support/netns.ts';
import { Product } from '../support/product.ts';
import { TestPeer } from '../support/test-peer.ts';
import { until } from '../support/wait.ts';

const to = '127.0.0.1:1790';
const asn = 64512;

let product: Product;
let witness: TestPeer;

beforeAll(async () => {
  ownNetwork();
  product = await Product.start({ config: { bgp: { neighbors: [{ range: '127.0.0.0/16', asn }] } } });
  witness = await TestPeer.establish({ to, from: '127.0.0.11', asn });
  witness.announce(['203.0.113.1/32']);
  await until('the witness route', async () => (await product.routes()).length === 1);
});
afterAll(() => product?.remove());

/** The events of the neighbor at `address`, newest first, once `kind` is among them. */
async function eventsOf(address: string, kind: string): Promise<NeighborEvent[]> {
  return await until(`a ${kind} event of ${address}`, async () => {
    const neighbor = (await product.neighbors()).find((it) => it.address === address);
    if (!neighbor) return undefined;
    const { data } = await product.get<Page<NeighborEvent>>(`/api/v1/neighbors/${neighbor.id}/events`);
    return data.some((event) => event.kind === kind) && data;
  });
}

/** What the log says of an event at `address`. */
function lines(address: string, event: string): string[] {
  return product
    .log()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { event?: string; peer?: string; msg: string })
    .filter((line) => line.event === event && line.peer === address)
    .map(({ msg }) => msg);
}

async function undisturbed(): Promise<void> {
  const neighbor = (await product.neighbors()).find(({ address }) => address === '127.0.0.11');
  expect(neighbor).toMatchObject({ established: true, flaps: 0, routes: { ipv4: 1, stale: 0 } });
  expect(witness.heard.some(({ message }) => message.kind === 'notification')).toBe(false);
}

test.each(faults.map((fault, i) => ({ ...fault, from: `127.0.1.${i + 1}` })))('$name', async (fault) => {
  const { from, notification, code } = fault;
  const peer = await TestPeer.connect({ to, from, asn });
  peer.send(octets(fault));
  const { bytes } = await peer.nextHeard('notification');
  expect(Buffer.from(bytes.subarray(19)).toString('hex')).toBe(notification.replace(/\s/g, ''));
  await peer.closed;
  const down = (await eventsOf(from, 'down')).filter(({ kind }) => kind === 'down');
  expect(down).toMatchObject([{ code, text: expect.stringMatching(/\S/) }]);
  // only a session can go down; what never became one was refused
  const name = down[0]!.from === 'established' ? 'bgp.down' : 'bgp.refused';
  expect(lines(from, name)).toEqual([expect.stringContaining(down[0]!.text!)]);
  await undisturbed();
});

test('an address that no neighbor is configured for', async () => {
  const peer = await TestPeer.connect({ to, from: '127.9.9.9', asn });
  expect(await peer.next('notification')).toMatchObject({ code: 6, subcode: 5 });
  await until('it is counted', async () => (await product.status()).strangers.connections === 1);
  const { strangers } = await product.status();
  expect(strangers.addresses).toMatchObject([{ address: '127.9.9.9', connections: 1 }]);
  await until('it is logged', () => product.log().includes('bgp.strangers'));
  expect((await product.neighbors()).map(({ address }) => address)).not.toContain('127.9.9.9');
  await undisturbed();
});

test('half a message, then nothing more', async () => {
  const peer = await TestPeer.establish({ to, from: '127.0.2.1', asn });
  peer.send(announce(['203.0.113.2/32'], { asPath: [asn], nextHop: '127.0.2.1' })[0]!.subarray(0, 25));
  await peer.drop();
  const events = await eventsOf('127.0.2.1', 'down');
  expect(events.find(({ kind }) => kind === 'down')!.text).toContain('25 octets into a message');
  await until('it is logged once', () => lines('127.0.2.1', 'bgp.down').length === 1);
  await undisturbed();
});

test('a malformed UPDATE: its routes are withdrawn (RFC 7606), the session and what it said before stay', async () => {
  const peer = await TestPeer.establish({ to, from: '127.0.2.2', asn });
  peer.announce(['203.0.113.3/32', '203.0.113.4/32']);
  peer.announce(['203.0.113.4/32'], { raw: [attribute(8, 0xc0, [1, 2, 3])] });
  const events = await eventsOf('127.0.2.2', 'malformed');
  expect(JSON.stringify(events.find(({ kind }) => kind === 'malformed'))).toContain('RFC 7606');
  const routes = (await product.routes()).filter(({ neighbor }) => neighbor.address === '127.0.2.2');
  expect(routes.map(({ prefix }) => prefix)).toEqual(['203.0.113.3/32']);
  expect(lines('127.0.2.2', 'bgp.malformed')).toHaveLength(1);
  await undisturbed();
  await peer.drop();
});

test('octets in every size of chunk', async () => {
  const peer = await TestPeer.establish({ to, from: '127.0.2.3', asn });
  const prefixes = ['203.0.113.5/32', '203.0.113.6/32', '203.0.113.7/32'];
  for (const [i, prefix] of prefixes.entries()) {
    const [update] = announce([prefix], { asPath: [asn], nextHop: '127.0.2.3' });
    for (let at = 0; at < update!.length; at += i + 1) {
      peer.send(update!.subarray(at, at + i + 1));
      await new Promise(setImmediate);
    }
  }
  await until('all three routes', async () => {
    const routes = (await product.routes()).filter(({ neighbor }) => neighbor.address === '127.0.2.3');
    return routes.length === prefixes.length;
  });
  await undisturbed();
  await peer.drop();
});
