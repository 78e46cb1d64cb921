/**
 * Everything that works without a source of expectations or an API: the speaker's messages become routes in the RIB,
 * verdicts, diagnoses and rows of the database.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { steadyNow } from '../clock.ts';
import { Collector } from '../collector/collector.ts';
import { Diagnoses } from '../collector/diagnoses.ts';
import { continueFrom } from '../collector/earlier.ts';
import { ExpectationHistory } from '../collector/history.ts';
import { Inbox } from '../collector/inbox.ts';
import { Latency } from '../collector/latency.ts';
import { OwnPeers } from '../collector/own-peers.ts';
import { Processing } from '../collector/processing.ts';
import { FeedPublisher } from '../collector/publisher.ts';
import { whyNothing } from '../collector/sources.ts';
import type { SourceStatus } from '../collector/status.ts';
import type { Config } from '../config.ts';
import type { DescriptorPlan } from '../descriptors.ts';
import { Feed } from '../feed.ts';
import { libc } from '../libc.ts';
import { createCalculator } from '../metallb/calculator.ts';
import { Rib } from '../rib/rib.ts';
import { LiveRib } from '../rib/view.ts';
import { startSpeaker } from '../speaker/client.ts';
import { startStore } from '../store/client.ts';
import { expectationRows } from '../store/database-size.ts';
import { damaged } from '../store/files.ts';
import { startReader } from '../store/reader.ts';
import { VerdictEngine } from '../verdicts/engine.ts';
import { version } from '../version.ts';
import { comeBack, StartError } from './storage.ts';

/** Grace by mode, ms: how long a speaker takes for its debounce, FRR's reload and the route-map delay. */
const graceByMode = { native: 5_000, frr: 15_000, 'frr-k8s': 20_000 } as const;

export type Core = ReturnType<typeof startCore>;

/** Continues from the database and starts the speaker. Throws StartError when the database cannot be used. */
export function startCore(
  config: Config,
  context: {
    log: Logger;
    singleThread: boolean;
    startedAt: number;
    descriptors: DescriptorPlan;
    statuses: readonly SourceStatus[];
  },
) {
  const { log, singleThread, startedAt, descriptors, statuses } = context;
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
  return {
    rib,
    view,
    engine,
    feed,
    publisher,
    collector,
    ownPeers,
    diagnoses,
    latency,
    processing,
    history,
    calculator,
    reader,
    numbering,
    /** Resolves when the speaker listens for BGP; rejects with StartError when it cannot. */
    listening: listening.promise,
    async stopSpeaker(text: string) {
      await speaker.stop(text);
      inbox.flush();
    },
    /** Writes what is queued and gives the data folder back. */
    async stopStorage() {
      await reader.stop();
      await collector.drain();
      await store.stop();
      lock.release();
    },
  };
}
