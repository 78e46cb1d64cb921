import { place } from '../objects/resources.ts';
import { familiesOfPools } from '../relations/pools.ts';
import { localPrefCompatible, mayConflict } from '../rules/advertisement.ts';
import { rulesOf } from '../versions.ts';
import { finding, type LintRule } from './scope.ts';

/**
 * Two advertisements that want different localPref for one prefix. MetalLB refuses the later one; with
 * serviceSelectors it finds out per service, and does not announce that at all.
 */
export const localPrefConflicts: LintRule = function* ({ options, written, nodes }) {
  const { advertisements, pools } = written;
  const families = familiesOfPools(pools);
  const rules = rulesOf(options.version);
  for (const [i, later] of advertisements.entries())
    for (const earlier of advertisements.slice(0, i)) {
      if (!mayConflict(earlier, later, families, nodes, rules)) continue;
      const shared = new Set(written.poolsOf(earlier));
      const pool = written
        .poolsOf(later)
        .find((one) => shared.has(one) && !localPrefCompatible(earlier, later, one, rules));
      if (!pool) continue;
      const perService = earlier.spec.serviceSelectors.length > 0 || later.spec.serviceSelectors.length > 0;
      yield finding(
        'local-pref-conflict',
        later,
        'spec.localPref',
        `${later.spec.localPref} is not the ${earlier.spec.localPref} of BGPAdvertisement ${earlier.ref.name} (${place(earlier.ref)}) for the same prefixes of IPAddressPool ${pool.object.ref.name}: ${
          perService ? 'a service that both match is not announced on the nodes they share' : 'the later one is refused'
        }`,
        `give both the same localPref, or other ${[...pool.families].map((family) => (family === 4 ? 'aggregationLength' : 'aggregationLengthV6')).join(' and ')}, peers or nodes`,
      );
    }
};
