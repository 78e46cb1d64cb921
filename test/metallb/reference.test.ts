import { describe, expect, it } from 'vitest';
import { differencesOf, readClusters } from './reference/compare.ts';

describe.each(['main.jsonl.gz', 'releases.jsonl.gz'])('what MetalLB and frr-k8s answered: %s', (file) => {
  const clusters = readClusters(file).filter(
    ({ mode, manifests }) => mode !== 'frr-k8s' || !manifests.some(({ kind }) => kind === 'FRRConfiguration'),
  );

  it('has clusters', () => expect(clusters.length).toBeGreaterThan(500));

  it.each(clusters.map((cluster) => [cluster.name, cluster] as const))('cluster %s', (_, cluster) =>
    expect(differencesOf(cluster)).toEqual({}),
  );
});
