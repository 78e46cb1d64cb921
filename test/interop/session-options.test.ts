/** What a BGPPeer can ask of a session beside addresses and AS numbers: password, both families, graceful restart. */
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { clusterNetwork, type Node, nodes, speakerAsn, startTor, tor, torAsn } from '../support/cluster.ts';
import { type Frr, startFrr } from '../support/daemons/frr.ts';
import type { SpeakerNeighbor } from '../support/daemons/frr-config.ts';
import type { Product } from '../support/product.ts';
import { until } from '../support/wait.ts';

beforeAll(clusterNetwork);

async function start(neighbors: object[]): Promise<Product> {
  const product = await startTor([], { bgp: { neighbors } });
  onTestFinished(() => product.remove());
  return product;
}

/** A speaker on `node` with one IPv4 session and two routes. */
async function dial(node: Node, options: Partial<SpeakerNeighbor> = {}): Promise<Frr> {
  const { v4 } = nodes[node];
  const routes = [{ prefix: '203.0.113.1/32' }, { prefix: '203.0.113.2/32' }];
  const neighbor = { address: tor.v4, asn: torAsn, source: v4, routes, ...options };
  const frr = await startFrr({ hostname: node, asn: speakerAsn, routerId: v4, neighbors: [neighbor] });
  onTestFinished(() => frr.stop());
  return frr;
}

it('a password is enforced: the right one comes in, the wrong one and none never do', async () => {
  const password = 'not-a-secret';
  const { 'node-a': a, 'node-b': b } = nodes;
  const product = await start([
    { address: a.v4, asn: speakerAsn, password },
    // one key for a range, as for all nodes of a rack: node-b and node-c
    { range: `${b.v4}/31`, asn: speakerAsn, password },
  ]);
  await dial('node-b', { password: 'another' });
  await dial('node-c');
  await dial('node-a', { password });
  await until('the right one is in', async () => (await product.routes()).length === 2, {
    context: () => product.log(),
  });
  expect(await product.neighbors()).toMatchObject([{ address: a.v4, established: true, auth: 'md5' }]);
});

it('one session carries both families when MetalLB says so (dualStackAddressFamily)', async () => {
  const product = await start([{ address: nodes['node-a'].v4, asn: speakerAsn }]);
  await dial('node-a', {
    dualStack: true,
    routes: [
      { prefix: '203.0.113.1/32' },
      { prefix: '2001:db8:aa::1/128', communities: ['64512:100', 'large:64512:1:2'] },
    ],
  });
  const routes = await until('both routes are there', async () => {
    const all = await product.routes();
    return all.length === 2 && all;
  });
  expect(routes).toMatchObject([
    { prefix: '203.0.113.1/32', nextHop: nodes['node-a'].v4 },
    // a speaker without an IPv6 address on the session's interface uses the mapped one
    {
      prefix: '2001:db8:aa::1/128',
      nextHop: expect.stringContaining(':'),
      communities: ['64512:100'],
      largeCommunities: ['64512:1:2'],
    },
  ]);
});

it('enableGracefulRestart: killed, its routes are stale; back, they are confirmed', async () => {
  const product = await start([{ address: nodes['node-a'].v4, asn: speakerAsn }]);
  const frr = await dial('node-a', { gracefulRestart: true });
  await until('its routes are there', async () => (await product.routes()).length === 2);
  const [neighbor] = await product.neighbors();
  expect(neighbor!.negotiated?.gracefulRestart).toMatchObject({ restartTime: 120, families: [{ family: 4 }] });

  await frr.kill();
  const stale = await until('its routes are stale', async () => {
    const all = await product.routes({ stale: true });
    return all.length === 2 && all;
  });
  for (const { staleUntil } of stale) expect(Date.parse(staleUntil!) - Date.now()).toBeGreaterThan(100_000);
  await frr.start();
  await until('they are confirmed', async () => (await product.routes({ stale: false })).length === 2, {
    context: () => product.log(),
  });
});
