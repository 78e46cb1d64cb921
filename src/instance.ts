/**
 * A running Peerglass: the one place where everything is constructed, in the order in which things depend on each
 * other. Tests open it in process; `serve` opens it as a process.
 */

import { mkdirSync } from 'node:fs';
import module from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Connections } from './api/connections.ts';
import { buildServer } from './api/server.ts';
import { JumpWatch, steadyNow } from './clock.ts';
import { Collector } from './collector/collector.ts';
import { Diagnoses } from './collector/diagnoses.ts';
import { continueFrom } from './collector/earlier.ts';
import { ExpectationHistory } from './collector/history.ts';
import { Inbox } from './collector/inbox.ts';
import { Latency } from './collector/latency.ts';
import { watchOverlay } from './collector/overlay.ts';
import { OwnPeers } from './collector/own-peers.ts';
import { Processing } from './collector/processing.ts';
import { FeedPublisher } from './collector/publisher.ts';
import { watchSources, whyNothing } from './collector/sources.ts';
import { StallGuard } from './collector/stall-guard.ts';
import type { CollectorStatus, SourceStatus } from './collector/status.ts';
import { splitEndpoint } from './config/units.ts';
import type { Config } from './config.ts';
import { descriptorLimit, planDescriptors, RefusedLog } from './descriptors.ts';
import { Feed } from './feed.ts';
import { comeBack, StartError } from './instance/storage.ts';
import { openL2 } from './l2/open.ts';
import { libc } from './libc.ts';
import { createCalculator } from './metallb/calculator.ts';
import type { Resources } from './metallb/objects/resources.ts';
import { Rib } from './rib/rib.ts';
import { LiveRib } from './rib/view.ts';
import { startSpeaker } from './speaker/client.ts';
import { systemClock } from './speaker/clock.ts';
import { watchHealth } from './speaker/health.ts';
import { startStore } from './store/client.ts';
import { expectationRows } from './store/database-size.ts';
import { damaged } from './store/files.ts';
import { startReader } from './store/reader.ts';
import { VerdictEngine } from './verdicts/engine.ts';
import { version } from './version.ts';

export interface Instance {
  /** Base URL of the API and the page. */
  url: string;
  status: () => CollectorStatus;
  /** Takes over what can change while running: neighbors. */
  reload(config: Config): void;
  /** NOTIFICATION Cease with `text` to every neighbor, then everything is written and closed. */
  close(text: string): Promise<void>;
}

/** Grace by mode, ms: metallb.md's timing of debounce, reload and route-map delay. */
const graceByMode = { native: 5_000, frr: 15_000, 'frr-k8s': 20_000 } as const;
const tickMs = 250;
const pageFolder = new URL('../web/dist/', import.meta.url).pathname;

/** Starts everything and resolves when BGP and HTTP listen. Throws StartError, with nothing left running. */
export async function openInstance(
  config: Config,
  { log, singleThread }: { log: Logger; singleThread: boolean },
): Promise<Instance> {
  const startedAt = steadyNow();
  const clock = new JumpWatch();
  const descriptors = planDescriptors(descriptorLimit());
  if (descriptors.text !== null) log.warn({ event: 'process.low-limit', limit: descriptors.limit }, descriptors.text);
  const file = join(config.data, 'peerglass.db');
  const rib = new Rib();
  const { maxBytes } = config.retention;
  const { restored, numbering, epochs, past, lock, database } = comeBack(file, rib, startedAt, maxBytes);
  const seqAtStart = rib.seq;

  const view = new LiveRib(rib);
  const feed = new Feed(epochs);
  feed.seq = seqAtStart;
  const publisher = new FeedPublisher(feed, (work, delayMs) => setTimeout(work, delayMs));
  publisher.watermark = seqAtStart;
  const graceMs = config.expect.grace === 'auto' ? graceByMode[config.expect.mode] : config.expect.grace;
  const statuses: SourceStatus[] = [];
  const engine = new VerdictEngine({
    rib: view,
    now: steadyNow,
    graceMs: () => graceMs,
    emptyText: (elsewhere) => (elsewhere > 0 ? collector.whyNoneIsOurs() : whyNothing(config.expect, statuses)),
    restoreMs: config.bgp.restoreTime,
    standsFor: (bgpPeer) => ownPeers.has(bgpPeer),
  });
  const ownPeers = new OwnPeers({ named: config.expect.bgpPeers });
  const store = startStore({
    file,
    collector: config.collector,
    retention: { maxAgeMs: config.retention.journal, maxBytes },
    seq: seqAtStart,
    now: steadyNow,
    onMessage: (message) => collector.onStore(message),
    async prepare() {
      // a reader of the database that was here keeps its log and its index in use
      await reader.stop();
      mkdirSync(config.data, { recursive: true });
      lock.renew();
    },
  });
  const reader = startReader(file, (code, text) => {
    const { code: name, text: what } = damaged(file, config.data, `${code}: ${text}`);
    collector.onReadFailure(name, what);
  });
  const listening = Promise.withResolvers<void>();
  // it may fail before anybody waits for it
  listening.promise.catch(() => {});
  const inbox = new Inbox({
    take: (message) => collector.onSpeaker(message),
    routesOf(session) {
      const { ipv4, ipv6 } = rib.neighbors.session(session)?.neighbor.routes ?? { ipv4: 0, ipv6: 0 };
      return ipv4 + ipv6;
    },
    schedule: setImmediate,
  });
  const speaker = startSpeaker({
    config: {
      listen: config.bgp.listen,
      asn: config.bgp.asn,
      routerId: config.bgp.routerId,
      hostname: config.collector,
      softwareVersion: `Peerglass/${version}`,
      neighbors: config.bgp.neighbors,
      holdTime: config.bgp.holdTime,
      maxConnections: descriptors.maxBgpConnections,
      firstSession: restored.firstSession,
    },
    singleThread,
    onMessage(message) {
      if (message.kind === 'listening') listening.resolve();
      else if (message.kind === 'failed') listening.reject(new StartError(message.text));
      inbox.push(message);
    },
  });
  const diagnoses = new Diagnoses({
    facts: { rib: view, verdicts: engine, options: config.expect, graceMs },
    own: config.bgp,
    strangers: () => collector.strangers.addresses,
    log,
    now: steadyNow,
    schedule: setImmediate,
  });
  const latency = new Latency({
    neighbor: (id) => rib.neighbors.byId.get(id),
    prefixText: (nlri) => view.prefixText(nlri),
    isBehind: () => history.waiting > 0,
  });
  const { calculator, earlier } = continueFrom(() => createCalculator(config.expect), past, version);
  const history = new ExpectationHistory({
    post: (command) => collector.record(command),
    now: steadyNow,
    schedule: setImmediate,
    restored: past,
    earlier,
    form: version,
    onDifference: (difference, prefixes, at) => latency.await(difference, prefixes, at),
  });
  const processing = new Processing(steadyNow);
  const collector = new Collector({
    rib,
    engine,
    publisher,
    store,
    speaker,
    log,
    now: steadyNow,
    times: { quietMs: config.bgp.quietTime, restoreMs: config.bgp.restoreTime, forgetMs: config.retention.journal },
    identity: config.bgp,
    ownPeers,
    firstFinding: restored.firstFinding,
    maxExpectationRows: expectationRows(maxBytes),
    database,
    schedule: setImmediate,
    onRewrite: () => history.rewrite(),
    onApplied(applied) {
      diagnoses.applied(applied);
      latency.routesChanged(applied);
      processing.applied(applied);
    },
    onFreed: ({ sets }) => view.freed(sets),
    trimHeap: () => libc?.trimHeap(),
  });
  collector.start(restored.behind);
  const l2 = config.l2 && openL2({ config: config.l2, grace: config.expect.grace, singleThread, log, now: steadyNow });
  const overlay = await watchOverlay({
    file: config.expect.overlay,
    folder: config.data,
    log,
    now: steadyNow,
    statuses,
    onRules(rules) {
      collector.setOverlay(rules);
      history.rulesChanged(rules);
    },
  });
  history.startRules(overlay.rules);
  let resources: Resources | null = null;
  const sources = await watchSources({
    expect: config.expect,
    userAgent: `Peerglass/${version}`,
    log,
    now: steadyNow,
    statuses,
    calculator,
    onExpectations({ table, change, ...read }) {
      resources = read.resources;
      history.update({ table, change, resources: read.resources });
      collector.setExpectations(table, change);
      diagnoses.observed(read.resources, table);
      l2?.setExpectations(table);
    },
  });
  const connections = new Connections(descriptors.maxHttpConnections);
  const refusedLog = new RefusedLog(log);
  const guard = new StallGuard(steadyNow());
  const ticker = setInterval(() => {
    const byMs = clock.look(steadyNow());
    if (byMs !== undefined) log.warn({ event: 'clock.set', byMs: Math.round(byMs) }, 'wall clock set');
    if (guard.mayDecide(steadyNow())) {
      overlay.tick();
      collector.tick();
      diagnoses.tick();
      latency.settle();
      l2?.tick();
    }
    refusedLog.tick(performance.now(), { bgp: collector.status.threads.speaker.refused, http: connections.refused });
  }, tickMs);
  let loopDelayMs = 0;
  const endHealth = watchHealth(systemClock(), (ms) => {
    loopDelayMs = ms;
  });

  const status = (): CollectorStatus => ({
    version,
    collector: config.collector,
    startedAt,
    seq: rib.seq,
    watermark: publisher.watermark,
    ...collector.status,
    clock: clock.status,
    descriptors: { limit: descriptors.limit, text: descriptors.text },
    strangers: collector.strangers,
    tables: collector.tables,
    findings: { listed: collector.listedFindings },
    gaps: [...numbering.gaps, ...collector.status.gaps],
    leftOut: numbering.leftOut,
    threads: { ...collector.status.threads, collector: { loopDelayMs } },
    sources: statuses,
    asn: config.bgp.asn,
    routerId: config.bgp.routerId,
  });
  const app = await buildServer(
    {
      http: config.http,
      rib: view,
      verdicts: engine,
      diagnoses: diagnoses.view,
      expectations: () => collector.expectations,
      standsFor: (bgpPeer) => ownPeers.has(bgpPeer),
      resources: () => resources,
      expect: config.expect,
      overlay,
      l2: l2?.view ?? null,
      queries: reader,
      latency,
      processing,
      feed,
      status,
      refresh: (id) => collector.refresh(id),
      reset: (id, text) => collector.reset(id, text),
      now: steadyNow,
    },
    { logger: log, page: pageFolder, connections },
  );
  const close = async (text: string) => {
    clearInterval(ticker);
    endHealth();
    sources.close();
    history.close();
    collector.close();
    await overlay.close();
    await speaker.stop(text);
    inbox.flush();
    await l2?.stop();
    await app.close();
    await reader.stop();
    await collector.drain();
    await store.stop();
    lock.release();
  };
  const { address: host, port } = splitEndpoint(config.http.listen)!;
  try {
    await listening.promise;
    const files = `configuration ${config.file ?? 'embedded defaults'}, data ${config.data}`;
    await app.listen({ host, port, listenTextResolver: (url) => `Peerglass ${version}: ${url}, ${files}` });
  } catch (error) {
    await close('Peerglass could not start');
    throw error instanceof StartError
      ? error
      : new StartError(`http.listen ${config.http.listen}: ${(error as Error).message}`);
  }
  const { address, port: bound } = app.server.address() as AddressInfo;
  const url = `http://${address.includes(':') ? `[${address}]` : address}:${bound}`;
  module.flushCompileCache();
  // the start leaves 6 MiB of freed memory behind
  libc?.trimHeap();

  return {
    url,
    status,
    reload({ bgp }) {
      collector.configure(bgp);
      diagnoses.configure(bgp.neighbors);
    },
    close,
  };
}
