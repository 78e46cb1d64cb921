/** What is odd about objects that may well be valid: one rule in each file, run in this order. */

import { firstFindings } from '../max-findings.ts';
import type { ClusterRelations } from '../relations/relations.ts';
import type { Lint } from '../types.ts';
import { excludedInterfaceLists } from './excluded-interfaces.ts';
import { familiesWithoutSession } from './families-without-session.ts';
import { hostnameLabels } from './hostname-labels.ts';
import { ipv6InNativeMode } from './ipv6-in-native-mode.ts';
import { largeLocalPref } from './large-local-pref.ts';
import { localPrefConflicts } from './local-pref-conflicts.ts';
import { overlappingPools } from './overlapping-pools.ts';
import { peersWithoutSession } from './peers-without-session.ts';
import type { LintRule } from './scope.ts';
import { secondaryNetworks } from './secondary-networks.ts';
import { selectorsThatMatchNothing } from './selectors-that-match-nothing.ts';
import { unknownNames } from './unknown-names.ts';
import { wideAggregates } from './wide-aggregates.ts';
import { wrongNamespace } from './wrong-namespace.ts';

const rules: readonly LintRule[] = [
  wrongNamespace,
  unknownNames,
  selectorsThatMatchNothing,
  peersWithoutSession,
  familiesWithoutSession,
  overlappingPools,
  wideAggregates,
  localPrefConflicts,
  largeLocalPref,
  ipv6InNativeMode,
  hostnameLabels,
  secondaryNetworks,
  excludedInterfaceLists,
];

/** Looks at all objects together; what is odd about one alone is found when it is read. */
export function lintCluster(cluster: ClusterRelations): Lint[] {
  return rules.flatMap((rule) => firstFindings(rule(cluster)));
}
