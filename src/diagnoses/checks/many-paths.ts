/** More next hops than a router takes (MetalLB issues 926, 720 and 420). */
import { pathsOf } from '../paths.ts';
import type { Check, Facts, Finds } from '../types.ts';

/** Limits that routers commonly have: 16 or 32 on many, 64 on most. */
const usualLimits = [16, 32, 64, 128] as const;

/** One prefix with more paths than routers usually take: the rest gets no traffic. */
export const manyPaths: Check = {
  code: 'many-paths',
  severity: 'info',
  title: 'More next hops than routers support',
  looksFor:
    'prefixes with more than 16 next hops (warning above 64), among the first 256 of the fullest neighbor (8,192 paths).',
  find,
};

function* find(facts: Facts): Finds {
  let most: { prefix: string; paths: number } | undefined;
  let over = 0;
  let looked = 0;
  for (const { prefix, paths } of pathsOf(facts)) {
    yield;
    looked++;
    if (paths.length <= usualLimits[0]) continue;
    over++;
    if (!most || paths.length > most.paths) most = { prefix, paths: paths.length };
  }
  if (!most) return;
  const { paths } = most;
  const limit = usualLimits.findLast((each) => each < paths)!;
  yield {
    ...(limit >= 64 && { severity: 'warning' as const }),
    text:
      `${most.prefix} has ${paths} next hops, and ${over} of the ${looked} prefixes looked at have more than ` +
      `${usualLimits[0]}. ` +
      `A router that takes ${limit} paths at most sends no traffic to the other ${paths - limit}.`,
    hint:
      'Compare with maximum-paths of the routers (often 16, 32 or 64). Fewer next hops: spec.nodeSelectors of ' +
      'the BGPAdvertisement, or externalTrafficPolicy Local.',
    about: 'paths',
  };
}
