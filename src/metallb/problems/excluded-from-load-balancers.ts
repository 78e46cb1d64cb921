/** Nodes that announce nothing because of a label (MetalLB issues 2285 and 2274). */
import { excludeLabel } from '../relations/nodes.ts';
import type { Cluster } from './cluster.ts';
import type { ObjectProblems, ObjectRule } from './rule.ts';
import { count, names } from './words.ts';

/** One node that is left out is often meant so; a cluster of them never is. */
export const excludedFromLoadBalancers: ObjectRule = {
  code: 'excluded-from-load-balancers',
  severity: 'info',
  title: 'Nodes excluded from load balancers',
  looksFor: 'the label node.kubernetes.io/exclude-from-external-load-balancers on nodes; critical where all have it.',
  find,
};

function* find(cluster: Cluster): ObjectProblems {
  const { nodes: all } = cluster;
  const excluded = all.namesOf(all.excluded).map((name) => all.objects.get(name)!);
  yield;
  if (excluded.length === 0) return;
  const hint =
    `Remove the label ${excludeLabel} (kubeadm and others put it on control-plane nodes), or run the speakers ` +
    'with --ignore-exclude-lb (MetalLB 0.14.4 or later; Helm: speaker.ignoreExcludeLB) and set ' +
    'expect.ignoreExcludeLB here.';
  const objects = excluded.slice(0, 20).map(({ ref }) => ref);
  const nodes = names(excluded.map(({ ref }) => ref.name));
  const isWhole = excluded.length === all.size;
  yield {
    ...(isWhole && { severity: 'critical' as const }),
    text: isWhole
      ? `${all.size === 1 ? 'The only node' : `All ${all.size} nodes`} (${nodes}) ${all.size === 1 ? 'has' : 'have'} the ` +
        `label ${excludeLabel}, so no speaker announces anything, and none logs it.`
      : `${count(excluded.length, 'node')} of ${all.size} (${nodes}) ${excluded.length === 1 ? 'has' : 'have'} the ` +
        `label ${excludeLabel}, so their speakers announce nothing.`,
    hint,
    objects,
    about: 'nodes',
  };
}
