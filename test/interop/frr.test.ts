/** Three FRR speakers, each with an IPv4 and an IPv6 session over iBGP: what they send is what Peerglass shows. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Announced,
  announcing,
  clusterNetwork,
  nodeNames,
  nodes,
  speakerAsn,
  startSpeakers,
  startTor,
  tor,
} from '../support/cluster.ts';
import type { Frr } from '../support/daemons/frr.ts';
import type { Product } from '../support/product.ts';
import { until } from '../support/wait.ts';

const announced: Announced = {
  v4: [
    { prefix: '203.0.113.200/32', communities: ['65535:65282', '64512:100', 'large:4200000000:1:2'], localPref: 200 },
    { prefix: '203.0.113.201/32' },
    { prefix: '203.0.113.200/30', communities: ['8000:800'] },
  ],
  v6: [
    { prefix: '2001:db8:aa::10/128', communities: ['64512:100', 'large:64512:1:2'], localPref: 300 },
    { prefix: '2001:db8:aa::/64', communities: ['8000:800'] },
  ],
};

let product: Product;
let speakers: Frr[] = [];

beforeAll(async () => {
  clusterNetwork();
  product = await startTor([], { bgp: { asn: speakerAsn } });
  speakers = await startSpeakers({ 'node-a': announced, 'node-b': announced, 'node-c': announced }, speakerAsn);
  await until('all routes are there', async () => (await product.routes()).length === 15, {
    context: () => product.log(),
  });
});

afterAll(async () => {
  await Promise.all(speakers.map((speaker) => speaker.stop()));
  await product?.remove();
});

describe('six sessions of three nodes', () => {
  it('are six neighbors with the names that FRR tells', async () => {
    const neighbors = await product.neighbors();
    const seen = neighbors.map(({ address, localAddress, hostname, state, asn }) => [
      address,
      localAddress,
      hostname,
      state,
      asn,
    ]);
    const wanted = nodeNames.flatMap((name) => [
      [nodes[name].v4, tor.v4, name, 'established', speakerAsn],
      [nodes[name].v6, tor.v6, name, 'established', speakerAsn],
    ]);
    expect(seen.sort()).toEqual(wanted.sort());
  });

  it.each(
    nodeNames.flatMap(
      (name) =>
        [
          [name, '203.0.113.200/32', nodes[name].v4, 200, ['64512:100', '65535:65282'], ['4200000000:1:2']],
          [name, '203.0.113.201/32', nodes[name].v4, 100, [], []],
          [name, '203.0.113.200/30', nodes[name].v4, 100, ['8000:800'], []],
          [name, '2001:db8:aa::10/128', nodes[name].v6, 300, ['64512:100'], ['64512:1:2']],
          [name, '2001:db8:aa::/64', nodes[name].v6, 100, ['8000:800'], []],
        ] as const,
    ),
  )(
    '%s announces %s with next hop %s, local preference %i, communities %j %j',
    async (name, prefix, nextHop, localPref, communities, largeCommunities) => {
      const [route, ...more] = await product.routes({ prefix, neighbor: nextHop });
      expect(more, `${name} has one route for ${prefix}`).toEqual([]);
      expect(route).toMatchObject({
        prefix,
        nextHop,
        localPref,
        communities,
        largeCommunities,
        asPath: [],
        med: 0,
        origin: 'igp',
        stale: false,
      });
    },
  );
});

describe('what FRR does is what the live feed tells', () => {
  it('announce, change, withdraw', async () => {
    const [speaker] = speakers;
    const feed = await product.stream({ filter: { prefix: '198.51.100.7/32' } });
    const announce = (communities: string[]): Promise<void> =>
      speaker!.reload(
        announcing(speaker!, { ...announced, v4: [...announced.v4, { prefix: '198.51.100.7/32', communities }] }),
      );

    await announce(['64512:1']);
    await feed.next('route', ({ route }) => route.communities.includes('64512:1'));
    await announce(['64512:2']);
    await feed.next('route', ({ route }) => route.communities.includes('64512:2'));
    await speaker!.reload(announcing(speaker!, announced));
    const gone = await feed.next('route', ({ action }) => action === 'withdrawn');
    expect(gone.route).toMatchObject({ prefix: '198.51.100.7/32', neighbor: { address: nodes['node-a'].v4 } });
    feed.close();
    await until(
      'nothing is left of it',
      async () => (await product.routes({ prefix: '198.51.100.7/32' })).length === 0,
    );
  });

  it('a cleared session ends with its reason, and comes back with its routes', async () => {
    const { v4 } = nodes['node-b'];
    const feed = await product.stream();
    await speakers[1]!.clear(tor.v4);
    const down = await feed.next('session', ({ address, state }) => address === v4 && state !== 'established');
    expect(down.lastDown).toMatchObject({
      direction: 'received',
      // both sides have the N bit (RFC 8538 §3.1): Hard Reset, with Administrative Reset inside
      code: 'cease/hard-reset',
      notification: { code: 6, subcode: 9, data: '0604' },
    });
    await feed.next('session', ({ address, established }) => address === v4 && established);
    feed.close();
    await until('its routes are back', async () => (await product.routes({ neighbor: v4 })).length === 3);
  });

  it('kill -9 takes the routes of that node only, and a new start brings them back', async () => {
    const { v4, v6 } = nodes['node-c'];
    const others = async (): Promise<number[]> =>
      (await product.neighbors()).filter(({ hostname }) => hostname !== 'node-c').map(({ flaps }) => flaps);
    const before = await others();
    await speakers[2]!.kill();
    const ended = await until('both sessions are down', async () => {
      const both = (await product.neighbors()).filter(({ address }) => address === v4 || address === v6);
      return both.every(({ established }) => !established) && both;
    });
    for (const { lastDown } of ended) expect(lastDown).toMatchObject({ direction: 'local', code: 'connection-closed' });
    await until('its routes are gone', async () => (await product.routes()).length === 10);
    await speakers[2]!.start();
    await until('its routes are back', async () => (await product.routes()).length === 15);
    expect(await others()).toEqual(before);
  });
});
