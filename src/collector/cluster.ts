/** A live cluster as a source. */
import type { Logger } from 'pino';
import type { ClusterOptions } from '../kubernetes/client.ts';
import { ClusterSource, type KubernetesOptions } from '../kubernetes/source.ts';
import type { ReadResult } from '../metallb/objects/read.ts';
import { type ExpectationSource, refusalProblem, SourceProblems } from './source.ts';
import type { SourceStatus } from './status.ts';

export interface OpenClusterOptions {
  kubernetes: KubernetesOptions;
  /** MetalLB's own. */
  namespace: string;
  userAgent: string;
  log: Logger;
  onChange: () => void;
}

/** Starts to watch the cluster; what comes of it, whenever that is, is in the source's status. */
export function openCluster({
  kubernetes,
  namespace,
  userAgent,
  log,
  onChange,
}: OpenClusterOptions): ExpectationSource {
  let results: readonly ReadResult[] = [];
  let cluster: ClusterSource | undefined;
  const status: SourceStatus = {
    name: clusterName(kubernetes),
    kind: 'kubernetes',
    synced: false,
    get readAt() {
      return cluster?.knownAt ?? null;
    },
    objects: 0,
    problems: [],
    get kinds() {
      return cluster?.kinds ?? [];
    },
  };
  const problems = new SourceProblems(status, log);
  cluster = new ClusterSource({
    kubernetes,
    namespace,
    userAgent,
    onSnapshot(read) {
      results = read;
      status.objects = read.reduce((sum, { object }) => sum + Number(object !== undefined), 0);
      if (!status.synced) log.info({ event: 'cr.sync', objects: status.objects }, `read ${status.objects} objects`);
      status.synced = true;
      onChange();
    },
    onStatus() {
      if (cluster)
        problems.set(
          'gone',
          cluster.problems.map((text) => ({ file: status.name, text })),
        );
    },
  });
  return {
    status,
    get results() {
      return results;
    },
    judged(refusals) {
      const own = refusals.filter(({ object }) => object.file === undefined);
      problems.set('refused', own.map(refusalProblem));
    },
    close: () => cluster.close(),
  };
}

/** How people know it; the context is that of the kubeconfig where none is named. */
export function clusterName({ inCluster, kubeconfig, context }: ClusterOptions): string {
  if (inCluster) return 'kubernetes (in-cluster)';
  const words = [kubeconfig, context && `context ${context}`].filter(Boolean).join(', ');
  return words ? `kubernetes (${words})` : 'kubernetes';
}
