/** The catalogue of problems of objects: with a collector and without one. */

import type { LintCode } from '../codes.ts';
import type { ExpectationTable } from '../expectations/table.ts';
import { excludedInterfaceLists } from '../lint/excluded-interfaces.ts';
import { hostnameLabels } from '../lint/hostname-labels.ts';
import { largeLocalPref } from '../lint/large-local-pref.ts';
import { overlappingPools } from '../lint/overlapping-pools.ts';
import { secondaryNetworks } from '../lint/secondary-networks.ts';
import { selectorsThatMatchNothing } from '../lint/selectors-that-match-nothing.ts';
import { unknownNames } from '../lint/unknown-names.ts';
import { wideAggregates } from '../lint/wide-aggregates.ts';
import { wrongNamespace } from '../lint/wrong-namespace.ts';
import { firstFindings } from '../max-findings.ts';
import type { Lint } from '../types.ts';
import { aggregateRefused } from './aggregate-refused.ts';
import { aggregateWithLocalPolicy } from './aggregate-with-local-policy.ts';
import { allNodesAnnounce } from './all-nodes-announce.ts';
import { Cluster } from './cluster.ts';
import { excludedFromLoadBalancers } from './excluded-from-load-balancers.ts';
import { familyWithoutSession } from './family-without-session.ts';
import { ruleOf } from './from-lint.ts';
import { ipv6InNativeMode } from './ipv6-in-native-mode.ts';
import { localPrefByNode } from './local-pref-by-node.ts';
import { localPrefConflict } from './local-pref-conflict.ts';
import { optionsNotPassedOn } from './options-not-passed-on.ts';
import { peersWithoutSession } from './peers-without-session.ts';
import type { ObjectRule } from './rule.ts';
import { selectorsCompared } from './selectors-compared.ts';
import { sharedAddressSplit } from './shared-address-split.ts';
import { splitLayer2Owners } from './split-layer-2-owners.ts';

export const objectRules: readonly ObjectRule[] = [
  localPrefConflict,
  localPrefByNode,
  aggregateRefused,
  aggregateWithLocalPolicy,
  excludedFromLoadBalancers,
  peersWithoutSession,
  familyWithoutSession,
  ipv6InNativeMode,
  sharedAddressSplit,
  splitLayer2Owners,
  allNodesAnnounce,
  optionsNotPassedOn,
  selectorsCompared,
  ruleOf(
    'wrong-namespace',
    'warning',
    'Object outside the namespace of MetalLB',
    'objects of MetalLB in another namespace, where no webhook rejects them.',
    'Move the object to the namespace of MetalLB.',
    wrongNamespace,
  ),
  ruleOf(
    'unknown-name',
    'warning',
    'Name of an object that does not exist',
    'names of pools, peers and Namespaces that do not exist.',
    'Use metadata.name of an object that exists.',
    unknownNames,
  ),
  ruleOf(
    'unknown-community',
    'critical',
    'Community alias is not defined',
    'communities that no Community object defines.',
    'Define the alias in a Community object, or write the value.',
    unknownNames,
  ),
  ruleOf(
    'selector-matches-nothing',
    'warning',
    'Selector matches nothing',
    'selectors that match no pool, Node, Service or Namespace.',
    'Compare the selector with the labels of the objects.',
    selectorsThatMatchNothing,
  ),
  ruleOf(
    'overlapping-pools',
    'critical',
    'Overlapping pools',
    'addresses in two entries of pools.',
    'Remove the address range from one of the entries.',
    overlappingPools,
  ),
  ruleOf(
    'wide-aggregate',
    'warning',
    'Aggregate reaches outside its pool',
    'aggregates that cover addresses outside their pool.',
    'Use a longer aggregation length, or extend the pool to the whole aggregate.',
    wideAggregates,
  ),
  ruleOf(
    'large-local-pref',
    'warning',
    'localPref too large for newer API servers',
    'localPref above 2147483647.',
    'Use a smaller localPref.',
    largeLocalPref,
  ),
  ruleOf(
    'hostname-label',
    'critical',
    'Hostname label is not the name of the node',
    'labels kubernetes.io/hostname that differ from the name of the node, in frr-k8s mode.',
    'Set the label to the name of the node.',
    hostnameLabels,
  ),
  ruleOf(
    'excluded-interfaces',
    'warning',
    'L2Advertisement lists excluded interfaces only',
    'L2Advertisements whose interfaces are all excluded from layer 2.',
    'List another interface, or remove it from the ConfigMap.',
    excludedInterfaceLists,
  ),
  ruleOf(
    'unread-pattern',
    'warning',
    'Pattern of excluded interfaces is not read',
    'patterns of excluded interfaces that are not valid.',
    'Correct the pattern in the ConfigMap.',
    excludedInterfaceLists,
  ),
  ruleOf(
    'not-forwarded',
    'critical',
    'Secondary network is not forwarded',
    'addresses announced on secondary networks whose traffic the nodes do not forward.',
    'Enable IP forwarding on the interface.',
    secondaryNetworks,
  ),
  ruleOf(
    'routing-not-via-host',
    'warning',
    'OVN-Kubernetes does not route via the host',
    'secondary networks in use without routingViaHost.',
    'Set gatewayConfig.routingViaHost: true of the Network operator.',
    secondaryNetworks,
  ),
];

/** The problems that the costly rules find, or the others, as lint. Explanations (severity info) are not lint. */
export function lintOf(table: ExpectationTable, isCostly: boolean): Lint[] {
  const cluster = new Cluster(table.cluster.resources, table);
  return objectRules
    .filter((rule) => rule.severity !== 'info' && (rule.isCostly ?? false) === isCostly)
    .flatMap((rule) => firstFindings(lintOfRule(rule, cluster)));
}

function* lintOfRule({ code, aliases, find }: ObjectRule, cluster: Cluster): Generator<Lint> {
  for (const problem of find(cluster)) {
    const [first] = problem?.objects ?? [];
    if (!problem || !first) continue;
    const { text: message, path = '', hint, lint } = problem;
    yield lint ?? { code: code as LintCode, ...(aliases && { aliases }), object: first, path, message, hint };
  }
}
