/** The views that the API reads, small and in memory: what is put in is what comes out. */

import type { ApiDeps } from '../../src/api/deps.ts';
import type { CollectorStatus } from '../../src/collector/status.ts';
import type { CatalogRow, Diagnosis, DiagnosisView } from '../../src/diagnoses/types.ts';
import { Feed } from '../../src/feed.ts';
import { contains, type Family, formatPrefix, type Prefix, parsePrefix } from '../../src/ip.ts';
import { newNeighbor } from '../../src/rib/neighbors.ts';
import type {
  AttributesJson,
  Neighbor,
  RibView,
  RouteCursor,
  RouteHandle,
  RouteIndex,
  RouteJson,
  StoredChange,
} from '../../src/rib/types.ts';
import type {
  ChangeAnswer,
  ChangeQuery,
  DatabaseUsage,
  FindingRow,
  NeighborEventRow,
  StoredMessage,
  StoreQueries,
  TimelineAnswer,
  TimelineQuery,
} from '../../src/store/types.ts';
import type {
  ServiceStatus,
  Severity,
  Verdict,
  VerdictFigures,
  VerdictFilter,
  VerdictGroups,
  VerdictKey,
  VerdictView,
  VerdictWord,
} from '../../src/verdicts/types.ts';
import { verdicts as words } from '../../src/verdicts/types.ts';
import { decodeAttributes } from '../../src/wire/attributes/index.ts';
import { frr } from './metallb-objects.ts';

/** 2026-01-01T00:00:00Z, where all fakes start. */
export const epoch = Date.parse('2026-01-01T00:00:00Z');

/** Epoch of the fake database. */
export const epochOfFakes = '0123456789abcdef';

export const attributes = (some: Partial<AttributesJson> = {}): AttributesJson => ({
  ...decodeAttributes(new Uint8Array(0)),
  nextHop: '192.0.2.11',
  asPath: [64512],
  origin: 'igp',
  ...some,
});

export const neighbor = (id: number, some: Partial<Neighbor> = {}): Neighbor => {
  const endpoints = { remoteAddress: `192.0.2.${10 + id}`, localAddress: '192.0.2.1', localPort: 179 };
  return {
    ...newNeighbor(id, endpoints, 64512, epoch),
    localAsn: 64500,
    routerId: endpoints.remoteAddress,
    state: 'established',
    session: id,
    establishedAt: epoch,
    synced: true,
    lastUpdateAt: epoch,
    node: `node-${id}`,
    bgpPeer: 'tor-1',
    matchText: 'by address',
    ...some,
  };
};

interface FakeRoute extends RouteHandle {
  seq: number;
  at: number;
  stale: boolean;
}

export class FakeRib implements RibView, RouteIndex {
  seq = 0;
  readonly neighbors = new Map<number, Neighbor>();
  readonly #nlris: { prefix: Prefix; text: string; pathId: number }[] = [];
  readonly #sets: AttributesJson[] = [];
  #routes: FakeRoute[] = [];

  get routeCount(): number {
    return this.#routes.length;
  }

  get prefixCount(): number {
    return new Set(this.#routes.map(({ nlri }) => this.prefixText(nlri))).size;
  }

  get attributeSetCount(): number {
    return this.#sets.length;
  }

  /** Announces a route, as a change of its own; answers what the feed would say of it. */
  announce(
    neighbor: number,
    prefix: string,
    some: Partial<AttributesJson> = {},
    { pathId = 0, stale = false } = {},
  ): StoredChange {
    const nlri = this.#intern(prefix, pathId);
    this.#sets.push(attributes(some));
    const route = {
      neighbor,
      nlri,
      attributes: this.#sets.length,
      seq: ++this.seq,
      at: epoch + this.seq,
      stale,
    };
    const before = this.#routes.find((one) => one.neighbor === neighbor && one.nlri === nlri);
    this.#routes = [...this.#routes.filter((one) => one !== before), route].sort((a, b) => this.#compare(a, b));
    const previous = before?.attributes ?? 0;
    const action = before ? 'replaced' : 'announced';
    return { seq: route.seq, at: route.at, action, neighbor, nlri, attributes: route.attributes, previous };
  }

  withdraw(neighbor: number, prefix: string): StoredChange {
    const nlri = this.#intern(prefix, 0);
    const before = this.#routes.find((one) => one.neighbor === neighbor && one.nlri === nlri)!;
    this.#routes = this.#routes.filter((one) => one !== before);
    const seq = ++this.seq;
    return { seq, at: epoch + seq, action: 'withdrawn', neighbor, nlri, attributes: 0, previous: before.attributes };
  }

  json(handle: RouteHandle): RouteJson {
    const route = this.#routes.find((one) => one.neighbor === handle.neighbor && one.nlri === handle.nlri)!;
    const { id, remoteAddress, asn, routerId, node } = this.neighbors.get(handle.neighbor)!;
    const time = new Date(route.at).toISOString().replace('Z', '000Z');
    return {
      prefix: this.prefixText(handle.nlri),
      family: this.family(handle.nlri),
      pathId: this.pathId(handle.nlri),
      neighbor: { id, address: remoteAddress, asn, routerId, node },
      ...this.attributes(handle.attributes),
      stale: route.stale,
      staleUntil: null,
      receivedAt: time,
      firstSeenAt: time,
      lastChangedAt: time,
      seq: route.seq,
    };
  }

  attributes(id: number): AttributesJson {
    return this.#sets[id - 1]!;
  }

  prefixText(nlri: number): string {
    return this.#nlris[nlri]!.text;
  }

  pathId(nlri: number): number {
    return this.#nlris[nlri]!.pathId;
  }

  family(nlri: number): Family {
    return this.#nlris[nlri]!.prefix.family;
  }

  nlris(prefix: Prefix): number[] {
    const text = formatPrefix(prefix);
    return this.#nlris.flatMap((one, id) => (one.text === text ? [id] : []));
  }

  exact(prefix: string, only?: number): RouteHandle[] {
    return this.#routes.filter(
      ({ nlri, neighbor }) => this.prefixText(nlri) === prefix && (only === undefined || neighbor === only),
    );
  }

  isStale({ neighbor, nlri }: RouteHandle): boolean {
    return this.#routes.some((one) => one.neighbor === neighbor && one.nlri === nlri && one.stale);
  }

  attributesOf(neighbor: number, nlri: number): number {
    return this.#routes.find((one) => one.neighbor === neighbor && one.nlri === nlri)?.attributes ?? 0;
  }

  nlrisOf(neighbor: number): number[] {
    return this.#routes.filter((one) => one.neighbor === neighbor).map(({ nlri }) => nlri);
  }

  longest(prefix: string): string | undefined {
    return this.covering(prefix).at(-1);
  }

  covering(prefix: string): string[] {
    const inner = parsePrefix(prefix)!;
    const found = this.#routes.map(({ nlri }) => this.#nlris[nlri]!).filter((one) => contains(one.prefix, inner));
    return [...new Set(found.sort((a, b) => a.prefix.length - b.prefix.length).map(({ text }) => text))];
  }

  walk(
    options: { neighbor?: number; within?: string; family?: Family; after?: RouteCursor },
    visit: (handle: RouteHandle) => boolean,
  ): void {
    const within = options.within === undefined ? undefined : parsePrefix(options.within)!;
    const { after } = options;
    for (const { neighbor, nlri, attributes } of this.#routes) {
      const { prefix, pathId } = this.#nlris[nlri]!;
      if (options.neighbor !== undefined && neighbor !== options.neighbor) continue;
      if (options.family !== undefined && prefix.family !== options.family) continue;
      if (within && !contains(within, prefix)) continue;
      if (after) {
        const order = comparePrefixes(prefix, parsePrefix(after.prefix)!) || pathId - after.pathId;
        if ((order || neighbor - after.neighbor) <= 0) continue;
      }
      if (!visit({ neighbor, nlri, attributes })) return;
    }
  }

  #intern(text: string, pathId: number): number {
    const prefix = parsePrefix(text)!;
    const canonical = formatPrefix(prefix);
    const known = this.#nlris.findIndex((one) => one.text === canonical && one.pathId === pathId);
    return known >= 0 ? known : this.#nlris.push({ prefix, text: canonical, pathId }) - 1;
  }

  #compare(a: RouteHandle, b: RouteHandle): number {
    const [x, y] = [this.#nlris[a.nlri]!, this.#nlris[b.nlri]!];
    return comparePrefixes(x.prefix, y.prefix) || x.pathId - y.pathId || a.neighbor - b.neighbor;
  }
}

function comparePrefixes(a: Prefix, b: Prefix): number {
  return a.family - b.family || Buffer.compare(a.bytes, b.bytes) || a.length - b.length;
}

export const verdict = (some: Partial<Verdict> = {}): Verdict => ({
  prefix: '10.0.0.1/32',
  neighbor: 1,
  node: 'node-1',
  bgpPeer: 'tor-1',
  verdict: 'ok',
  fields: [],
  expected: null,
  received: null,
  reasonCode: 'as-expected',
  reasonText: 'As expected.',
  evidence: [],
  overlay: null,
  rule: null,
  since: '2026-01-01T00:00:00.000000Z',
  deadline: null,
  ...some,
});

export class FakeVerdicts implements VerdictView {
  rows: Verdict[] = [];
  readonly #rib: RibView;

  constructor(rib: RibView) {
    this.#rib = rib;
  }

  summary() {
    const counts = Object.fromEntries(words.map((word) => [word, 0])) as Record<VerdictWord, number>;
    for (const row of this.rows) counts[row.verdict]++;
    return {
      verdicts: counts,
      sessions: { expected: 2, established: 1, elsewhere: 0 },
      services: { ok: 1, pending: 0, failing: 0 },
      evaluatedAt: epoch,
      emptyText: this.rows.length === 0 ? 'No manifests are configured.' : null,
    };
  }

  figures(): VerdictFigures {
    const { verdicts } = this.summary();
    const severities = { missing: 'critical', unexpected: 'warning' } as Partial<Record<VerdictWord, Severity>>;
    return {
      rows: words.map((verdict) => ({
        verdict,
        severity: severities[verdict] ?? 'none',
        count: verdicts[verdict],
      })),
      expected: new Map([[1, 2]]),
      services: new Map<string, ServiceStatus>([
        ['default/web', 'ok'],
        ['default/api', 'failing'],
      ]),
    };
  }

  groups(): VerdictGroups {
    const wrong = this.rows.filter(({ verdict }) => verdict !== 'ok');
    const groups = wrong.map(({ verdict, reasonCode, node, bgpPeer, neighbor, rule, prefix }) => ({
      ...{ verdict, reasonCode, node, bgpPeer, neighbor, rule, count: 1 },
      examples: [prefix],
    }));
    return { groups, moreGroups: 0 };
  }

  word(neighbor: number, nlri: number): VerdictWord | null {
    const prefix = this.#rib.prefixText(nlri);
    return this.rows.find((row) => row.neighbor === neighbor && row.prefix === prefix)?.verdict ?? null;
  }

  ofPrefix(prefix: string): Verdict[] {
    return this.rows.filter((row) => row.prefix === prefix);
  }

  list(filter: VerdictFilter, after: VerdictKey | undefined, limit: number) {
    const fits = this.rows.filter(
      (row) =>
        (!filter.verdict || filter.verdict.includes(row.verdict)) &&
        (filter.prefix === undefined || filter.prefix === row.prefix) &&
        (filter.neighbor === undefined || filter.neighbor === row.neighbor) &&
        (filter.node === undefined || filter.node === row.node),
    );
    const start = after ? fits.findIndex((row) => row.prefix === after.prefix && row.node === after.node) + 1 : 0;
    const rows = fits.slice(start, start + limit);
    return { rows, next: start + limit < fits.length ? rows.at(-1) : undefined };
  }
}

export class FakeQueries implements StoreQueries {
  log: StoredChange[] = [];
  oldest = 1;
  events: NeighborEventRow[] = [];
  found: FindingRow[] = [];
  stored: StoredMessage[] = [];
  past: TimelineAnswer = { rows: [], next: null };
  /** What the timeline was asked for last. */
  asked: TimelineQuery | undefined;

  async changes(query: ChangeQuery): Promise<ChangeAnswer> {
    let fits = this.log.filter(
      ({ seq, neighbor, nlri }) =>
        seq > query.since &&
        seq <= (query.until ?? Number.POSITIVE_INFINITY) &&
        (query.neighbor === undefined || neighbor === query.neighbor) &&
        (!query.nlris || query.nlris.includes(nlri)),
    );
    if (query.reverse) fits = fits.toReversed();
    fits = fits.slice(query.skip ?? 0);
    const changes = fits.slice(0, query.limit);
    const complete = fits.length <= query.limit;
    const last = changes.at(-1)?.seq ?? query.since;
    const end = complete ? (this.log.at(-1)?.seq ?? query.since) : last;
    return { changes, complete, through: query.reverse ? last - 1 : end, skip: 0, oldest: this.oldest };
  }

  async timeline(query: TimelineQuery): Promise<TimelineAnswer> {
    this.asked = query;
    return this.past;
  }

  async neighborEvents({ neighbor, before, limit }: { neighbor?: number; before?: number; limit: number }) {
    const fits = this.events.filter(
      (event) => (neighbor === undefined || event.neighbor === neighbor) && (before === undefined || event.id < before),
    );
    return fits.toSorted((a, b) => b.id - a.id).slice(0, limit);
  }

  async messages({ since, until, limit }: { since: number; until?: number; limit: number }) {
    const fits = this.stored.filter(({ seq }) => seq > since && seq <= (until ?? seq));
    return { messages: fits.slice(0, limit), through: until ?? since, complete: true };
  }

  async findings({ open, before, limit }: { open?: boolean; before?: number; limit: number }) {
    return this.found
      .filter(
        (row) => (open === undefined || (row.until === null) === open) && (before === undefined || row.id < before),
      )
      .toSorted((a, b) => b.id - a.id)
      .slice(0, limit);
  }
}

export const databaseUsage = (some: Partial<DatabaseUsage> = {}): DatabaseUsage => ({
  bytesInUse: 4096,
  bytesOnDisk: 8192,
  maxBytes: null,
  isOverBound: false,
  history: [],
  ...some,
});

export const collectorStatus = (some: Partial<CollectorStatus> = {}): CollectorStatus => ({
  version: '0.1.0',
  collector: 'rack-7',
  startedAt: epoch,
  seq: 0,
  watermark: 0,
  tablesSeq: 0,
  degraded: null,
  gaps: [],
  leftOut: [],
  threads: {
    speaker: { sessions: 1, connections: 1, refused: 0, paused: false, unacknowledgedBatches: 0, loopDelayMs: 1 },
    collector: { loopDelayMs: 1 },
    store: { queuedBatches: 0, queuedBytes: 0, lastCommitMs: 1, databaseBytes: 4096 },
  },
  strangers: { connections: 0, addresses: [] },
  tables: [{ name: 'neighbors', used: 1, max: 10_000, overflows: 0 }],
  clock: { offsetMs: 0, jumps: 0, lastJump: null },
  descriptors: { limit: 4096, text: null },
  database: databaseUsage(),
  findings: { listed: 0 },
  listening: ['127.0.0.1:1790'],
  sources: [],
  asn: 64500,
  routerId: '192.0.2.1',
  ...some,
});

/** Diagnoses that are put in. */
export class FakeDiagnoses implements DiagnosisView {
  rows: Diagnosis[] = [];
  checks: CatalogRow[] = [];
  evaluatedAt: number | null = epoch;

  list(): readonly Diagnosis[] {
    return this.rows;
  }

  catalog(): readonly CatalogRow[] {
    return this.checks;
  }

  counts() {
    const of = (severity: string) => this.rows.filter((row) => row.severity === severity).length;
    return { critical: of('critical'), warning: of('warning'), info: of('info') };
  }
}

export interface FakeDeps extends ApiDeps {
  rib: FakeRib;
  verdicts: FakeVerdicts;
  diagnoses: FakeDiagnoses;
  queries: FakeQueries;
  /** Commands that were given: `refresh 1`, `reset 1 text`. */
  commands: string[];
}

export function fakeDeps(some: Partial<ApiDeps> = {}): FakeDeps {
  const rib = new FakeRib();
  const commands: string[] = [];
  const established = (id: number) => rib.neighbors.get(id)?.state === 'established';
  return {
    http: { listen: '127.0.0.1:8080', tokens: [], public: false, cors: [] },
    feed: new Feed({ current: epochOfFakes, earlier: new Map() }),
    expectations: () => null,
    standsFor: () => true,
    resources: () => null,
    expect: frr,
    latency: { figures: () => null, subscribe: () => {} },
    processing: { subscribe: (observer) => observer(0.004) },
    l2: null,
    overlay: { view: () => ({ rules: [], file: null, updatedAt: null, problems: [] }), put: async () => {} },
    status: () => collectorStatus({ seq: rib.seq, watermark: rib.seq }),
    refresh: (id) => established(id) && commands.push(`refresh ${id}`) > 0,
    reset: (id, text) => established(id) && commands.push(`reset ${id} ${text}`) > 0,
    now: () => epoch + 60_000,
    ...some,
    rib,
    verdicts: new FakeVerdicts(rib),
    diagnoses: new FakeDiagnoses(),
    queries: new FakeQueries(),
    commands,
  };
}
