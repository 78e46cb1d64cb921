/** Next hops that a router does not count as equal (MetalLB issues 926, 720 and 420). */

import { count, names } from '../../metallb/problems/words.ts';
import type { AttributesJson, Neighbor } from '../../rib/types.ts';
import { type NextHopPath, pathsOf } from '../paths.ts';
import { isInternal } from '../sessions.ts';
import type { Check, Facts, Finds } from '../types.ts';

/** Paths of one prefix that a router does not take for equal. */
export const unequalPaths: Check = {
  code: 'unequal-paths',
  severity: 'info',
  title: 'Unequal paths',
  looksFor:
    'prefixes whose routes differ in what multipath compares, among the first 256 of the fullest neighbor (8,192 paths).',
  find,
};

function* find(facts: Facts): Finds {
  const unequal = new Map<string, { prefix: string; best: number; paths: number; prefixes: number }>();
  for (const { prefix, paths } of pathsOf(facts)) {
    yield;
    if (paths.length < 2) continue;
    const groups = Map.groupBy(paths, ({ attributes, neighbor }) => equality(attributes, neighbor));
    if (groups.size < 2) continue;
    const differing = whatDiffers(paths);
    const best = groups.get([...groups.keys()].sort()[0]!)!.length;
    const known = unequal.get(differing);
    if (known) known.prefixes++;
    else unequal.set(differing, { prefix, best, paths: paths.length, prefixes: 1 });
  }
  for (const [differing, { prefix, best, paths, prefixes }] of unequal)
    yield {
      prefix,
      text:
        `${prefix}${prefixes > 1 ? ` and ${count(prefixes - 1, 'more prefix', 'more prefixes')}` : ''} ` +
        `${prefixes > 1 ? 'come' : 'comes'} with different ${differing} from different nodes: ` +
        `of ${paths} next hops a router uses the best ${best} only.`,
      hint:
        'Right where it is meant (a primary and a backup). Otherwise give the BGPAdvertisements that select ' +
        'these nodes the same attributes, and the nodes the same AS.',
      about: differing,
    };
}

/** Sorts best first: RFC 4271 §9.1.2.2 as far as multipath goes. */
function equality({ localPref, asPath, origin, med }: AttributesJson, neighbor: Neighbor): string {
  const rank = (number: number): string => String(number).padStart(10, '0');
  const origins = { igp: 0, egp: 1, incomplete: 2 } as const;
  return [
    rank(0xffff_ffff - (localPref ?? 100)),
    rank(asPath.length),
    origins[origin ?? 'incomplete'],
    rank(med ?? 0),
    Number(isInternal(neighbor) ?? false),
  ].join(' ');
}

function whatDiffers(paths: readonly NextHopPath[]): string {
  const differs = (value: (path: NextHopPath) => unknown): boolean => new Set(paths.map(value)).size > 1;
  const list: string[] = [];
  if (differs(({ attributes }) => attributes.localPref ?? 100)) list.push('LOCAL_PREF');
  if (differs(({ attributes }) => attributes.asPath.length)) list.push('lengths of AS_PATH');
  if (differs(({ attributes }) => attributes.origin)) list.push('ORIGIN');
  if (differs(({ attributes }) => attributes.med ?? 0)) list.push('MED');
  if (differs(({ neighbor }) => isInternal(neighbor))) list.push('kinds of session (iBGP and eBGP)');
  return names(list);
}
