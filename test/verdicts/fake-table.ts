/** Expectations written down instead of worked out. */
import type { ExpectationTable } from '../../src/metallb/expectations/table.ts';
import type { ExpectedRoute, ExpectedSession, NodeView, ObjectRef } from '../../src/metallb/types.ts';
import { emptyCluster } from '../support/metallb-objects.ts';

export const plainExpectation: ExpectedRoute = {
  node: 'node-1',
  bgpPeer: 'tor',
  prefix: '203.0.113.1/32',
  family: 4,
  localPref: null,
  communities: [],
  largeCommunities: [],
  nextHop: 'self',
  asPath: [64512],
  med: 0,
  origin: 'igp',
  chain: [],
};

/** `node` and `bgpPeer` and `prefix`, and what differs from `plainExpectation`. Services are named after the prefix. */
export type Expect = Partial<ExpectedRoute> & Pick<ExpectedRoute, 'node' | 'prefix'>;

export function expectation(given: Expect): ExpectedRoute {
  const service = `default/${given.prefix}`;
  const objects: ObjectRef[] = [{ kind: 'Service', namespace: 'default', name: given.prefix }];
  const chain = [{ service, ip: given.prefix.split('/')[0]!, pool: 'pool', advertisement: 'adv', objects }];
  return { ...plainExpectation, family: given.prefix.includes(':') ? 6 : 4, chain, ...given };
}

export interface FakeTableInput {
  /** Nodes by name with their addresses; each has a session to every peer. */
  nodes: Record<string, string[]>;
  peers?: string[];
  routes: Expect[];
  whyNot?: Record<string, { reason: string; text: string }>;
  /** `node prefix` → name of the FRRConfiguration that asks for it. */
  foreign?: Record<string, string>;
  staleConfig?: Record<string, string>;
  configurationUnknown?: string[];
}

export function fakeTable(input: FakeTableInput): ExpectationTable {
  const routes = input.routes.map(expectation);
  const byKey = new Map(routes.map((route) => [`${route.node} ${route.bgpPeer} ${route.prefix}`, route]));
  const sessions = Object.keys(input.nodes).flatMap((node) =>
    (input.peers ?? ['tor']).map(
      (bgpPeer): ExpectedSession => ({
        node,
        bgpPeer,
        myASN: 64512,
        peerASN: 64500,
        peerAddress: '192.0.2.1',
        peerPort: 179,
        families: [4, 6],
        ibgp: false,
      }),
    ),
  );
  const view = (name: string, addresses: string[]): NodeView => ({
    name,
    addresses,
    ...(input.staleConfig?.[name] && { staleConfig: input.staleConfig[name] }),
    ...(input.configurationUnknown?.includes(name) && { configurationUnknown: true }),
  });
  return {
    cluster: emptyCluster,
    options: {
      mode: 'frr',
      namespace: 'metallb-system',
      ignoreExcludeLB: false,
      loadBalancerClass: '',
      fieldValidation: 'strict',
    },
    nodes: new Map(Object.entries(input.nodes).map(([name, addresses]) => [name, view(name, addresses)])),
    sessions,
    refusals: [],
    notAnnounced: [],
    services: () => [],
    lint: [],
    l2: [],
    layer2: { services: () => [], of: () => undefined, pools: [] },
    session: (node, bgpPeer) => sessions.find((session) => session.node === node && session.bgpPeer === bgpPeer),
    route: (node, bgpPeer, prefix) => byKey.get(`${node} ${bgpPeer} ${prefix}`),
    routes: (node, bgpPeer) => routes.filter((route) => route.node === node && route.bgpPeer === bgpPeer),
    notAnnouncedOf: () => [],
    prefixes: () => new Set(routes.map((route) => route.prefix)),
    foreign: (node, _bgpPeer, prefix) => {
      const name = input.foreign?.[`${node} ${prefix}`];
      return name === undefined ? undefined : { kind: 'FRRConfiguration', namespace: 'frr-k8s-system', name };
    },
    whyNot: (node, _bgpPeer, prefix) => {
      const why = input.whyNot?.[`${node} ${prefix}`];
      return why && { ...why, objects: [{ kind: 'Service', namespace: 'default', name: 'web' }] };
    },
  };
}
