import { place } from '../objects/resources.ts';
import { formatCidr } from '../relations/cidr.ts';
import { overlaps } from '../relations/pools.ts';
import { finding, type LintRule } from './scope.ts';

/** No address may be in two entries, of one pool or of two. MetalLB names the first clash only; these are all. */
export const overlappingPools: LintRule = function* ({ written }) {
  for (const { earlier, later } of overlaps(written.pools)) {
    const same = earlier.pool === later.pool;
    yield finding(
      'overlapping-pools',
      later.pool.object,
      `spec.addresses[${later.entry}]`,
      `${formatCidr(later.cidr)} overlaps ${formatCidr(earlier.cidr)} of ${
        same ? 'the same pool' : `IPAddressPool ${earlier.pool.object.ref.name} (${place(earlier.pool.object.ref)})`
      }`,
    );
  }
};
