/** The made-up cluster by object: Services, Nodes, pools, advertisements, explanations, overlay. See fixture-data.ts. */
import type {
  AdvertisementView,
  CheckRow,
  ExpectedRoute,
  Explanation,
  Lookup,
  LookupResult,
  NodeView,
  NotAnnounced,
  Overlay,
  PoolView,
  PrefixCell,
  ServiceView,
} from '../../src/api/schemas.ts';
import type { Fixture } from './fixture-data.ts';
import { minute, refOf, stamp } from './fixture-neighbors.ts';

const nothing = { refusals: [], lint: [], truncated: false };
const manifest = (kind: string, name: string, file: string, namespace = 'metallb-system') => ({
  kind,
  namespace,
  name,
  file: `manifests/${file}.yaml`,
  line: 1,
});

const linksOf = (verdict: CheckRow) => verdict.expected?.chain ?? [];
const distinct = (names: string[]) => [...new Set(names)];

const controlPlane = ['control-1', 'control-2', 'control-3'];

function absences(service: string): NotAnnounced[] {
  return controlPlane.map((node) => ({
    service,
    node,
    reason: 'nodeExcluded',
    text: `Node ${node} has the label node.kubernetes.io/exclude-from-external-load-balancers, and the speakers do not ignore it.`,
  }));
}

export function serviceView({ verdicts }: Fixture, key: string): ServiceView | undefined {
  const routes = verdicts.filter((verdict) => linksOf(verdict).some(({ service }) => service === key));
  const links = routes.flatMap(linksOf);
  if (links.length === 0) return undefined;
  const [namespace, name] = key.split('/') as [string, string];
  return {
    ...nothing,
    object: manifest('Service', name, 'services', namespace),
    routes: routes.map((row) => (row.expected ? { ...row, expected: withSteps(row.expected) } : row)),
    notAnnounced: absences(key),
    type: 'LoadBalancer',
    addresses: distinct(links.map(({ ip }) => ip)),
    pools: distinct(links.map(({ pool }) => pool)),
    advertisements: distinct(links.map(({ advertisement }) => advertisement)),
    notAnnouncedTo: [],
  };
}

function withSteps(expected: ExpectedRoute): ExpectedRoute {
  const { node, bgpPeer, prefix } = expected;
  const rules: Readonly<Record<string, (ip: string) => string>> = {
    Service: (ip) =>
      `spec.type is LoadBalancer, without a loadBalancerClass, and status.loadBalancer.ingress[0].ip is ${ip}`,
    IPAddressPool: (ip) => `spec.addresses[0] 203.0.113.0/24 covers ${ip}`,
    BGPAdvertisement: (ip) => `spec.aggregationLength 32 makes ${prefix} of ${ip}`,
    BGPPeer: () => `spec.nodeSelectors is empty: it selects every node`,
  };
  const chain = expected.chain.map((link) => ({
    ...link,
    steps: [
      ...link.objects.map((object) => ({ object, rule: rules[object.kind]!(link.ip) })),
      {
        object: manifest('BGPAdvertisement', link.advertisement, 'advertisements'),
        rule: 'spec.peers is empty: it is for every BGPPeer',
      },
      {
        object: { kind: 'Node', name: node, file: 'manifests/nodes.yaml', line: 1 },
        rule: `a speaker runs on node ${node}, and nothing keeps it from announcing to ${bgpPeer}`,
      },
    ],
  }));
  return { ...expected, chain };
}

export function nodeView({ verdicts, neighbors }: Fixture, name: string): NodeView | undefined {
  const own = neighbors.filter(({ node }) => node === name);
  if (own.length === 0) return undefined;
  return {
    ...nothing,
    object: { kind: 'Node', name, file: 'manifests/nodes.yaml', line: 1 },
    routes: verdicts.filter(({ node }) => node === name),
    notAnnounced: ['shop/cart-31', 'shop/checkout-32', 'edge/proxy-33'].map((service) => ({
      service,
      node: name,
      reason: 'noLocalEndpoints',
      text: `${service} has externalTrafficPolicy Local, and no ready endpoint on ${name}.`,
    })),
    addresses: [own[0]!.address],
    hostname: name,
    staleConfig:
      name === 'worker-4'
        ? 'BGPAdvertisement to-the-racks names community “no-such-alias”, which is not defined.'
        : null,
    configurationUnknown: false,
    timeToAdvertise:
      name === 'worker-4' ? null : { count: 42, p50: 1.3, p99: 4.8, last: 1.1, lastAt: own[0]!.stateSince },
    timeToWithdraw:
      name === 'worker-4' ? null : { count: 17, p50: 0.9, p99: 2.4, last: 0.7, lastAt: own[0]!.stateSince },
    sessions: own.map((neighbor) => ({
      bgpPeer: neighbor.bgpPeer!,
      myASN: 64512,
      peerASN: 64500,
      peerAddress: neighbor.localAddress,
      peerPort: 179,
      families: [4, 6],
      ibgp: false,
      neighbor: refOf(neighbor),
      state: neighbor.state,
    })),
    neighbors: own.map(refOf),
    says: {
      configuration: name === 'worker-4' ? 'invalid' : 'valid',
      configurationText: name === 'worker-4' ? 'community “no-such-alias” is not defined' : null,
      conversion: 'success',
      reload: 'success',
      sessions: own.map((neighbor) => ({
        peer: neighbor.localAddress,
        vrf: 'default',
        bgpStatus: neighbor.established ? 'Established' : 'Active',
        bfdStatus: 'N/A',
      })),
      pods: [
        {
          name: `speaker-${name.at(-1)}x7k2`,
          namespace: 'metallb-system',
          phase: 'Running',
          ready: name !== 'worker-5',
          terminating: false,
        },
      ],
      objects: [{ kind: 'ConfigurationState', namespace: 'metallb-system', name: `speaker-${name}` }],
    },
  };
}

export function poolView({ verdicts }: Fixture, name: string): PoolView | undefined {
  const routes = verdicts.filter((verdict) => linksOf(verdict).some(({ pool }) => pool === name));
  if (routes.length === 0) return undefined;
  const links = routes.flatMap(linksOf);
  return {
    ...nothing,
    object: manifest('IPAddressPool', name, 'pools'),
    routes: routes.slice(0, 200),
    truncated: routes.length > 200,
    notAnnounced: absences(links[0]!.service),
    addresses: name === 'public' ? ['203.0.113.0/24', '198.51.100.16-198.51.100.31'] : ['2001:db8:10::/64'],
    services: distinct(links.map(({ service }) => service)).map((service) => ({
      service,
      addresses: distinct(links.filter((link) => link.service === service).map(({ ip }) => ip)),
    })),
    advertisements: distinct(links.map(({ advertisement }) => advertisement)),
    l2Advertisements: [],
  };
}

export function advertisementView({ verdicts }: Fixture, name: string): AdvertisementView | undefined {
  const routes = verdicts.filter((verdict) => linksOf(verdict).some(({ advertisement }) => advertisement === name));
  if (routes.length === 0) return undefined;
  const links = routes.flatMap(linksOf);
  return {
    ...nothing,
    object: manifest('BGPAdvertisement', name, 'advertisements'),
    routes: routes.slice(0, 200),
    truncated: routes.length > 200,
    notAnnounced: [],
    pools: distinct(links.map(({ pool }) => pool)),
    nodes: distinct(routes.map(({ node }) => node!)),
    peers: null,
    services: distinct(links.map(({ service }) => service)),
  };
}

/** `cells`: of the prefix, none for one that nobody has. */
export function explanation(
  prefix: string,
  cells: readonly PrefixCell[],
  node: string | null,
  bgpPeer: string | null,
): Explanation {
  const asked = cells.filter(
    (cell) => (node === null || cell.node === node) && (bgpPeer === null || cell.bgpPeer === bgpPeer),
  );
  const nobody: PrefixCell = {
    neighbor: null,
    node: node ?? 'worker-1',
    bgpPeer: bgpPeer ?? 'tor-1',
    received: [],
    expected: null,
    verdict: null,
    says: null,
    ecmp: false,
  };
  const sessions = asked.length > 0 ? asked : [nobody];
  return {
    prefix,
    text: `${prefix} is expected on ${asked.filter(({ expected }) => expected).length} of ${sessions.length} sessions and received on ${asked.filter(({ received }) => received.length > 0).length}`,
    sessions: sessions.map((cell) => ({
      ...cell,
      whyNot: cell.expected
        ? null
        : {
            reason: 'noSession',
            text: `no IPAddressPool covers ${prefix}`,
            objects: [manifest('IPAddressPool', 'public', 'pools')],
          },
      text: cell.expected
        ? `node ${cell.node} announces ${prefix} to BGPPeer ${cell.bgpPeer} for ${cell.expected.chain[0]?.ip} of Service ${cell.expected.chain[0]?.service}, by IPAddressPool public and BGPAdvertisement to-the-racks`
        : `node ${cell.node} does not announce ${prefix} to BGPPeer ${cell.bgpPeer}: no IPAddressPool covers ${prefix}`,
    })),
    truncated: false,
  };
}

export function lookUp({ verdicts, neighbors, routes }: Fixture, query: string): Lookup {
  const word = query.toLowerCase();
  const base = '/api/v1';
  const services = distinct(verdicts.flatMap(linksOf).map(({ service }) => service)).filter((name) =>
    name.includes(word),
  );
  const nodes = distinct(neighbors.flatMap(({ node }) => (node?.includes(word) ? [node] : [])));
  const prefixes = distinct(routes.map(({ prefix }) => prefix)).filter((prefix) =>
    prefix.startsWith(`${query.split('/')[0]}/`),
  );
  const results: LookupResult[] = [
    ...prefixes.map((label) => ({
      kind: 'prefix' as const,
      label,
      text: 'received',
      href: `${base}/prefixes/${encodeURIComponent(label)}`,
      routes: routes.filter(({ prefix }) => prefix === label).length,
    })),
    ...nodes.map((label) => ({
      kind: 'node' as const,
      label,
      text: 'node of the cluster',
      href: `${base}/routes?node=${label}`,
      routes: routes.filter(({ neighbor }) => neighbor.node === label).length,
    })),
    ...services.map((label) => ({
      kind: 'service' as const,
      label,
      text: 'a Service',
      href: `${base}/checks?service=${label}`,
      routes: null,
    })),
  ];
  return {
    query,
    kinds: distinct(results.map(({ kind }) => kind)),
    results: results.slice(0, 20),
    truncated: results.length > 20,
  };
}

export function makeOverlay(now: number): Overlay {
  return {
    file: './expectations.yaml',
    updatedAt: stamp(now - 90 * minute),
    problems: [],
    rules: [
      {
        id: 'rack-4-moves',
        prefix: '203.0.113.0/24',
        match: 'longer',
        node: 'worker-4',
        rule: 'ignore',
        reason: 'The rack is moved; its top-of-rack switch is off until then.',
        owner: 'network@example.net',
        expires: stamp(now + 3_000 * minute),
        expired: false,
        layer: 'file',
        replaced: false,
      },
      {
        id: 'no-default-route',
        prefix: '0.0.0.0/0',
        match: 'exact',
        rule: 'must-not',
        reason: 'A default route from a node would draw everything to it.',
        owner: 'network@example.net',
        expires: null,
        expired: false,
        layer: 'file',
        replaced: false,
      },
      {
        id: 'old-proxy',
        prefix: '203.0.113.200/32',
        match: 'exact',
        bgpPeer: 'tor-1',
        rule: 'must',
        communities: ['64512:100'],
        localPref: 200,
        reason: 'The proxy outside of the cluster is announced by hand.',
        owner: 'edge-team@example.net',
        expires: stamp(now - 2_000 * minute),
        expired: true,
        layer: 'api',
        replaced: false,
      },
    ],
  };
}
