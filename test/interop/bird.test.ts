/** BIRD as a speaker, graceful restart included. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterNetwork, nodes, startTor, tor, torAsn } from '../support/cluster.ts';
import { type Bird, startBird } from '../support/daemons/bird.ts';
import type { Product } from '../support/product.ts';
import { until } from '../support/wait.ts';

const { v4, v6 } = nodes['node-a'];

/** Two sessions that carry both families each; `routes4` as BIRD writes static routes. */
const config = (routes4: string[]): string => `
router id ${v4};
protocol device { }
protocol static svc4 { ipv4; ${routes4.join('\n')} }
protocol static svc6 { ipv6; route 2001:db8:aa::20/128 unreachable; }
template bgp tor {
  multihop; connect retry time 1; connect delay time 1; error wait time 1,2; graceful restart on;
  ipv4 { import none; export where source = RTS_STATIC; next hop self; };
  ipv6 { import none; export where source = RTS_STATIC; next hop self; };
}
protocol bgp tor4 from tor { local ${v4} port 2179 as 64602; neighbor ${tor.v4} port 179 as ${torAsn}; }
protocol bgp tor6 from tor { local ${v6} port 2179 as 64602; neighbor ${tor.v6} port 179 as ${torAsn}; }
`;
const plain = 'route 203.0.113.21/32 unreachable;';
const marked = (value: number): string =>
  `route 203.0.113.20/32 unreachable { bgp_community.add((64512,${value})); bgp_large_community.add((64512,1,${value})); };`;

let product: Product;
let bird: Bird;

beforeAll(async () => {
  clusterNetwork();
  product = await startTor([], {
    bgp: {
      neighbors: [
        { range: '0.0.0.0/0', asn: 64602 },
        { range: '::/0', asn: 64602 },
      ],
    },
  });
  bird = await startBird(config([plain, marked(20)]));
  await until(
    'the routes of the IPv4 session are there',
    async () => (await product.routes({ neighbor: v4, family: 4 })).length === 2,
    {
      context: () => `${product.log()}\n${bird.log()}`,
    },
  );
});

afterAll(async () => {
  await bird?.stop();
  await product?.remove();
});

describe('BIRD', () => {
  it('announces communities, large communities and a plain route', async () => {
    const routes = await product.routes({ neighbor: v4, family: 4 });
    expect(routes).toMatchObject([
      {
        prefix: '203.0.113.20/32',
        nextHop: v4,
        asPath: [64602],
        localPref: null,
        med: null,
        communities: ['64512:20'],
        largeCommunities: ['64512:1:20'],
      },
      {
        prefix: '203.0.113.21/32',
        nextHop: v4,
        asPath: [64602],
        localPref: null,
        med: null,
        communities: [],
        largeCommunities: [],
      },
    ]);
  });

  it('announces IPv6 on the IPv6 session', async () => {
    await until(
      'the IPv6 route is there',
      async () => (await product.routes({ neighbor: v6, family: 6 })).length === 1,
    );
    expect(await product.routes({ neighbor: v6, family: 6 })).toMatchObject([
      { prefix: '2001:db8:aa::20/128', nextHop: v6 },
    ]);
  });

  it('a changed community is a replacement, a removed route a withdrawal', async () => {
    const feed = await product.stream({ filter: { neighbor: [v4] } });
    await bird.configure(config([plain, marked(21)]));
    const changed = await feed.next('route', ({ action }) => action === 'replaced');
    expect(changed).toMatchObject({
      route: { prefix: '203.0.113.20/32', communities: ['64512:21'] },
      previous: { communities: ['64512:20'] },
    });
    await bird.configure(config([marked(21)]));
    const gone = await feed.next('route', ({ action }) => action === 'withdrawn');
    expect(gone.route.prefix).toBe('203.0.113.21/32');
    await bird.configure(config([plain, marked(20)]));
    await feed.next('route', ({ action, route }) => action === 'announced' && route.prefix === '203.0.113.21/32');
    feed.close();
    await until(
      'all is as before',
      async () => (await product.routes({ community: '64512:20', neighbor: v4 })).length === 1,
    );
  });

  it('sent again unchanged is a refresh, not a change', async () => {
    const before = await product.routes({ neighbor: v4, family: 4 });
    await bird.command('reload', 'out', 'tor4');
    const after = await until('the routes were received again', async () => {
      const routes = await product.routes({ neighbor: v4, family: 4 });
      return routes.every(({ receivedAt }, i) => receivedAt > before[i]!.receivedAt) && routes;
    });
    expect(after.map(({ lastChangedAt }) => lastChangedAt)).toEqual(before.map(({ lastChangedAt }) => lastChangedAt));
  });

  it('restarted by its operator says so, and comes back', async () => {
    const feed = await product.stream();
    await bird.command('restart', 'tor4');
    const down = await feed.next('session', ({ address, established }) => address === v4 && !established);
    expect(down.lastDown).toMatchObject({ direction: 'received', code: 'cease/administrative-reset' });
    await feed.next('session', ({ address, established }) => address === v4 && established);
    feed.close();
    await until(
      'its routes are back',
      async () => (await product.routes({ neighbor: v4, family: 4, stale: false })).length === 2,
    );
  });

  it('killed with graceful restart, its routes are kept as stale; what it does not announce again is swept', async () => {
    await bird.kill();
    const stale = await until('the routes are stale', async () => {
      const routes = await product.routes({ neighbor: v4, stale: true });
      return routes.length >= 2 && routes;
    });
    for (const { staleUntil } of stale) expect(Date.parse(staleUntil!)).toBeGreaterThan(Date.now());
    // written, not yet read: the new life starts with it
    await bird.start(config([marked(20)]));
    await until('what came again is confirmed, the rest is gone', async () => {
      const routes = await product.routes({ neighbor: v4, family: 4 });
      return routes.length === 1 && routes[0]!.prefix === '203.0.113.20/32' && !routes[0]!.stale;
    });
  });
});
