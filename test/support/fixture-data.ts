/**
 * A small cluster as the API would show it, made up but consistent, with every verdict in it. For the page's tests and
 * for looking at the page; the real answers are tested where they are made.
 */
import type {
  Change,
  ChangeAction,
  CheckRow,
  Diagnosis,
  ExpectedRoute,
  L2Row,
  Neighbor,
  Overlay,
  Route,
  Status,
  Summary,
  Verdict,
  VerdictWord,
} from '../../src/api/schemas.ts';
import { decodeAttributes } from '../../src/wire/attributes/index.ts';
import { makeDiagnoses, makeL2 } from './fixture-diagnoses.ts';
import { makeNeighbor, minute, refOf, stamp, stranger } from './fixture-neighbors.ts';
import { makeOverlay } from './fixture-objects.ts';
import { saysOf } from './fixture-says.ts';

export interface FixtureOptions {
  /** epoch ms that the data pretends to be read at. */
  now: number;
  nodes: number;
  services: number;
}

export interface Fixture {
  now: number;
  neighbors: Neighbor[];
  /** One per (prefix, session), ordered by prefix. */
  verdicts: CheckRow[];
  routes: Route[];
  status: Status;
  diagnoses: Diagnosis[];
  l2: L2Row[];
  overlay: Overlay;
  seq: number;
}

const peers = ['tor-1', 'tor-2'] as const;

export function makeFixture({ now, nodes, services }: FixtureOptions): Fixture {
  const neighbors = Array.from({ length: nodes }, (_, i) =>
    peers.map((peer, p) => makeNeighbor(now, 2 * i + p + 1, i, peer)),
  ).flat();
  neighbors.push(stranger(now, neighbors.length + 1));
  const judged = Array.from({ length: services }, (_, s) => ofService(now, s, neighbors)).flat();
  const verdicts = [...judged, foreign(now, neighbors), ofRule(now)].map((verdict) => ({
    ...verdict,
    says: saysOf(verdict),
  }));
  verdicts.sort((a, b) => a.prefix.localeCompare(b.prefix, 'en', { numeric: true }));
  const routes = verdicts.flatMap((verdict) =>
    verdict.received ? [{ ...verdict.received, verdict: verdict.verdict }] : [],
  );
  for (const neighbor of neighbors) {
    const own = routes.filter((route) => route.neighbor.id === neighbor.id);
    neighbor.routes = {
      ipv4: own.filter((route) => route.family === 4).length,
      ipv6: own.filter((route) => route.family === 6).length,
      stale: own.filter((route) => route.stale).length,
    };
  }
  return {
    now,
    neighbors,
    verdicts,
    routes,
    status: makeStatus(now, routes, neighbors),
    diagnoses: makeDiagnoses(now),
    l2: makeL2(now),
    overlay: makeOverlay(now),
    seq: 48_211,
  };
}

function ofService(now: number, s: number, neighbors: readonly Neighbor[]): Verdict[] {
  const v6 = s % 5 === 4;
  const prefix = v6 ? `2001:db8:10::${(s + 1).toString(16)}/128` : `203.0.113.${s + 10}/32`;
  const name = ['web', 'api', 'ingress', 'mqtt', 'dns', 'registry', 'git', 'mail'][s % 8]!;
  const namespace = ['default', 'shop', 'edge'][s % 3]!;
  return neighbors
    .filter((neighbor) => neighbor.node !== null)
    .map((neighbor) => judge(now, expectedRoute(neighbor, prefix, v6, `${namespace}/${name}-${s + 1}`), neighbor, s));
}

function expectedRoute(neighbor: Neighbor, prefix: string, v6: boolean, service: string): ExpectedRoute {
  const [namespace, name] = service.split('/') as [string, string];
  return {
    node: neighbor.node!,
    bgpPeer: neighbor.bgpPeer!,
    prefix,
    family: v6 ? 6 : 4,
    localPref: null,
    communities: ['64512:100', '64512:300'],
    largeCommunities: ['64512:1:2'],
    nextHop: 'self',
    asPath: [64512],
    med: 0,
    origin: 'igp',
    chain: [
      {
        service,
        ip: prefix.split('/')[0]!,
        pool: v6 ? 'public-v6' : 'public',
        advertisement: 'to-the-racks',
        objects: [
          { kind: 'Service', namespace, name, file: 'manifests/services.yaml', line: 12 },
          {
            kind: 'IPAddressPool',
            namespace: 'metallb-system',
            name: v6 ? 'public-v6' : 'public',
            file: 'manifests/pools.yaml',
            line: 1,
          },
          {
            kind: 'BGPAdvertisement',
            namespace: 'metallb-system',
            name: 'to-the-racks',
            file: 'manifests/advertisements.yaml',
            line: 1,
          },
          {
            kind: 'BGPPeer',
            namespace: 'metallb-system',
            name: neighbor.bgpPeer!,
            file: 'manifests/peers.yaml',
            line: 9,
          },
        ],
      },
    ],
  };
}

function receivedRoute(
  now: number,
  expected: ExpectedRoute,
  neighbor: Neighbor,
  age: number,
): NonNullable<Verdict['received']> {
  return {
    ...decodeAttributes(new Uint8Array(0)),
    prefix: expected.prefix,
    family: expected.family,
    pathId: 0,
    neighbor: refOf(neighbor),
    nextHop: expected.family === 4 ? neighbor.address : `2001:db8::${neighbor.address.split('.').at(-1)}`,
    nextHopLinkLocal: expected.family === 4 ? null : 'fe80::5054:ff:fe12:3456',
    asPath: [64512],
    origin: 'igp',
    med: 0,
    communities: [...expected.communities],
    largeCommunities: [...expected.largeCommunities],
    stale: false,
    staleUntil: null,
    receivedAt: stamp(now - age),
    firstSeenAt: stamp(now - 3 * age),
    lastChangedAt: stamp(now - age),
    seq: 40_000 + neighbor.id * 31,
  };
}

/** Gives a few pairs something to complain about, and the rest an `ok`. */
function judge(now: number, expected: ExpectedRoute, neighbor: Neighbor, s: number): Verdict {
  const received = receivedRoute(now, expected, neighbor, (s + 2) * 11 * minute);
  const verdict = (
    word: VerdictWord,
    reasonCode: string,
    reasonText: string,
    more: Partial<Verdict> = {},
  ): Verdict => ({
    prefix: expected.prefix,
    neighbor: neighbor.id,
    node: neighbor.node,
    bgpPeer: neighbor.bgpPeer,
    verdict: word,
    fields: [],
    expected,
    received,
    reasonCode,
    reasonText,
    evidence: [
      { kind: 'object', ref: 'BGPAdvertisement/metallb-system/to-the-racks', text: 'advertises the pool to all peers' },
      { kind: 'message', ref: String(received.seq), text: 'the UPDATE that last changed it' },
    ],
    since: stamp(now - (s + 1) * 7 * minute),
    deadline: null,
    overlay: null,
    rule: null,
    ...more,
  });
  if (neighbor.node === 'worker-5')
    return neighbor.bgpPeer === 'tor-1'
      ? verdict(
          'stale',
          'session-down',
          `The session to ${neighbor.address} is down; the route is kept under graceful restart`,
          {
            received: { ...received, stale: true, staleUntil: neighbor.staleUntil },
            since: neighbor.stateSince,
          },
        )
      : verdict(
          'missing',
          'session-down',
          `The session that should bring it, ${neighbor.address} to 192.0.2.2, is down: hold timer expired`,
          {
            received: null,
            since: neighbor.stateSince,
            evidence: [{ kind: 'session', ref: String(neighbor.id), text: 'idle, hold-timer-expired' }],
          },
        );
  if (neighbor.node === 'worker-6' && neighbor.bgpPeer === 'tor-2')
    return verdict('unknown', 'not-synced', 'The first table of this session is still coming in', {
      received: null,
      since: neighbor.stateSince,
    });
  if (s === 1 && neighbor.node === 'worker-2')
    return verdict('mismatch', 'community-mismatch', 'Communities are 64512:100, expected 64512:100 64512:300', {
      fields: ['communities', 'localPref'],
      received: { ...received, communities: ['64512:100', '64512:666'], localPref: 200 },
      since: stamp(now - 3 * minute),
    });
  if (s === 2 && neighbor.node === 'worker-3')
    return verdict(
      'missing',
      'route-missing',
      'worker-3 should announce it to tor-1 and tor-2 and does not; the session is up and in sync',
      {
        received: null,
        since: stamp(now - 12 * minute),
      },
    );
  if (s === 3 && neighbor.bgpPeer === 'tor-1' && neighbor.node === 'worker-1')
    return verdict(
      'pending',
      'grace',
      'BGPAdvertisement to-the-racks changed 4 seconds ago; speakers have 20 seconds',
      {
        received: null,
        since: stamp(now - 4_000),
        deadline: stamp(now + 16_000),
      },
    );
  if (s === 6 && neighbor.node === 'worker-4')
    return verdict('suppressed', 'suppressed', 'It is not announced, and a rule of the overlay accepts that.', {
      received: null,
      overlay: {
        id: 'rack-4-moves',
        rule: 'ignore',
        reason: 'The rack is moved; its top-of-rack switch is off until then.',
        owner: 'network@example.net',
        expires: stamp(now + 3_000 * minute),
      },
    });
  return verdict('ok', 'ok', 'Received as expected');
}

/** The row of a rule of the overlay that nobody keeps. */
function ofRule(now: number): Verdict {
  const rule = {
    id: 'anycast-dns',
    rule: 'must' as const,
    reason: 'Resolvers of the site',
    owner: 'dns-team@example.net',
  };
  return {
    prefix: '203.0.113.253/32',
    neighbor: null,
    node: null,
    bgpPeer: null,
    verdict: 'missing',
    fields: [],
    expected: null,
    received: null,
    reasonCode: 'must-missing',
    reasonText: 'Rule anycast-dns wants 203.0.113.253/32 from at least 2 of 3 nodes, and none announces it.',
    evidence: [{ kind: 'object', ref: 'OverlayRule/anycast-dns', text: 'expectations.yaml:9' }],
    since: stamp(now - 33 * minute),
    deadline: null,
    overlay: { ...rule, expires: null },
    rule: rule.id,
  };
}

/** A route that nothing asks for. */
function foreign(now: number, neighbors: readonly Neighbor[]): Verdict {
  const neighbor = neighbors.at(-1)!;
  const like = expectedRoute({ ...neighbor, node: 'x', bgpPeer: 'x' }, '10.96.0.0/12', false, 'x/x');
  const received = {
    ...receivedRoute(now, like, neighbor, 21 * minute),
    asPath: [64999, [65010, 65011]],
    communities: [],
    largeCommunities: [],
  };
  return {
    prefix: '10.96.0.0/12',
    neighbor: neighbor.id,
    node: null,
    bgpPeer: null,
    verdict: 'unexpected',
    fields: [],
    expected: null,
    received,
    reasonCode: 'no-expectation',
    reasonText: 'No IPAddressPool contains it, and the neighbor stands for no BGPPeer',
    evidence: [{ kind: 'message', ref: String(received.seq) }],
    since: stamp(now - 21 * minute),
    deadline: null,
    overlay: null,
    rule: null,
  };
}

function makeStatus(now: number, routes: readonly Route[], neighbors: readonly Neighbor[]): Status {
  const sessions = { idle: 0, active: 0, 'open-sent': 0, 'open-confirm': 0, established: 0 };
  for (const neighbor of neighbors) sessions[neighbor.state]++;
  return {
    version: '0.1.0',
    collector: 'rack-7',
    asn: 64500,
    routerId: '192.0.2.1',
    startedAt: stamp(now - 3_000 * minute),
    uptimeSeconds: 3_000 * 60,
    advertises: false,
    seq: 48_211,
    watermark: 48_209,
    tablesSeq: 48_180,
    degraded: null,
    gaps: [],
    strangers: {
      connections: 3,
      addresses: [
        { address: '198.51.100.77', connections: 3, firstAt: stamp(now - 9 * minute), lastAt: stamp(now - minute) },
      ],
    },
    tables: [{ name: 'neighbors', used: 24, max: 10_000, overflows: 0 }],
    clock: { offsetMs: 0, jumps: 0, lastJump: null },
    listening: ['192.0.2.1:179', '192.0.2.2:179'],
    threads: {
      speaker: {
        sessions: sessions.established,
        connections: sessions.established,
        refused: 0,
        paused: false,
        unacknowledgedBatches: 1,
        loopDelayMs: 2.4,
      },
      collector: { loopDelayMs: 6.1 },
      store: { queuedBatches: 1, queuedBytes: 4_096, lastCommitMs: 3.8, databaseBytes: 412_000_000 },
    },
    database: {
      bytesInUse: 412_000_000,
      bytesOnDisk: 421_000_000,
      maxBytes: 20 * 2 ** 30,
      isOverBound: false,
      history: [],
    },
    findings: { open: 0, listed: 0 },
    sources: [
      {
        name: './manifests',
        kind: 'manifests',
        synced: true,
        readAt: stamp(now - 2 * minute),
        ageSeconds: 120,
        objects: 61,
        problems: [
          {
            file: 'manifests/advertisements.yaml',
            line: 14,
            path: 'spec.communities[1]',
            text: 'community “no-such-alias” is not defined by any Community',
          },
        ],
        problemCount: 1,
        kinds: null,
      },
      {
        name: 'kubernetes',
        kind: 'kubernetes',
        synced: true,
        readAt: stamp(now - 3_000),
        ageSeconds: 3,
        objects: 1_204,
        problems: [],
        problemCount: 0,
        kinds: makeKinds(now),
      },
    ],
    diagnoses: { critical: 0, warning: 0, info: 0 },
    l2: {
      interfaces: [
        { name: 'eth1', listens: 'arp-and-ndp', text: 'probes every 10 s' },
        { name: 'eth2', listens: 'neighbor-table', text: 'the capability NET_RAW is missing' },
      ],
    },
    rib: { routes: routes.length, prefixes: new Set(routes.map((route) => route.prefix)).size, attributeSets: 9 },
    verdicts: { ok: 0, pending: 0, missing: 0, unexpected: 0, mismatch: 0, stale: 0, suppressed: 0, unknown: 0 },
    sessions,
    streams: { clients: 1 },
    http: { connections: 3, maxConnections: 4_096, refused: 0, evicted: 0 },
    descriptors: { limit: 1_048_576, text: null },
  };
}

type SourceKind = NonNullable<Status['sources'][number]['kinds']>[number];

/** Everything in sync but what real clusters often lack. */
function makeKinds(now: number): SourceKind[] {
  const kind = (kind: string, apiVersion: string, objects: number, more: Partial<SourceKind> = {}): SourceKind => ({
    kind,
    apiVersion,
    state: 'synced',
    objects,
    since: stamp(now - 900 * minute),
    text: null,
    ...more,
  });
  return [
    kind('Service', 'v1', 412),
    kind('EndpointSlice', 'discovery.k8s.io/v1', 640),
    kind('Node', 'v1', 8),
    kind('IPAddressPool', 'metallb.io/v1beta1', 2),
    kind('BGPAdvertisement', 'metallb.io/v1beta1', 1),
    kind('BGPPeer', 'metallb.io/v1beta2', 2),
    kind('Secret', 'v1', 0, { state: 'forbidden', text: 'the ServiceAccount may not list Secrets in metallb-system' }),
    kind('BGPSessionState', 'frrk8s.metallb.io/v1beta1', 0, { state: 'absent', text: 'the CRD is not installed' }),
    kind('ServiceBGPStatus', 'metallb.io/v1beta1', 139, {
      state: 'failing',
      since: stamp(now - 4 * minute),
      text: 'the watch ends with 503; trying again in 20 s',
    }),
  ];
}

export function summaryOf({ verdicts, neighbors, now }: Fixture): Summary {
  const counts = { ok: 0, pending: 0, missing: 0, unexpected: 0, mismatch: 0, stale: 0, suppressed: 0, unknown: 0 };
  for (const { verdict } of verdicts) counts[verdict]++;
  const expected = neighbors.filter((neighbor) => neighbor.node !== null);
  const services = new Map<string, Set<VerdictWord>>();
  for (const { expected, verdict } of verdicts)
    for (const { service } of expected?.chain ?? [])
      services.set(service, (services.get(service) ?? new Set()).add(verdict));
  const states = [...services.values()].map((words) =>
    words.has('missing') || words.has('mismatch') ? 'failing' : words.has('pending') ? 'pending' : 'ok',
  );
  const inState = (state: string) => states.filter((word) => word === state).length;
  return {
    verdicts: counts,
    sessions: {
      expected: expected.length,
      established: expected.filter((neighbor) => neighbor.established).length,
      elsewhere: 0,
    },
    services: { ok: inState('ok'), pending: inState('pending'), failing: inState('failing') },
    evaluatedAt: stamp(now),
    emptyText:
      verdicts.length > 0
        ? null
        : 'No manifests are configured, so nothing is expected: set expect.manifests in peerglass.yaml.',
  };
}

/** A change as the feed tells it: the route without its times, and without a verdict, which comes by itself. */
export function changeOf(seq: number, at: number, action: ChangeAction, full: Route): Change {
  const { firstSeenAt, lastChangedAt, receivedAt, staleUntil, verdict, seq: _, ...route } = full;
  return { seq, at: stamp(at), action, route };
}
