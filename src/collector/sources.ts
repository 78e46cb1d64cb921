/**
 * From the sources of the configuration to expectations. Manifests and a cluster are taken together: what both have
 * counts as the cluster has it, since that is what the speakers go by. Nothing is expected before every source was
 * read once: half of what is meant would make the other half look wrong.
 */
import type { Logger } from 'pino';
import type { KubernetesOptions } from '../kubernetes/source.ts';
import { type Calculator, createCalculator } from '../metallb/calculator.ts';
import { allExpectations, type ExpectationChange } from '../metallb/expectations/expectation-change.ts';
import type { ExpectationTable } from '../metallb/expectations/table.ts';
import { assembleResources } from '../metallb/objects/read.ts';
import type { Resources } from '../metallb/objects/resources.ts';
import type { ExpectOptions } from '../metallb/types.ts';
import { openManifests } from './manifests.ts';
import type { ExpectationSource } from './source.ts';
import type { SourceStatus } from './status.ts';

export interface SourcesOptions {
  expect: ExpectOptions & { manifests: readonly string[]; kubernetes: KubernetesOptions | null };
  /** Who asks, for the API server's audit log. */
  userAgent: string;
  log: Logger;
  /** epoch ms */
  now: () => number;
  /** Gets a row for each source; part of `/status`. */
  statuses: SourceStatus[];
  /** Goes on from what an earlier run left; left out, from nothing. */
  calculator?: Calculator;
  /** Each new state. */
  onExpectations: (expectations: Expectations) => void;
}

/** One cluster state, what is expected because of it, and what was before. */
export interface Expectations {
  table: ExpectationTable;
  change: ExpectationChange;
  resources: Resources;
  /** null = the first state. Objects that did not change are the same (===) in both. */
  previous: Resources | null;
  /** Names of the sources that have changed. */
  sources: readonly string[];
}

export interface Sources {
  close(): void;
}

/**
 * Reads and watches what `expect` names; resolves when the manifests were looked at, whatever came of it. A cluster is
 * not waited for.
 */
export async function watchSources({
  expect,
  userAgent,
  log,
  now,
  statuses,
  calculator = createCalculator(expect),
  onExpectations,
}: SourcesOptions): Promise<Sources> {
  const sources: ExpectationSource[] = [];
  const changed = new Set<string>();
  let resources: Resources | null = null;
  let isOpening = true;

  const evaluate = () => {
    if (isOpening || changed.size === 0 || !sources.every(({ status }) => status.synced)) return;
    const previous = resources;
    // of two with the same name the later one counts: the cluster comes last
    resources = assembleResources(
      sources.flatMap(({ results }) => [...results]),
      previous ?? undefined,
    );
    const { table, change } = calculator.update(resources);
    const names = [...changed];
    changed.clear();
    for (const source of sources) source.judged(table.refusals);
    // to everybody else the first state is new, whatever the calculator knew before it
    const whole = previous === null ? allExpectations : change;
    onExpectations({ table, change: whole, resources, previous, sources: names });
  };
  const onChange = (name: string) => {
    changed.add(name);
    evaluate();
  };

  if (expect.manifests.length > 0) {
    const name = expect.manifests.join(', ');
    sources.push(await openManifests({ paths: expect.manifests, log, now, onChange: () => onChange(name) }));
  }
  if (expect.kubernetes) {
    const { kubernetes, namespace } = expect;
    // loaded only for a cluster: its HTTPS client is large
    const { clusterName, openCluster } = await import('./cluster.ts');
    const name = clusterName(kubernetes);
    sources.push(openCluster({ kubernetes, namespace, userAgent, log, onChange: () => onChange(name) }));
  }
  statuses.push(...sources.map(({ status }) => status));
  isOpening = false;
  evaluate();
  return {
    close() {
      for (const source of sources) source.close();
    },
  };
}

/** Why nothing is expected (yet). */
export function whyNothing(
  { manifests, kubernetes }: Pick<SourcesOptions['expect'], 'manifests' | 'kubernetes'>,
  statuses: readonly SourceStatus[],
): string {
  if (manifests.length === 0 && kubernetes === null)
    return 'No source is configured, so nothing is expected: set expect.manifests to a file or directory, or expect.kubernetes.';
  const source = statuses.find(({ synced, kind }) => !synced && kind !== 'overlay');
  if (!source) return 'The objects are being read.';
  const why = source.problems[0]?.text;
  return why === undefined
    ? `Nothing is expected yet: ${source.name} is being read.`
    : `Nothing is expected yet, since ${source.name} could not be read so far: ${why}`;
}
