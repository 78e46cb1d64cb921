import { hostnameMismatch } from '../expectations/peers.ts';
import { finding, type LintRule } from './scope.ts';

/** In frr-k8s mode a node is found by its label kubernetes.io/hostname, which has to be its name. */
export const hostnameLabels: LintRule = function* ({ options, resources }) {
  if (options.mode !== 'frr-k8s') return;
  for (const node of resources.Node.values())
    if (hostnameMismatch(node))
      yield finding(
        'hostname-label',
        node,
        'metadata.labels["kubernetes.io/hostname"]',
        `is not the node's name "${node.ref.name}": in frr-k8s mode the node's FRRConfiguration then selects no node, and nothing is announced`,
      );
};
