/** What the core is compared with: the overlay, manifests and the cluster, and layer 2. */
import type { Logger } from 'pino';
import { steadyNow } from '../clock.ts';
import { watchOverlay } from '../collector/overlay.ts';
import { watchSources } from '../collector/sources.ts';
import type { SourceStatus } from '../collector/status.ts';
import type { Config } from '../config.ts';
import { openL2 } from '../l2/open.ts';
import type { Resources } from '../metallb/objects/resources.ts';
import { version } from '../version.ts';
import type { Core } from './core.ts';

/** Reads and watches what the configuration names, and tells the core of every change. */
export async function openInputs(
  { expect, l2: l2Config, data }: Config,
  { collector, history, calculator, diagnoses }: Core,
  { log, singleThread, statuses }: { log: Logger; singleThread: boolean; statuses: SourceStatus[] },
) {
  const l2 = l2Config && openL2({ config: l2Config, grace: expect.grace, singleThread, log, now: steadyNow });
  const overlay = await watchOverlay({
    file: expect.overlay,
    folder: data,
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
    expect,
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
  return {
    overlay,
    l2,
    /** The objects of the last state; null before the first. */
    resources: () => resources,
    closeSources: () => sources.close(),
  };
}
