/** Facts as short as a test can say them: real objects and expectations, a RIB and a history that are made up. */

import type { AddressEdit, Malformed, ObjectEdit, RouteGap, SessionEnd } from '../../src/diagnoses/history.ts';
import { RouteSets } from '../../src/diagnoses/routes.ts';
import type { Facts, OwnSide } from '../../src/diagnoses/types.ts';
import { createCalculator } from '../../src/metallb/calculator.ts';
import { assembleResources, readObject } from '../../src/metallb/objects/read.ts';
import { Cluster } from '../../src/metallb/problems/cluster.ts';
import type { ExpectOptions } from '../../src/metallb/types.ts';
import type { AttributesJson, Neighbor } from '../../src/rib/types.ts';
import type { Negotiated } from '../../src/session/types.ts';
import { VerdictEngine } from '../../src/verdicts/engine.ts';
import { FakeRib } from '../support/fake-rib.ts';
import { frr, type KubeObject } from '../support/metallb-objects.ts';

export const now = Date.UTC(2026, 0, 1, 12);
export const seconds = (n: number): number => now - n * 1000;
export const minutes = (n: number): number => seconds(n * 60);

export interface Given {
  /** Left out: nothing is configured, no source. */
  objects?: KubeObject[];
  options?: Partial<ExpectOptions>;
  neighbors?: Record<number, Partial<Neighbor>>;
  routes?: [neighbor: number, prefix: string, attributes?: Partial<AttributesJson>][];
  ends?: Record<number, Partial<SessionEnd>[]>;
  gaps?: Record<number, { prefix: string; from: number; to: number }[]>;
  malformed?: Record<number, Malformed[]>;
  edits?: ObjectEdit[];
  addressEdits?: AddressEdit[];
  md5?: Partial<NonNullable<Facts['md5']>> | null;
  strangers?: Facts['strangers'];
  own?: Partial<OwnSide>;
  /** epoch ms of the collector's start; two hours ago when left out. */
  startedAt?: number;
  /** epoch ms at which the verdicts were found; the grace is over. */
  judgedAt?: number;
}

export function factsOf(given: Given): Facts {
  const rib = new FakeRib();
  for (const [id, changes] of Object.entries(given.neighbors ?? {})) rib.neighbor(Number(id), changes);
  for (const [neighbor, prefix, attributes] of given.routes ?? []) {
    rib.announce(neighbor, prefix, attributes, minutes(30));
    const { routes } = rib.neighbors.get(neighbor)!;
    if (prefix.includes(':')) routes.ipv6++;
    else routes.ipv4++;
  }
  const gaps = new Map<number, RouteGap[]>();
  for (const [id, list] of Object.entries(given.gaps ?? {}))
    gaps.set(
      Number(id),
      list.map(({ prefix, ...times }) => ({ nlri: rib.nlri(prefix), ...times })),
    );
  const options = { ...frr, ...given.options };
  const engine = new VerdictEngine({
    rib,
    now: () => given.judgedAt ?? minutes(1),
    graceMs: () => 0,
    restoreMs: 0,
  });
  let cluster: Cluster | null = null;
  if (given.objects) {
    const resources = assembleResources(given.objects.map((raw) => readObject({ raw })));
    const { table, change } = createCalculator(options).update(resources);
    cluster = new Cluster(resources, table);
    engine.setExpectations(table, change);
    while (engine.busy) engine.step(1_000);
  }
  const sets = new RouteSets(rib);
  return {
    now,
    startedAt: given.startedAt ?? minutes(120),
    graceMs: 5_000,
    options,
    cluster,
    rib,
    verdicts: engine,
    history: {
      ends: (id) =>
        (given.ends?.[id] ?? []).map((end) => ({
          at: now,
          code: 'connection-closed',
          text: 'the neighbor closed the connection',
          wasUp: true,
          suppressed: 0,
          ...end,
        })),
      gaps: (id) => gaps.get(id) ?? [],
      malformed: (id) => given.malformed?.[id] ?? [],
      edits: given.edits ?? [],
      addressEdits: given.addressEdits ?? [],
    },
    routeSets: (neighbor) => sets.of(neighbor),
    strangers: given.strangers ?? [],
    md5: given.md5 ? { notFound: 0, unexpected: 0, failure: 0, ...given.md5 } : null,
    own: {
      asn: 64500,
      routerId: '192.0.2.1',
      neighbors: [{ range: '192.0.2.0/24', asn: 64512, hasPassword: false, ttlSecurity: false }],
      interfaces: [{ address: '192.0.2.1', subnet: '192.0.2.0/24' }],
      ...given.own,
    },
  };
}

export const negotiated = (some: Partial<Negotiated> = {}): Negotiated => ({
  holdTime: 90,
  families: [4],
  as4: true,
  addPath: [],
  extendedNextHop: false,
  extendedMessage: false,
  routeRefresh: true,
  enhancedRouteRefresh: false,
  ...some,
});

/** The OPEN of a speaker with this hold time, s. */
export const opened = (holdTime: number) => ({ asn: 64512, holdTime, routerId: '192.0.2.11', capabilities: [] });

/** A session of `node-<id>` with BGPPeer tor-1 that is up. */
export const up = (id: number, some: Partial<Neighbor> = {}): Partial<Neighbor> => ({
  node: `node-${id}`,
  bgpPeer: 'tor-1',
  state: 'established',
  session: id,
  synced: true,
  establishedAt: minutes(60),
  stateSince: minutes(60),
  lastUpdateAt: minutes(30),
  negotiated: negotiated(),
  ...some,
});

/** A session that is not up, and how it ended last. */
export const down = (
  id: number,
  lastDown: Partial<NonNullable<Neighbor['lastDown']>>,
  some: Partial<Neighbor> = {},
) => ({
  ...up(id),
  state: 'idle' as const,
  negotiated: null,
  lastDown: {
    at: seconds(20),
    direction: 'sent' as const,
    code: 'connection-closed',
    text: 'the neighbor closed the connection',
    ...lastDown,
  },
  ...some,
});

/** An edit of an object in the namespace where its kind belongs. @param at epoch ms */
export const edited = (
  kind: 'Service' | 'IPAddressPool' | 'BGPAdvertisement' | 'BGPPeer',
  name: string,
  at: number,
) => ({
  at,
  action: 'changed' as const,
  object: { kind, namespace: kind === 'Service' ? 'default' : 'metallb-system', name },
});

/** A service that got other addresses, the numbers of seconds ago. */
export const moved = (...list: [ago: number, from: string, to: string][]): AddressEdit[] =>
  list.map(([ago, from, to]) => ({ at: seconds(ago), service: 'default/web', from: [from], to: [to] }));

/** What a case of a table is: facts, and what is found. */
export interface Case {
  name: string;
  given: Given;
  /** What the text of each trouble must have, in order; nothing = silent. */
  found: (string | RegExp)[];
  severity?: string;
}
