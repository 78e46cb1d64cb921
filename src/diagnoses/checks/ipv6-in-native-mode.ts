/** IPv6 addresses, and speakers that cannot announce them (MetalLB issues 1571 and 1212). */
import type { Check, Facts, Finds } from '../types.ts';
import { names } from '../words.ts';

/** IPv6 with native speakers: MetalLB's own BGP implementation has none. */
export const ipv6InNativeMode: Check = {
  code: 'ipv6-in-native-mode',
  severity: 'critical',
  title: 'Native mode has no IPv6',
  looksFor: 'pools with IPv6 addresses, used or advertised, where speakers run in native mode.',
  ofObjects: true,
  find,
};

function* find({ cluster, options }: Facts): Finds {
  if (!cluster || options.mode !== 'native') return;
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
        (by.length > 0 ? `; BGPAdvertisement ${names(by.map(({ ref }) => ref.name))} is refused because of it` : '') +
        '.',
      hint:
        'Run MetalLB in frr or frr-k8s mode, or keep the IPv6 addresses in a pool that no BGPAdvertisement ' +
        'selects.',
      objects: [pool.object.ref, ...by.slice(0, 5).map(({ ref }) => ref)],
    };
  }
}
