/** Advertisements that want different localPref for one prefix on one node (MetalLB issues 2345 and 1739). */

import { localPrefConflicts } from '../lint/local-pref-conflicts.ts';
import { takesService } from '../relations/relations.ts';
import { rulesOf } from '../versions.ts';
import { isPerService, pairsOf } from './advertisement-pairs.ts';
import type { Cluster } from './cluster.ts';
import { problemsOf } from './from-lint.ts';
import { type ObjectProblems, type ObjectRule, placeOf } from './rule.ts';
import { names } from './words.ts';

/** MetalLB refuses the later one, or does not announce the services that both match. */
export const localPrefConflict: ObjectRule = {
  code: 'local-pref-conflict',
  severity: 'critical',
  title: 'Two advertisements set different localPref',
  looksFor: 'BGPAdvertisements with different localPref for the same prefixes on the same node.',
  find: (cluster) =>
    cluster.nodes.size > 0
      ? detailed(cluster)
      : problemsOf(cluster, localPrefConflicts, 'Give both the same localPref.'),
};

/** With nodes (and Services) it is known what is affected. */
function* detailed(cluster: Cluster): ObjectProblems {
  const users = yield* cluster.usersOfPools();
  const accepted = new Set(cluster.accepted.advertisements);
  for (const pair of pairsOf(cluster.written, rulesOf(cluster.table.options.version))) {
    yield;
    if (!pair) continue;
    const { earlier, later, pool } = pair;
    const [rejected, ...others] = [earlier, later].filter((one) => !accepted.has(one));
    const isReason = rejected === undefined || cluster.isRejected(rejected, 'local-pref-conflict');
    if (!isReason || others.length > 0) continue;
    const shared = cluster.sharedBy(earlier, later);
    if (shared.length === 0) continue;
    const matching = (): string[] =>
      [...(users.get(pool)?.[4] ?? []), ...(users.get(pool)?.[6] ?? [])].filter((key) => {
        const service = cluster.resources.Service.get(key)!;
        return takesService(earlier, service) && takesService(later, service);
      });
    const affected = isPerService(pair) ? matching() : undefined;
    if (affected?.length === 0) continue;
    yield {
      text:
        `BGPAdvertisement ${earlier.ref.name} sets localPref ${earlier.spec.localPref} and BGPAdvertisement ` +
        `${later.ref.name} sets ` +
        `${later.spec.localPref} for the same prefixes of IPAddressPool ${pool.object.ref.name} on ${names(shared)}: ` +
        (affected
          ? `Services that both match are not announced there (${names(affected)}).`
          : 'MetalLB rejects the later one, or the whole configuration if no webhook runs.'),
      hint:
        `Give both the same spec.localPref, or make their prefixes differ: ` +
        `${pool.families.size > 1 ? 'spec.aggregationLength and spec.aggregationLengthV6 (in a dual-stack pool both must differ)' : 'the aggregation length'}, ` +
        'spec.peers or spec.nodeSelectors.',
      objects: [placeOf(later, 'spec.localPref'), earlier.ref, pool.object.ref],
      path: 'spec.localPref',
    };
  }
}
