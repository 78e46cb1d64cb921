import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains, parsePrefix } from '../../src/ip.ts';
import {
  contains as containsRow,
  type ExpectationChange,
  prefixesOf,
} from '../../src/metallb/expectations/expectation-change.ts';
import type { ExpectationTable } from '../../src/metallb/expectations/table.ts';
import {
  advertisement,
  type KubeObject,
  node,
  peer,
  pool,
  service,
  slice,
  TestCluster,
  tableOf,
} from '../support/metallb-objects.ts';

/** A small valid cluster: no two objects exclude each other, so that nothing depends on the past or on an order. */
interface Cluster {
  nodes: { zone: string; excluded: boolean }[];
  peers: { six: boolean; zone: string | undefined }[];
  advertisements: {
    pools: number[];
    length: number;
    zone: string | undefined;
    peers: number[];
    community: number;
    tier: string | undefined;
  }[];
  services: { pool: number; host: number; local: boolean; endpoints: number[]; tier: string; six: boolean }[];
}

const zones = ['east', 'west'];
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const zone = fc.constantFrom(...zones);
const few = (most: number, max: number): fc.Arbitrary<number[]> => fc.uniqueArray(fc.nat(max), { maxLength: most });
const poolNames = ['p0', 'p1', 'p2'];

const clusters: fc.Arbitrary<Cluster> = fc.record({
  nodes: fc.array(fc.record({ zone, excluded: fc.nat(5).map((n) => n === 0) }), { minLength: 1, maxLength: 40 }),
  peers: fc.array(fc.record({ six: fc.boolean(), zone: maybe(zone) }), { minLength: 1, maxLength: 3 }),
  advertisements: fc.array(
    fc.record({
      pools: few(2, 2),
      length: fc.integer({ min: 24, max: 32 }),
      zone: maybe(zone),
      peers: few(2, 2),
      community: fc.nat(3),
      tier: maybe(fc.constantFrom('gold', 'tin')),
    }),
    { maxLength: 4 },
  ),
  services: fc.array(
    fc.record({
      pool: fc.nat(3),
      host: fc.nat(255),
      local: fc.boolean(),
      endpoints: few(3, 40),
      tier: fc.constantFrom('gold', 'tin'),
      six: fc.boolean(),
    }),
    { maxLength: 6 },
  ),
});

const inZone = (name: string | undefined): object =>
  name === undefined ? {} : { nodeSelectors: [{ matchLabels: { zone: name } }] };
const addressesOf = ({ pool: number, host, six }: Cluster['services'][number]): string[] => [
  `10.${number}.0.${host}`,
  ...(six ? [`2001:db8:${number}::${host.toString(16)}`] : []),
];

/** Pool number 3 does not exist: services of it have addresses of nobody. */
function objectsOf(cluster: Cluster): KubeObject[] {
  return [
    ...cluster.nodes.map(({ zone, excluded }, i) =>
      node(`n${i}`, i, {
        labels: { zone, ...(excluded && { 'node.kubernetes.io/exclude-from-external-load-balancers': '' }) },
      }),
    ),
    ...cluster.peers.map(({ six, zone }, i) =>
      peer(`t${i}`, { peerAddress: six ? `2001:db8::${i + 1}` : `192.0.2.${i + 1}`, ...inZone(zone) }),
    ),
    ...poolNames.map((name, i) => pool(name, [`10.${i}.0.0/24`, `2001:db8:${i}::/120`])),
    ...cluster.advertisements.map(({ pools, length, zone, peers, community, tier }, i) =>
      advertisement(`a${i}`, {
        ipAddressPools: pools.map((number) => poolNames[number]),
        ...(tier === undefined ? { aggregationLength: length } : { serviceSelectors: [{ matchLabels: { tier } }] }),
        ...inZone(zone),
        peers: peers.map((number) => `t${number}`),
        communities: [`64512:${community}`],
      }),
    ),
    ...cluster.services.flatMap((one, i) => [
      service(`s${i}`, addressesOf(one), {
        labels: { tier: one.tier },
        spec: { externalTrafficPolicy: one.local ? 'Local' : 'Cluster' },
      }),
      slice(
        `s${i}`,
        one.endpoints.map((number) => `n${number}`),
      ),
    ]),
  ];
}

/** `node peer prefix communities`, of everything. */
const rowsOf = (table: ExpectationTable): string[] =>
  table.sessions
    .flatMap(({ node, bgpPeer }) =>
      Array.from(
        table.routes(node, bgpPeer),
        ({ prefix, communities }) => `${node} ${bgpPeer} ${prefix} ${communities}`,
      ),
    )
    .sort();
const rows = (cluster: Cluster): string[] => rowsOf(tableOf(objectsOf(cluster)));
const names = (list: string[]): string[] => list.map((row) => row.split(' ').slice(0, 3).join(' '));

/** Does a change tell that this row may be different? */
function isTold(change: ExpectationChange, row: string): boolean {
  const [node, , prefix] = row.split(' ') as [string, string, string];
  return containsRow(change, node, prefix);
}

/** The same question answered by going through everything there is, one by one. */
function naive({ nodes, peers, advertisements, services }: Cluster): string[] {
  const found = new Map<string, Set<string>>();
  for (const [n, own] of nodes.entries())
    for (const [t, to] of peers.entries())
      for (const [, svc] of services.entries())
        for (const ad of advertisements)
          for (const ip of addressesOf(svc)) {
            const here = svc.local ? svc.endpoints.includes(n) : svc.endpoints.length > 0;
            const picks = (zone: string | undefined): boolean => zone === undefined || zone === own.zone;
            if (own.excluded || !here || svc.pool > 2 || !picks(to.zone) || !picks(ad.zone)) continue;
            if (ad.pools.length > 0 && !ad.pools.includes(svc.pool)) continue;
            if (ad.peers.length > 0 && !ad.peers.includes(t)) continue;
            if (ad.tier !== undefined && ad.tier !== svc.tier) continue;
            const six = ip.includes(':');
            if (six !== to.six) continue;
            const length = ad.tier === undefined ? ad.length : 32;
            const prefix = six
              ? `2001:db8:${svc.pool === 0 ? '' : `${svc.pool}:`}:${svc.host === 0 ? '' : svc.host.toString(16)}/128`
              : `10.${svc.pool}.0.${svc.host & (0xff << (32 - length))}/${length}`;
            const row = `n${n} t${t} ${prefix}`;
            found.set(row, (found.get(row) ?? new Set()).add(`64512:${ad.community}`));
          }
  return Array.from(found, ([row, communities]) => `${row} ${[...communities].sort()}`).sort();
}

fc.configureGlobal({ numRuns: 50 });

describe('for any cluster', () => {
  it('the table says what going through everything one by one says', () => {
    fc.assert(
      fc.property(clusters, (cluster) => {
        expect(rows(cluster)).toEqual(naive(cluster));
      }),
    );
  });

  it('the order of the objects does not matter', () => {
    const shuffled = clusters.chain((cluster) => {
      const objects = objectsOf(cluster);
      return fc.tuple(fc.constant(cluster), fc.shuffledSubarray(objects, { minLength: objects.length }));
    });
    fc.assert(
      fc.property(shuffled, ([cluster, objects]) => {
        expect(rowsOf(tableOf(objects))).toEqual(rows(cluster));
      }),
    );
  });

  it('nor does it matter to what is odd about them', () => {
    const oddities = (objects: KubeObject[]): string[] =>
      tableOf(objects).lint.map(({ object, path, message }) => `${object.kind}/${object.name} ${path}: ${message}`);
    fc.assert(
      fc.property(clusters, (cluster) => {
        const objects = objectsOf(cluster);
        expect(oddities(objects.toReversed()).sort()).toEqual(oddities(objects).sort());
      }),
    );
  });

  it('versions of MetalLB agree where no object goes by what differs', () => {
    fc.assert(
      fc.property(clusters, fc.constantFrom('0.15', '0.16'), (cluster, version) => {
        const common = { ...cluster, advertisements: cluster.advertisements.filter(({ tier }) => tier === undefined) };
        expect(rowsOf(tableOf(objectsOf(common), { version }))).toEqual(rows(common));
      }),
    );
  });

  it('an aggregate contains the addresses that it stands for, and nothing else makes a route', () => {
    fc.assert(
      fc.property(clusters, (cluster) => {
        const table = tableOf(objectsOf(cluster));
        for (const { node, bgpPeer } of table.sessions)
          for (const { prefix, chain } of table.routes(node, bgpPeer)) {
            expect(chain.length).toBeGreaterThan(0);
            for (const { ip } of chain) expect(contains(parsePrefix(prefix)!, parsePrefix(ip)!)).toBe(true);
          }
      }),
    );
  });

  it('taking a contributor away never adds a route', () => {
    fc.assert(
      fc.property(clusters, fc.constantFrom('services', 'advertisements', 'peers', 'nodes'), (cluster, kind) => {
        // the last of a list: objects refer to the others by their place
        const less = { ...cluster, [kind]: cluster[kind].slice(0, -1) };
        const before = new Set(names(rows(cluster)));
        for (const row of names(rows(less))) expect(before).toContain(row);
      }),
    );
  });

  it('an advertisement for two pools makes the routes that two for one pool each make', () => {
    fc.assert(
      fc.property(clusters, (cluster) => {
        const split = cluster.advertisements.flatMap((ad) =>
          ad.pools.length === 2 ? ad.pools.map((number) => ({ ...ad, pools: [number] })) : [ad],
        );
        expect(rows({ ...cluster, advertisements: split })).toEqual(rows(cluster));
      }),
    );
  });

  it('going there step by step ends where starting there ends, and tells every prefix that changed', () => {
    fc.assert(
      fc.property(fc.array(clusters, { minLength: 2, maxLength: 4 }), (states) => {
        const cluster = new TestCluster();
        let before = new Map<string, string>();
        for (const state of states) {
          const { table, change } = cluster.update(...objectsOf(state));
          const now = rowsOf(table);
          // where a service that is announced lost its pool, the past counts
          if (table.refusals.length > 0) return;
          expect(now).toEqual(rows(state));
          const after = new Map(now.map((row) => [row, row.split(' ')[2]!]));
          for (const row of new Set([...before.keys(), ...after.keys()]))
            if (before.has(row) !== after.has(row)) expect(isTold(change, row), row).toBe(true);
          before = after;
        }
      }),
    );
  });

  it('a node that changes touches itself only, and every row that differs is told', () => {
    const edits = fc.array(fc.record({ at: fc.nat(39), zone, excluded: fc.boolean() }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(clusters, edits, (base, steps) => {
        const nodes = [...base.nodes];
        const objects = objectsOf(base);
        const cluster = new TestCluster();
        let before = new Set(rowsOf(cluster.update(...objects).table));
        for (const { at, ...edit } of steps) {
          const edited = at % nodes.length;
          nodes[edited] = edit;
          objects[edited] = objectsOf({ ...base, nodes })[edited]!;
          const { table, change } = cluster.update(...objects);
          const after = new Set(rowsOf(table));
          expect([...after]).toEqual(rows({ ...base, nodes }));
          for (const row of new Set([...before, ...after]))
            if (before.has(row) !== after.has(row)) expect(isTold(change, row), row).toBe(true);
          expect(change.kind === 'some' && [...change.nodes.keys()].filter((name) => name !== `n${edited}`)).toEqual(
            [],
          );
          before = after;
        }
      }),
    );
  });

  it('services that come, change and go touch their prefixes only', () => {
    const services = fc.array(
      clusters.map((cluster) => cluster.services),
      { minLength: 2, maxLength: 5 },
    );
    fc.assert(
      fc.property(clusters, services, (base, steps) => {
        const fixed = objectsOf({ ...base, services: [] });
        const cluster = new TestCluster();
        let before: string[] = [];
        for (const [i, step] of steps.entries()) {
          const { table, change } = cluster.update(
            ...fixed,
            ...objectsOf({ nodes: [], peers: [], advertisements: [], services: step }).filter(
              ({ kind }) => kind !== 'IPAddressPool',
            ),
          );
          const now = rowsOf(table);
          expect(now).toEqual(naive({ ...base, services: step }));
          if (i > 0) {
            expect(prefixesOf(change)).not.toBe('all');
            const differing = [
              ...now.filter((row) => !before.includes(row)),
              ...before.filter((row) => !now.includes(row)),
            ].map((row) => row.split(' ')[2]!);
            for (const prefix of differing) expect(prefixesOf(change)).toContain(prefix);
          }
          before = now;
        }
      }),
    );
  });
});
