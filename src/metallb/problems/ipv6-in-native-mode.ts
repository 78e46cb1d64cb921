/** IPv6 addresses, and speakers that cannot announce them (MetalLB issues 1571 and 1212). */
import { ipv6InNativeMode as ipv6Entries } from '../lint/ipv6-in-native-mode.ts';
import type { Cluster } from './cluster.ts';
import { problemsOf } from './from-lint.ts';
import type { ObjectProblems, ObjectRule } from './rule.ts';
import { names } from './words.ts';

/** IPv6 with native speakers: MetalLB's own BGP implementation has none. */
export const ipv6InNativeMode: ObjectRule = {
  code: 'ipv6-in-native-mode',
  severity: 'critical',
  title: 'Native mode announces no IPv6',
  looksFor: 'pools with IPv6 addresses, used or advertised, where speakers run in native mode.',
  find: (cluster) =>
    cluster.nodes.size > 0 ? detailed(cluster) : problemsOf(cluster, ipv6Entries, 'Run the speakers in an FRR mode.'),
};

/** With nodes (and Services) it is known what is affected. */
function* detailed(cluster: Cluster): ObjectProblems {
  const { options } = cluster.table;
  if (options.mode !== 'native') return;
  const users = yield* cluster.usersOfPools();
  for (const pool of cluster.accepted.pools) {
    if (!pool.families.has(6)) continue;
    yield;
    const using = users.get(pool)?.[6] ?? [];
    const by = cluster.written.advertisementsOf(pool);
    if (using.length === 0 && by.length === 0) continue;
    yield {
      text:
        `IPAddressPool ${pool.object.ref.name} has IPv6 addresses, and the speakers run in native mode, ` +
        'which announces none' +
        (using.length > 0 ? `: ${names(using)} ${using.length === 1 ? 'is' : 'are'} not announced over IPv6` : '') +
        (by.length > 0 ? `; BGPAdvertisement ${names(by.map(({ ref }) => ref.name))} is rejected because of it` : '') +
        '.',
      hint:
        'Run MetalLB in frr or frr-k8s mode, or keep the IPv6 addresses in a pool that no BGPAdvertisement ' +
        'selects.',
      objects: [pool.object.ref, ...by.slice(0, 5).map(({ ref }) => ref)],
    };
  }
}
