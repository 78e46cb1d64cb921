/**
 * Every JSON shape of the API, once: validation and OpenAPI come from the schemas, clients import the types.
 * Times are RFC 3339 with microseconds, prefixes RFC 5952 with host bits zero, `null` = not there (for a path
 * attribute: not on the wire).
 */
import { z } from 'zod';

const time = z.string().meta({ description: 'RFC 3339 with microseconds, UTC', format: 'date-time' });
const integer = z.number().int();
const count = integer.nonnegative();
const family = z.union([z.literal(4), z.literal(6)]);

// ── routes ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const Attributes = z.object({
  nextHop: z.string().nullable(),
  nextHopLinkLocal: z.string().nullable(),
  asPath: z.array(z.union([integer, z.array(integer)])).describe('AS_SETs are nested arrays'),
  origin: z.enum(['igp', 'egp', 'incomplete']).nullable(),
  localPref: integer.nullable(),
  med: integer.nullable(),
  communities: z.array(z.string()).describe('64512:100'),
  largeCommunities: z.array(z.string()).describe('64512:1:2'),
  extCommunities: z.array(z.string()),
  otc: integer.nullable().describe('Only to Customer, RFC 9234'),
});
export type Attributes = z.infer<typeof Attributes>;

export const NeighborRef = z.object({
  id: integer,
  address: z.string(),
  asn: integer.nullable(),
  routerId: z.string().nullable(),
  node: z.string().nullable(),
});
export type NeighborRef = z.infer<typeof NeighborRef>;

export const VerdictWord = z.enum([
  'ok',
  'pending',
  'missing',
  'unexpected',
  'mismatch',
  'stale',
  'suppressed',
  'unknown',
]);
export type VerdictWord = z.infer<typeof VerdictWord>;

/** What a route is, without when: the key and the attributes. */
const RouteContent = z.object({
  prefix: z.string(),
  family,
  pathId: integer.describe('RFC 7911; 0 without ADD-PATH'),
  neighbor: NeighborRef,
  ...Attributes.shape,
});

/** A route as received, without the verdict on it. */
export const ReceivedRoute = z.object({
  ...RouteContent.shape,
  stale: z.boolean(),
  staleUntil: time.nullable(),
  receivedAt: time.describe('Last time that it came over the wire, identical or not'),
  firstSeenAt: time,
  lastChangedAt: time,
  seq: integer,
});
export type ReceivedRoute = z.infer<typeof ReceivedRoute>;

export const Route = z
  .object({
    ...ReceivedRoute.shape,
    verdict: VerdictWord.nullable().describe('null: nothing is expected anywhere, or not evaluated yet'),
  })
  .meta({ id: 'Route' });
export type Route = z.infer<typeof Route>;

export const ChangeAction = z.enum(['announced', 'replaced', 'withdrawn', 'stale', 'refreshed']);
export type ChangeAction = z.infer<typeof ChangeAction>;

/** The route of a change; a snapshot fills in the optional part. */
export const ChangedRoute = z.object({
  ...RouteContent.shape,
  ...ReceivedRoute.pick({
    stale: true,
    staleUntil: true,
    receivedAt: true,
    firstSeenAt: true,
    lastChangedAt: true,
  }).partial().shape,
  seq: integer.optional(),
  verdict: VerdictWord.nullable().optional(),
});
export type ChangedRoute = z.infer<typeof ChangedRoute>;

export const Change = z
  .object({
    seq: integer,
    at: time,
    action: ChangeAction,
    route: ChangedRoute.describe('For `withdrawn`, the route as it was'),
    previous: Attributes.optional().describe('What was replaced'),
  })
  .meta({ id: 'Change' });
export type Change = z.infer<typeof Change>;

// ── neighbors ───────────────────────────────────────────────────────────────────────────────────────────────────────

export const SessionState = z.enum(['idle', 'active', 'open-sent', 'open-confirm', 'established']);
export type SessionState = z.infer<typeof SessionState>;

export const DownReason = z.object({
  direction: z.enum(['sent', 'received', 'local']).describe('Who ended it: our NOTIFICATION, theirs, or neither'),
  code: z.string().describe('Stable word: hold-timer-expired, cease/administrative-shutdown, connection-closed …'),
  text: z.string(),
  notification: z
    .object({ code: integer, subcode: integer, data: z.string(), shutdownText: z.string().optional() })
    .optional(),
  at: time,
});
export type DownReason = z.infer<typeof DownReason>;

export const Negotiated = z.object({
  holdTime: integer.describe('Seconds; 0 = no KEEPALIVEs'),
  families: z.array(family),
  as4: z.boolean(),
  addPath: z.array(family),
  extendedNextHop: z.boolean(),
  extendedMessage: z.boolean(),
  routeRefresh: z.boolean(),
  enhancedRouteRefresh: z.boolean(),
  gracefulRestart: z
    .object({
      restartTime: integer.describe('Seconds'),
      restarting: z.boolean(),
      notification: z.boolean().describe('N bit, RFC 8538'),
      families: z.array(z.object({ family, forwarding: z.boolean() })),
    })
    .optional(),
});
export type Negotiated = z.infer<typeof Negotiated>;

export const Neighbor = z
  .object({
    ...NeighborRef.shape,
    localAddress: z.string(),
    localPort: integer,
    localAsn: integer.nullable(),
    hostname: z.string().nullable().describe('FQDN capability'),
    bgpPeer: z.string().nullable().describe('The BGPPeer object that this session stands for'),
    matchText: z.string().describe('Why node and bgpPeer are what they are, or are not known'),
    state: SessionState,
    established: z.boolean(),
    stateSince: time,
    establishedAt: time.nullable(),
    session: integer.describe('Number of the present or last TCP life; 0 = none yet'),
    negotiated: Negotiated.nullable(),
    auth: z.enum(['md5', 'none', 'unsupported']),
    lastDown: DownReason.nullable(),
    flaps: count,
    synced: z.boolean().describe('The initial table is in: End-of-RIB, or quiet'),
    lastUpdateAt: time.nullable(),
    staleUntil: time.nullable(),
    counters: z.object({
      updates: count,
      announcements: count,
      withdraws: count,
      endOfRib: count,
      notifications: count,
      routeRefresh: count,
      malformed: count,
      refused: count,
    }),
    routes: z.object({ ipv4: count, ipv6: count, stale: count }),
  })
  .meta({ id: 'Neighbor' });
export type Neighbor = z.infer<typeof Neighbor>;

export const Capability = z.object({
  code: integer,
  name: z.string(),
  raw: z.string().describe('Octets as hex'),
  value: z.unknown().optional(),
});
export type Capability = z.infer<typeof Capability>;

const OpenSummary = z.object({
  asn: integer,
  holdTime: integer,
  routerId: z.string(),
  capabilities: z.array(Capability),
});

/** One line of the comparison: what each side announced, and what came of it. */
export const CapabilityRow = z.object({
  code: integer,
  name: z.string(),
  announced: z.boolean(),
  received: z.boolean(),
  negotiated: z.boolean(),
  text: z.string().describe('Why it is, or is not, in force'),
});
export type CapabilityRow = z.infer<typeof CapabilityRow>;

export const NeighborCapabilities = z
  .object({
    neighbor: NeighborRef,
    announced: OpenSummary.nullable().describe('Our OPEN'),
    received: OpenSummary.nullable().describe('Their OPEN'),
    negotiated: Negotiated.nullable(),
    rows: z.array(CapabilityRow),
  })
  .meta({ id: 'NeighborCapabilities' });
export type NeighborCapabilities = z.infer<typeof NeighborCapabilities>;

export const NeighborEvent = z
  .object({
    id: integer,
    seq: integer,
    at: time,
    neighbor: integer,
    session: integer,
    kind: z.string().describe('state, established, down, refused, malformed, end-of-rib, swept, route-refresh …'),
    from: z.string().nullable(),
    to: z.string().nullable(),
    code: z.string().nullable(),
    text: z.string().nullable(),
    detail: z.unknown().describe('The whole typed event'),
  })
  .meta({ id: 'NeighborEvent' });
export type NeighborEvent = z.infer<typeof NeighborEvent>;

// ── expectations and verdicts ───────────────────────────────────────────────────────────────────────────────────────

export const ObjectRef = z.object({
  kind: z.string(),
  namespace: z.string().optional(),
  name: z.string(),
  file: z.string().optional(),
  line: integer.optional(),
});
export type ObjectRef = z.infer<typeof ObjectRef>;

export const ChainLink = z.object({
  service: z.string().describe('namespace/name'),
  ip: z.string(),
  pool: z.string(),
  advertisement: z.string(),
  objects: z.array(ObjectRef),
});
export type ChainLink = z.infer<typeof ChainLink>;

export const ExpectedRoute = z
  .object({
    node: z.string(),
    bgpPeer: z.string(),
    prefix: z.string(),
    family,
    localPref: integer.nullable(),
    localPrefAnyOf: z.array(integer).optional(),
    communities: z.array(z.string()),
    largeCommunities: z.array(z.string()),
    nextHop: z.literal('self').describe('An address that the node owns'),
    asPath: z.array(integer),
    med: integer.nullable(),
    origin: z.literal('igp'),
    chain: z.array(ChainLink),
  })
  .meta({ id: 'ExpectedRoute' });
export type ExpectedRoute = z.infer<typeof ExpectedRoute>;

export const Evidence = z.object({
  kind: z.enum(['object', 'message', 'session', 'time']),
  ref: z.string(),
  text: z.string().optional(),
});
export type Evidence = z.infer<typeof Evidence>;

export const Verdict = z
  .object({
    prefix: z.string(),
    neighbor: integer.nullable(),
    node: z.string().nullable(),
    bgpPeer: z.string().nullable(),
    verdict: VerdictWord,
    fields: z.array(z.string()).describe('Attributes that differ'),
    expected: ExpectedRoute.nullable(),
    received: ReceivedRoute.nullable(),
    reasonCode: z.string(),
    reasonText: z.string(),
    evidence: z.array(Evidence),
    since: time,
    deadline: time.nullable().describe('When a `pending` becomes what it would be without grace'),
  })
  .meta({ id: 'Verdict' });
export type Verdict = z.infer<typeof Verdict>;

export const Finding = z
  .object({ id: integer, since: time, until: time.nullable(), verdict: Verdict })
  .meta({ id: 'Finding' });
export type Finding = z.infer<typeof Finding>;

const VerdictCounts = z.object({
  ok: count,
  pending: count,
  missing: count,
  unexpected: count,
  mismatch: count,
  stale: count,
  suppressed: count,
  unknown: count,
});

export const Summary = z
  .object({
    verdicts: VerdictCounts,
    sessions: z.object({ expected: count, established: count }),
    services: z.object({ ok: count, pending: count, failing: count }),
    evaluatedAt: time,
    emptyText: z.string().nullable().describe('Why there is nothing to compare, when there is nothing'),
  })
  .meta({ id: 'Summary' });
export type Summary = z.infer<typeof Summary>;

const Refusal = z.object({
  stage: z.enum(['yaml', 'schema', 'webhook', 'config', 'runtime']),
  object: ObjectRef,
  error: z.string(),
  effect: z.string(),
  nodes: z.array(z.string()),
});
const NotAnnounced = z.object({ service: z.string(), node: z.string(), reason: z.string(), text: z.string() });
const Lint = z.object({ object: ObjectRef, path: z.string(), message: z.string(), hint: z.string().optional() });
const L2Announcer = z.object({ service: z.string(), node: z.string(), interfaces: z.array(z.string()) });

/** What the objects say besides routes. */
export const ExpectationNotes = z
  .object({
    mode: z.enum(['native', 'frr', 'frr-k8s']).nullable(),
    refusals: z.array(Refusal),
    notAnnounced: z.array(NotAnnounced),
    lint: z.array(Lint),
    l2: z.array(L2Announcer),
    truncated: z.boolean().describe('A list was longer than is shown'),
  })
  .meta({ id: 'ExpectationNotes' });
export type ExpectationNotes = z.infer<typeof ExpectationNotes>;

// ── one prefix, look-up ─────────────────────────────────────────────────────────────────────────────────────────────

/** One cell of the matrix prefix × neighbor. */
export const PrefixCell = z.object({
  neighbor: NeighborRef.nullable(),
  node: z.string().nullable(),
  bgpPeer: z.string().nullable(),
  received: z.array(Route).describe('More than one with ADD-PATH'),
  expected: ExpectedRoute.nullable(),
  verdict: Verdict.nullable(),
  ecmp: z.boolean().describe('Part of the multipath set that a router would use'),
});
export type PrefixCell = z.infer<typeof PrefixCell>;

export const PrefixView = z
  .object({
    prefix: z.string(),
    family,
    cells: z.array(PrefixCell),
    ecmp: z
      .array(z.object({ neighbor: integer, pathId: integer, nextHop: z.string().nullable() }))
      .describe('Best path and its equals by LOCAL_PREF, AS_PATH length, ORIGIN, MED, eBGP over iBGP'),
    covering: z.array(z.string()).describe('Received prefixes that contain it, itself excluded, shortest first'),
    truncated: z.boolean(),
  })
  .meta({ id: 'PrefixView' });
export type PrefixView = z.infer<typeof PrefixView>;

/** One answer of the look-up box; `query` is the REST query that shows it. */
export const LookupResult = z.object({
  kind: z.enum(['prefix', 'neighbor', 'node', 'service', 'asn', 'community', 'largeCommunity']),
  label: z.string(),
  text: z.string(),
  href: z.string().describe('The resource with the details'),
  routes: count.nullable().describe('Routes behind it; null = not counted'),
});
export type LookupResult = z.infer<typeof LookupResult>;

export const Lookup = z
  .object({
    query: z.string(),
    kinds: z.array(z.string()).describe('How the text was understood'),
    results: z.array(LookupResult),
  })
  .meta({ id: 'Lookup' });
export type Lookup = z.infer<typeof Lookup>;

// ── status ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const SourceStatus = z.object({
  name: z.string(),
  kind: z.enum(['manifests', 'kubernetes', 'overlay']),
  synced: z.boolean(),
  readAt: time.nullable(),
  ageSeconds: z.number().nullable(),
  objects: count,
  problems: z.array(
    z.object({ file: z.string(), line: integer.optional(), path: z.string().optional(), text: z.string() }),
  ),
});
export type SourceStatus = z.infer<typeof SourceStatus>;

export const Status = z
  .object({
    version: z.string(),
    collector: z.string(),
    asn: integer,
    routerId: z.string(),
    startedAt: time,
    uptimeSeconds: z.number(),
    advertises: z.literal(false).describe('Peerglass never announces a route'),
    seq: integer,
    watermark: integer.describe('Highest seq that is durable'),
    tablesSeq: integer.describe('Highest seq that the readable tables have'),
    degraded: z.object({ code: z.string(), text: z.string(), since: time }).nullable(),
    gaps: z.array(z.object({ from: integer, to: integer, at: time, reason: z.string() })),
    listening: z.array(z.string()),
    threads: z.object({
      speaker: z.object({
        sessions: count,
        connections: count,
        paused: z.boolean(),
        unacknowledgedBatches: count,
        loopDelayMs: z.number(),
      }),
      collector: z.object({ loopDelayMs: z.number() }),
      store: z.object({
        queuedBatches: count,
        queuedBytes: count,
        lastCommitMs: z.number(),
        databaseBytes: count,
      }),
    }),
    sources: z.array(SourceStatus),
    rib: z.object({ routes: count, prefixes: count, attributeSets: count }),
    verdicts: VerdictCounts,
    sessions: z.record(SessionState, count).describe('Neighbors by state'),
    streams: z.object({ clients: count }),
  })
  .meta({ id: 'Status' });
export type Status = z.infer<typeof Status>;

// ── envelope and problems ───────────────────────────────────────────────────────────────────────────────────────────

export const Meta = z.object({ generatedAt: time, seq: integer, collector: z.string() });
export type Meta = z.infer<typeof Meta>;

export const Facet = z.object({
  values: z.array(z.object({ value: z.string(), count })),
  truncated: z.boolean().describe('Not all rows, or not all values, were counted'),
});
export type Facet = z.infer<typeof Facet>;

export const envelope = <T extends z.ZodType>(data: T) => z.object({ data, meta: Meta });
export const page = <T extends z.ZodType>(row: T) =>
  z.object({
    data: z.array(row),
    meta: Meta,
    page: z.object({ nextCursor: z.string().nullable() }),
    facets: z.record(z.string(), Facet).optional(),
  });

/** Answer with one thing. */
export interface Envelope<T> {
  data: T;
  meta: Meta;
}
/** Answer with rows. */
export interface Page<T> {
  data: T[];
  meta: Meta;
  page: { nextCursor: string | null };
  facets?: Record<string, Facet>;
}

/** RFC 9457, with a stable `code`. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: integer,
    code: z.string(),
    detail: z.string(),
    errors: z.array(z.object({ path: z.string(), text: z.string() })).optional(),
    candidates: z.array(NeighborRef).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;

// ── filter of /routes and of a subscription ─────────────────────────────────────────────────────────────────────────

export const matchModes = ['exact', 'longest', 'longer', 'shorter', 'covering'] as const;
export type MatchMode = (typeof matchModes)[number];

const text = z.string().min(1).max(256);
/** A list in JSON, a comma list in a query string; any of the values. */
const anyOf = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (value) =>
      typeof value === 'string' ? value.split(',') : Array.isArray(value) || value === undefined ? value : [value],
    z.array(item).min(1).max(256),
  );
const flag = z.preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean());
const asNumber = z.coerce.number().int().min(0).max(0xffff_ffff);

export const RouteFilter = z
  .strictObject({
    prefix: text.optional().describe('Prefix or address'),
    match: z
      .enum(matchModes)
      .optional()
      .describe(
        'exact (default) | longest: the longest prefix that contains it | longer: it and all inside it | ' +
          'shorter: all that contain it, itself excluded | covering: all that contain it, itself included',
      ),
    normalize: flag.optional().describe('Take a prefix with host bits as the prefix that it lies in'),
    family: z.preprocess((value) => (typeof value === 'string' ? Number(value) : value), family).optional(),
    neighbor: anyOf(z.union([z.number().int().transform(String), text]))
      .optional()
      .describe('Id, address or node name'),
    node: anyOf(text).optional(),
    community: anyOf(text).optional(),
    largeCommunity: anyOf(text).optional(),
    nextHop: text.optional(),
    asPath: text.optional().describe('AS numbers in sequence, `64512 64513`; `^` and `$` anchor it; empty path: `^$`'),
    originAsn: asNumber.optional().describe('Last AS of the path; for an empty path the AS of the neighbor'),
    verdict: anyOf(VerdictWord).optional(),
    service: text.optional().describe('namespace/name'),
    pool: text.optional(),
    advertisement: text.optional(),
    stale: flag.optional(),
    since: text.optional().describe('Changed after this time (RFC 3339) or seq'),
  })
  .meta({ id: 'RouteFilter' });
export type RouteFilter = z.infer<typeof RouteFilter>;

// ── live feed ───────────────────────────────────────────────────────────────────────────────────────────────────────

export const SubscribeMessage = z.strictObject({
  type: z.literal('subscribe'),
  id: z.string().min(1).max(64),
  filter: RouteFilter.optional(),
  snapshot: z.boolean().optional(),
  resumeFrom: integer.nonnegative().optional(),
  verdicts: z.boolean().optional(),
  includeRaw: z.boolean().optional(),
  coalesce: z.enum(['none', 'prefix']).optional(),
});
export type SubscribeMessage = z.infer<typeof SubscribeMessage>;

/** What a client may send. */
export const ClientMessage = z.discriminatedUnion('type', [
  SubscribeMessage,
  z.strictObject({ type: z.literal('unsubscribe'), id: z.string().min(1).max(64) }),
  z.strictObject({ type: z.literal('ping') }),
]);
export type ClientMessage = z.infer<typeof ClientMessage>;

export const RouteMessage = z.object({ type: z.literal('route'), ...Change.shape, raw: z.string().optional() });
export type RouteMessage = z.infer<typeof RouteMessage>;

/**
 * What the server sends. A WebSocket message, or the data of an SSE event, is one of these or an array of them.
 * `route`, `session` and `verdict` are sent once per client however many of its subscriptions match.
 */
export const ServerMessage = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('subscribed'), id: z.string(), seq: integer }),
    z.object({ type: z.literal('unsubscribed'), id: z.string() }),
    z.object({
      type: z.literal('snapshot_begin'),
      id: z.string(),
      count: count.describe('Routes in the table: an upper bound of what follows'),
    }),
    RouteMessage,
    z.object({ type: z.literal('snapshot_end'), id: z.string(), seq: integer }),
    z.object({ type: z.literal('session'), ...Neighbor.shape }),
    z.object({
      type: z.literal('verdict'),
      from: VerdictWord.nullable(),
      to: VerdictWord.nullable(),
      ...Verdict.shape,
    }),
    z.object({
      type: z.literal('gap'),
      id: z.string().optional().describe('The subscription; without it, all'),
      from: integer,
      to: integer,
      reason: z.enum(['resume-too-old', 'resume-unknown', 'resume-failed', 'slow-client', 'snapshot-overrun']),
    }),
    z.object({ type: z.literal('heartbeat'), seq: integer, at: time }),
    z.object({ type: z.literal('error'), code: z.string(), message: z.string(), fatal: z.boolean() }),
    z.object({ type: z.literal('pong') }),
  ])
  .meta({ id: 'ServerMessage' });
export type ServerMessage = z.infer<typeof ServerMessage>;
