/**
 * Prometheus metrics `peerglass_*`, read from the views when they are asked for. The label `peer` is a bare address;
 * `neighbor` (the id) tells several sessions of one address apart.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { canonicalAddress } from '../ip.ts';
import type { Neighbor } from '../rib/types.ts';
import type { Connections } from './connections.ts';
import type { ApiDeps } from './deps.ts';
import { limits } from './limits.ts';
import { SessionState } from './schemas.ts';
import type { Clients } from './stream/clients.ts';

export interface Metrics {
  contentType: string;
  text(): Promise<string>;
}

type Labels = Record<string, string | number>;
/** Sets one sample. */
type Sample = (labels: Labels, value: number) => void;

/** How a metric is read: every sample of it, anew at each scrape. */
interface MetricRow {
  name: string;
  help: string;
  labels: string[];
  /** Only ever goes up. */
  counter?: true;
  read(sample: Sample, deps: ApiDeps, clients: Clients, connections: Connections): void;
}

export function createMetrics(deps: ApiDeps, clients: Clients, connections: Connections): Metrics {
  const registry = new Registry();
  for (const { name, help, labels, counter, read } of [
    ...neighborRows,
    ...admissionRows,
    ...verdictRows,
    ...l2Rows,
    ...collectorRows,
  ]) {
    const options = { name: `peerglass_${name}`, help, labelNames: labels, registers: [registry] };
    if (counter)
      new Counter({
        ...options,
        collect() {
          this.reset();
          read((sampled, value) => this.inc(sampled, value), deps, clients, connections);
        },
      });
    else
      new Gauge({
        ...options,
        collect() {
          this.reset();
          read((sampled, value) => this.set(sampled, value), deps, clients, connections);
        },
      });
  }
  measureLatency(deps, registry);
  measureProcessing(deps, registry);
  // scrapes at the same time share one text, which is long when there are many neighbors
  let running: Promise<string> | undefined;
  return {
    contentType: registry.contentType,
    text: () =>
      (running ??= registry.metrics().finally(() => {
        running = undefined;
      })),
  };
}

/** Seconds; the last is how long an UPDATE is waited for. */
const latencyBuckets = [0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 20, 30, 60, 120, 300];

/** The two metrics that are not read when they are asked for: what speakers do is counted as they do it. */
function measureLatency({ latency }: ApiDeps, registry: Registry): void {
  const options = { labelNames: ['node'], buckets: latencyBuckets, registers: [registry] };
  const histograms = {
    advertise: new Histogram({
      ...options,
      name: 'peerglass_time_to_advertise_seconds',
      help: 'Time from the object change that makes a route expected to the UPDATE that announces it',
    }),
    withdraw: new Histogram({
      ...options,
      name: 'peerglass_time_to_withdraw_seconds',
      help: 'Time from the object change that ends the expectation of a route to the UPDATE that withdraws it',
    }),
  };
  const nodes = new Set<string>();
  latency.subscribe((kind, node, seconds) => {
    if (nodes.size < limits.nodeSeries) nodes.add(node);
    histograms[kind].observe({ node: nodes.has(node) ? node : 'other' }, seconds);
  });
}

/** Of turns with changes: ordinarily a batch waits some milliseconds; more means that the collector is late. */
function measureProcessing({ processing }: ApiDeps, registry: Registry): void {
  const histogram = new Histogram({
    name: 'peerglass_update_processing_seconds',
    help: 'Time from the arrival of an UPDATE at the socket until its routes are in the table',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  processing.subscribe((seconds) => histogram.observe(seconds));
}

const peer = ['neighbor', 'peer'];
const peerLabels = ({ id, remoteAddress }: Neighbor): Labels => ({
  neighbor: id,
  peer: canonicalAddress(remoteAddress) ?? remoteAddress,
});

/** A row with one or more samples per neighbor. */
function perNeighbor(
  row: Omit<MetricRow, 'read'>,
  read: (sample: Sample, neighbor: Neighbor, labels: Labels, deps: ApiDeps) => void,
): MetricRow {
  return {
    ...row,
    read(sample, deps) {
      for (const neighbor of deps.rib.neighbors.values()) read(sample, neighbor, peerLabels(neighbor), deps);
    },
  };
}

const neighborRows: MetricRow[] = [
  perNeighbor(
    { name: 'peer_up', help: '1 when the session is established', labels: [...peer, 'peer_as', 'node', 'local_as'] },
    (sample, { asn, localAsn, node, state }, labels) =>
      sample(
        { ...labels, peer_as: asn ?? '', local_as: localAsn ?? '', node: node ?? '' },
        Number(state === 'established'),
      ),
  ),
  perNeighbor(
    { name: 'peer_state', help: '1 for the current state of the session', labels: [...peer, 'state'] },
    (sample, neighbor, labels) => {
      for (const state of SessionState.options) sample({ ...labels, state }, Number(neighbor.state === state));
    },
  ),
  perNeighbor(
    { name: 'peer_uptime_seconds', help: 'Time since the session was established; 0 if it is not', labels: peer },
    (sample, { state, establishedAt }, labels, { now }) =>
      sample(labels, state === 'established' && establishedAt !== null ? (now() - establishedAt) / 1000 : 0),
  ),
  perNeighbor(
    { name: 'peer_flaps_total', help: 'How often the session left the established state', labels: peer, counter: true },
    (sample, { flaps }, labels) => sample(labels, flaps),
  ),
  perNeighbor(
    {
      name: 'peer_last_down_info',
      help: 'Reason of the last end of the session',
      labels: [...peer, 'reason', 'code', 'subcode'],
    },
    (sample, { lastDown }, labels) => {
      if (!lastDown) return;
      const { code = '', subcode = '' } = lastDown.notification ?? {};
      sample({ ...labels, reason: lastDown.code, code, subcode }, 1);
    },
  ),
  perNeighbor(
    { name: 'peer_synced', help: '1 when the initial table is complete', labels: peer },
    (sample, { synced }, labels) => sample(labels, Number(synced)),
  ),
  perNeighbor(
    { name: 'peer_prefixes', help: 'Routes in the table', labels: [...peer, 'afi', 'safi', 'status'] },
    (sample, { routes: { ipv4, ipv6, stale } }, labels) => {
      sample({ ...labels, afi: 'ipv4', safi: 'unicast', status: 'received' }, ipv4);
      sample({ ...labels, afi: 'ipv6', safi: 'unicast', status: 'received' }, ipv6);
      sample({ ...labels, afi: 'all', safi: 'unicast', status: 'stale' }, stale);
    },
  ),
  perNeighbor(
    { name: 'messages_total', help: 'BGP messages', labels: [...peer, 'direction', 'type'], counter: true },
    (sample, { counters }, labels) => {
      const received = { ...labels, direction: 'received' };
      sample({ ...received, type: 'update' }, counters.updates);
      sample({ ...received, type: 'notification' }, counters.notifications);
      sample({ ...received, type: 'route-refresh' }, counters.routeRefresh);
    },
  ),
  perNeighbor(
    { name: 'update_errors_total', help: 'Malformed UPDATEs (RFC 7606)', labels: peer, counter: true },
    (sample, { counters }, labels) => sample(labels, counters.malformed),
  ),
  perNeighbor(
    {
      name: 'refused_connections_total',
      help: 'Connections that ended before an OPEN',
      labels: peer,
      counter: true,
    },
    (sample, { counters }, labels) => sample(labels, counters.refused),
  ),
];

const tableLabels = ['table'];
const admissionRows: MetricRow[] = [
  {
    name: 'stranger_connections_total',
    help: 'Connections from addresses without a configured neighbor',
    labels: [],
    counter: true,
    read: (sample, { status }) => sample({}, status().strangers.connections),
  },
  {
    name: 'table_entries',
    help: 'Entries of tables with a maximum size',
    labels: tableLabels,
    read(sample, { status }) {
      for (const { name, used } of status().tables) sample({ table: name }, used);
    },
  },
  {
    name: 'table_max_entries',
    help: 'Maximum number of entries of a table',
    labels: tableLabels,
    read(sample, { status }) {
      for (const { name, max } of status().tables) sample({ table: name }, max);
    },
  },
  {
    name: 'table_overflows_total',
    help: 'How often the table was full',
    labels: tableLabels,
    counter: true,
    read(sample, { status }) {
      for (const { name, overflows } of status().tables) sample({ table: name }, overflows);
    },
  },
];

const verdictRows: MetricRow[] = [
  {
    name: 'checks',
    help: 'Verdicts by verdict and severity',
    labels: ['verdict', 'severity'],
    read(sample, { verdicts }) {
      for (const { verdict, severity, count } of verdicts.figures().rows) sample({ verdict, severity }, count);
    },
  },
  {
    name: 'expected_prefixes',
    help: 'Routes expected from a neighbor',
    labels: peer,
    read(sample, { verdicts, rib }) {
      const { expected } = verdicts.figures();
      for (const neighbor of rib.neighbors.values()) sample(peerLabels(neighbor), expected.get(neighbor.id) ?? 0);
    },
  },
  {
    name: 'service_verified',
    help: `1 when every expected route of the service is ok, 0 when one is not or cannot be told; at most ${limits.prefixSeries}`,
    labels: ['namespace', 'service'],
    read(sample, { verdicts }) {
      let room = limits.prefixSeries;
      for (const [name, status] of verdicts.figures().services) {
        if (room-- === 0) return;
        const [namespace = '', service = ''] = name.split('/');
        sample({ namespace, service }, Number(status === 'ok'));
      }
    },
  },
  {
    name: 'overlay_rules',
    help: 'Overlay rules: in effect, or expired and to be renewed or removed',
    labels: ['rule', 'state'],
    read(sample, { overlay, now }) {
      const counts = new Map<string, number>();
      for (const { rule, expired, replaced } of overlay.view(now()).rules) {
        const key = JSON.stringify({ rule: rule.rule, state: expired ? 'expired' : 'in-force' });
        if (!replaced) counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      for (const rule of ['must', 'must-not', 'ignore'])
        for (const state of ['in-force', 'expired'])
          sample({ rule, state }, counts.get(JSON.stringify({ rule, state })) ?? 0);
    },
  },
  {
    name: 'expected_sessions',
    help: "Sessions that the cluster's objects ask for",
    labels: [],
    read: (sample, { verdicts }) => sample({}, verdicts.summary().sessions.expected),
  },
  {
    name: 'services',
    help: 'Services by the state of their routes',
    labels: ['status'],
    read(sample, { verdicts }) {
      for (const [status, count] of Object.entries(verdicts.summary().services)) sample({ status }, count);
    },
  },
  {
    name: 'diagnoses',
    help: 'Diagnoses found',
    labels: ['code', 'severity'],
    read(sample, { diagnoses }) {
      for (const { code, severity: usual, foundBySeverity } of diagnoses.catalog())
        for (const [severity, found] of Object.entries(foundBySeverity))
          if (found > 0 || severity === usual) sample({ code, severity }, found);
    },
  },
  prefixRow('prefix_expected', '1 when the prefix should be announced', ({ expected }) => expected !== null),
  prefixRow('prefix_received', '1 when the prefix is announced', ({ received }) => received !== null),
  {
    name: 'prefix_series_dropped',
    help: `Verdicts that prefix_expected and prefix_received leave out: they stop at ${limits.prefixSeries}`,
    labels: [],
    read(sample, { verdicts }) {
      const rows = Object.values(verdicts.summary().verdicts).reduce((sum, count) => sum + count, 0);
      sample({}, Math.max(0, rows - limits.prefixSeries));
    },
  },
];

/** Explicit zeros: an alert on `== 0` does not see a series that is not there. */
function prefixRow(
  name: string,
  help: string,
  isSo: (verdict: { expected: unknown; received: unknown }) => boolean,
): MetricRow {
  return {
    name,
    help,
    labels: ['node', 'bgp_peer', 'neighbor', 'prefix'],
    read(sample, { verdicts }) {
      for (const verdict of verdicts.list({}, undefined, limits.prefixSeries).rows) {
        const { node, bgpPeer, neighbor, prefix, rule } = verdict;
        if (rule !== null) continue; // a rule's own row is about no session
        const labels = { node: node ?? '', bgp_peer: bgpPeer ?? '', neighbor: neighbor ?? '', prefix };
        sample(labels, Number(isSo(verdict)));
      }
    },
  };
}

/** A gauge without labels. */
const plain = (name: string, help: string, value: (deps: ApiDeps, clients: Clients) => number): MetricRow => ({
  name,
  help,
  labels: [],
  read: (sample, deps, clients) => sample({}, value(deps, clients)),
});

const l2Rows: MetricRow[] = [
  {
    name: 'l2_services',
    help: 'Service addresses on layer 2 by verdict; absent if layer 2 is not watched',
    labels: ['verdict'],
    read(sample, { l2 }) {
      for (const [verdict, count] of Object.entries(l2?.counts() ?? {})) sample({ verdict }, count);
    },
  },
];

const collectorRows: MetricRow[] = [
  {
    name: 'build_info',
    help: 'Version',
    labels: ['version', 'collector'],
    read(sample, { status }) {
      const { version, collector } = status();
      sample({ version, collector }, 1);
    },
  },
  plain('routes', 'Routes in the table', ({ rib }) => rib.routeCount),
  plain('prefixes', 'Prefixes in the table', ({ rib }) => rib.prefixCount),
  plain('attribute_sets', 'Distinct attribute sets', ({ rib }) => rib.attributeSetCount),
  plain('seq', 'Highest record applied', ({ rib }) => rib.seq),
  plain('durable_seq', 'Highest record that is durable', ({ status }) => status().watermark),
  plain('degraded', '1 when something does not work as it should', ({ status }) => Number(status().degraded !== null)),
  plain('db_size_bytes', 'Size of the database', ({ status }) => status().threads.store.databaseBytes),
  plain('db_write_seconds', 'Duration of the last commit', ({ status }) => status().threads.store.lastCommitMs / 1000),
  plain('db_queued_bytes', 'Waiting to be stored', ({ status }) => status().threads.store.queuedBytes),
  plain('ws_clients', 'Live clients', (_, clients) => clients.size),
  {
    name: 'http_connections',
    help: 'Connections of HTTP clients',
    labels: [],
    read: (sample, _, _clients, { size }) => sample({}, size),
  },
  {
    name: 'connections_refused_total',
    help: 'Connections reset because of too many connections',
    labels: ['server'],
    counter: true,
    read(sample, { status }, _, { refused }) {
      sample({ server: 'bgp' }, status().threads.speaker.refused);
      sample({ server: 'http' }, refused);
    },
  },
  {
    name: 'event_loop_delay_seconds',
    help: 'Event loop delay of a thread',
    labels: ['thread'],
    read(sample, { status }) {
      const { speaker, collector } = status().threads;
      sample({ thread: 'speaker' }, speaker.loopDelayMs / 1000);
      sample({ thread: 'collector' }, collector.loopDelayMs / 1000);
    },
  },
  {
    name: 'ws_dropped_total',
    help: 'Messages dropped for slow live clients',
    labels: ['reason'],
    counter: true,
    read(sample, _, clients) {
      for (const [reason, count] of Object.entries(clients.dropped)) sample({ reason }, count);
    },
  },
  {
    name: 'cr_cache_synced',
    help: '1 when a source of expectations has been read',
    labels: ['source'],
    read(sample, { status }) {
      for (const { name, synced } of status().sources) sample({ source: name }, Number(synced));
    },
  },
  {
    name: 'source_kind_synced',
    help: '1 when a kind of object is read from a cluster, 0 when it cannot be read; absent kinds of the cluster are omitted',
    labels: ['source', 'kind'],
    read(sample, { status }) {
      for (const { name, kinds } of status().sources)
        for (const { kind, state } of kinds ?? [])
          if (state !== 'absent') sample({ source: name, kind }, Number(state === 'synced'));
    },
  },
  {
    name: 'source_age_seconds',
    help: 'Time since the objects of a source were last confirmed',
    labels: ['source'],
    read(sample, { status, now }) {
      for (const { name, readAt } of status().sources)
        if (readAt !== null) sample({ source: name }, (now() - readAt) / 1000);
    },
  },
];
