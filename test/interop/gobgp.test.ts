/** GoBGP as a speaker: one IPv4 session that carries both families. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterNetwork, nodes, startTor, tor, torAsn } from '../support/cluster.ts';
import { type GoBgp, startGoBgp } from '../support/daemons/gobgp.ts';
import type { Product } from '../support/product.ts';
import { until } from '../support/wait.ts';

const { v4, v6 } = nodes['node-a'];

/** port -1: it dials and does not listen, as speakers do. */
const config = `
[global.config]
  as = 64603
  router-id = "${v4}"
  port = -1
[[neighbors]]
  [neighbors.config]
    neighbor-address = "${tor.v4}"
    peer-as = ${torAsn}
  [neighbors.transport.config]
    local-address = "${v4}"
    remote-port = 179
  [neighbors.ebgp-multihop.config]
    enabled = true
    multihop-ttl = 4
  [neighbors.timers.config]
    connect-retry = 1
    idle-hold-time-after-reset = 1
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "ipv4-unicast"
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "ipv6-unicast"
`;

let product: Product;
let gobgp: GoBgp;

beforeAll(async () => {
  clusterNetwork();
  product = await startTor([], { bgp: { neighbors: [{ address: v4, asn: 'external' }] } });
  gobgp = await startGoBgp(config);
  await established();
});

afterAll(async () => {
  await gobgp?.stop();
  await product?.remove();
});

function established(): Promise<unknown> {
  return until('the session is up', async () => (await product.neighbors()).some((neighbor) => neighbor.established), {
    context: () => product.log(),
  });
}

describe('GoBGP', () => {
  it('announces, changes and withdraws an IPv4 route', async () => {
    const feed = await product.stream();
    const path = `203.0.113.30/32 -a ipv4 nexthop ${v4}`;
    await gobgp.command(`global rib add ${path} community 64512:30,no-export large-community 64512:1:30 med 7`);
    const announced = await feed.next('route', ({ action }) => action === 'announced');
    expect(announced.route).toMatchObject({
      prefix: '203.0.113.30/32',
      nextHop: v4,
      asPath: [64603],
      med: 7,
      localPref: null,
      communities: ['64512:30', '65535:65281'],
      largeCommunities: ['64512:1:30'],
    });
    await gobgp.command(`global rib add ${path} community 64512:31`);
    const replaced = await feed.next('route', ({ action }) => action === 'replaced');
    expect(replaced).toMatchObject({ route: { communities: ['64512:31'], med: null }, previous: { med: 7 } });
    await gobgp.command('global rib del 203.0.113.30/32 -a ipv4');
    await feed.next('route', ({ action, route }) => action === 'withdrawn' && route.prefix === '203.0.113.30/32');
    feed.close();
  });

  it('announces and withdraws an IPv6 route on the same session', async () => {
    const feed = await product.stream();
    await gobgp.command(`global rib add 2001:db8:aa::30/128 -a ipv6 nexthop ${v6}`);
    const announced = await feed.next('route', ({ action }) => action === 'announced');
    expect(announced.route).toMatchObject({
      prefix: '2001:db8:aa::30/128',
      family: 6,
      nextHop: v6,
      neighbor: { address: v4 },
    });
    await gobgp.command('global rib del 2001:db8:aa::30/128 -a ipv6');
    await feed.next('route', ({ action, route }) => action === 'withdrawn' && route.prefix === '2001:db8:aa::30/128');
    feed.close();
  });

  it('disabled by its operator says so; enabled it comes back with its routes', async () => {
    await gobgp.command(`global rib add 203.0.113.31/32 -a ipv4 nexthop ${v4}`);
    await until('the route is there', async () => (await product.routes()).length === 1);
    const feed = await product.stream();
    await gobgp.command(`neighbor ${tor.v4} disable`);
    const down = await feed.next('session', ({ lastDown, established: up }) => !up && lastDown !== null);
    expect(down.lastDown).toMatchObject({ direction: 'received', code: 'cease/administrative-shutdown' });
    await until('the route is gone', async () => (await product.routes()).length === 0);
    await gobgp.command(`neighbor ${tor.v4} enable`);
    await feed.next('session', (neighbor) => neighbor.established);
    feed.close();
    await until('the route is back', async () => (await product.routes()).length === 1);
  });

  it('killed and started again is the same neighbor with another session', async () => {
    const [before] = await product.neighbors();
    await gobgp.kill();
    await until('the session is down', async () =>
      (await product.neighbors()).every((neighbor) => !neighbor.established),
    );
    await gobgp.start();
    await established();
    const [after, ...more] = await product.neighbors();
    expect(more).toEqual([]);
    expect(after!.id).toBe(before!.id);
    expect(after!.session).toBeGreaterThan(before!.session);
  });
});
