/**
 * A running Peerglass: the one place where everything is constructed, in the order in which things depend on each
 * other. Tests open it in process; `serve` opens it as a process.
 */
import module from 'node:module';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { Connections } from './api/connections.ts';
import { buildServer } from './api/server.ts';
import { JumpWatch, steadyNow } from './clock.ts';
import { StallGuard } from './collector/stall-guard.ts';
import type { CollectorStatus, SourceStatus } from './collector/status.ts';
import { splitEndpoint } from './config/units.ts';
import type { Config } from './config.ts';
import { descriptorLimit, planDescriptors, RefusedLog } from './descriptors.ts';
import { startCore } from './instance/core.ts';
import { openInputs } from './instance/inputs.ts';
import { StartError } from './instance/storage.ts';
import { libc } from './libc.ts';
import { systemClock } from './speaker/clock.ts';
import { watchHealth } from './speaker/health.ts';
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
  const statuses: SourceStatus[] = [];
  const core = startCore(config, { log, singleThread, startedAt, descriptors, statuses });
  const { collector, diagnoses, history, latency } = core;
  const inputs = await openInputs(config, core, { log, singleThread, statuses });
  const { overlay, l2 } = inputs;

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
    seq: core.rib.seq,
    watermark: core.publisher.watermark,
    ...collector.status,
    clock: clock.status,
    descriptors: { limit: descriptors.limit, text: descriptors.text },
    strangers: collector.strangers,
    tables: collector.tables,
    findings: { listed: collector.listedFindings },
    gaps: [...core.numbering.gaps, ...collector.status.gaps],
    leftOut: core.numbering.leftOut,
    threads: { ...collector.status.threads, collector: { loopDelayMs } },
    sources: statuses,
    asn: config.bgp.asn,
    routerId: config.bgp.routerId,
  });
  const app = await buildServer(
    {
      http: config.http,
      rib: core.view,
      verdicts: core.engine,
      diagnoses: diagnoses.view,
      expectations: () => collector.expectations,
      standsFor: (bgpPeer) => core.ownPeers.has(bgpPeer),
      resources: inputs.resources,
      expect: config.expect,
      overlay,
      l2: l2?.view ?? null,
      queries: core.reader,
      latency,
      processing: core.processing,
      feed: core.feed,
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
    inputs.closeSources();
    history.close();
    collector.close();
    await overlay.close();
    await core.stopSpeaker(text);
    await l2?.stop();
    await app.close();
    await core.stopStorage();
  };
  const { address: host, port } = splitEndpoint(config.http.listen)!;
  try {
    await core.listening;
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
