import type { AnyObject, LabelSelector } from '../objects/resources.ts';
import { advertises } from '../relations/pools.ts';
import type { ClusterRelations } from '../relations/relations.ts';
import { matches } from '../relations/selectors.ts';
import type { Lint } from '../types.ts';
import { finding, type LintRule } from './scope.ts';

/**
 * A selector that matches nothing selects nothing: it never means "all". Of nodes and services nothing is said
 * where none are known, nor of namespaces.
 */
export const selectorsThatMatchNothing: LintRule = function* (scope) {
  const { written, resources, options } = scope;
  const { advertisements, l2Advertisements, peers } = written;
  const pools = [...resources.IPAddressPool.values()].filter(({ ref }) => ref.namespace === options.namespace);
  const services = [...resources.Service.values()].filter(({ spec }) => spec.type === 'LoadBalancer');
  for (const object of [...advertisements, ...l2Advertisements]) {
    const { spec } = object;
    const left = pools.some((pool) => advertises(object, pool))
      ? 'it adds none'
      : 'the advertisement has none (this does not mean all)';
    yield* unmatched(object, 'ipAddressPoolSelectors', spec.ipAddressPoolSelectors, pools, `no IPAddressPool: ${left}`);
    yield* unmatchedNodes(scope, object, spec.nodeSelectors);
    if (services.length > 0) yield* unmatched(object, 'serviceSelectors', spec.serviceSelectors, services, noService);
  }
  const namespaces = [...resources.Namespace.values()];
  for (const { object } of written.pools) {
    const { namespaceSelectors = [], serviceSelectors = [] } = object.spec.serviceAllocation ?? {};
    if (namespaces.length > 0)
      yield* unmatched(object, 'serviceAllocation.namespaceSelectors', namespaceSelectors, namespaces, 'no Namespace');
    if (services.length > 0)
      yield* unmatched(object, 'serviceAllocation.serviceSelectors', serviceSelectors, services, noService);
  }
  for (const peer of peers) yield* unmatchedNodes(scope, peer, peer.spec.nodeSelectors);
};

const noService = 'no Service of type LoadBalancer';

function* unmatchedNodes(
  { nodes }: ClusterRelations,
  object: AnyObject,
  selectors: readonly LabelSelector[],
): Generator<Lint> {
  if (nodes.size > 0)
    yield* unmatched(
      object,
      'nodeSelectors',
      selectors,
      [...nodes.objects.values()],
      'no Node: labels are case-sensitive',
    );
}

function* unmatched(
  object: AnyObject,
  field: string,
  selectors: readonly LabelSelector[],
  candidates: readonly AnyObject[],
  what: string,
): Generator<Lint> {
  for (const [i, selector] of selectors.entries())
    if (!candidates.some(({ labels }) => matches(selector, labels)))
      yield finding('selector-matches-nothing', object, `spec.${field}[${i}]`, `matches ${what}`);
}
