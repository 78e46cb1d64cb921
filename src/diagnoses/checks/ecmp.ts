/**
 * What a router makes of several paths: how many it takes, and whether they count as equal (MetalLB issues 926, 720
 * and 420).
 */
import type { AttributesJson, Neighbor } from '../../rib/types.ts';
import type { Facts, Finds } from '../types.ts';
import { count, names, span } from '../words.ts';
import { established, isInternal } from './sessions.ts';

/** Limits that routers commonly have: 16 or 32 on many, 64 on most. */
const usualLimits = [16, 32, 64, 128] as const;
/** Prefixes looked at, those of the neighbor with the most routes. */
const maxPrefixes = 256;
/** Ends of sessions within the window that make the set of next hops restless. */
const leastEnds = 4;
const leastShareOfSessions = 0.1;
const windowMs = 600_000;

/** One prefix with more paths than routers usually take: the rest gets no traffic. */
export function* manyPaths(facts: Facts): Finds {
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
      `A router that takes ${limit} paths at most sends nothing to the other ${paths - limit}.`,
    hint:
      'Compare with maximum-paths of the routers (often 16, 32 or 64). Fewer next hops: spec.nodeSelectors of ' +
      'the BGPAdvertisement, or externalTrafficPolicy Local.',
    about: 'paths',
  };
}

/** Paths of one prefix that a router does not take for equal. */
export function* unequalPaths(facts: Facts): Finds {
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

/** Sessions that come and go change the set of next hops, and routers move connections with every change. */
export function* nextHopChurn({ rib, history, now }: Facts): Finds {
  let ends = 0;
  const nodes = new Set<string>();
  for (const neighbor of rib.neighbors.values()) {
    yield;
    const own = history.ends(neighbor.id).filter(({ wasUp, at }) => wasUp && at > now - windowMs).length;
    if (own === 0) continue;
    ends += own;
    nodes.add(neighbor.node ?? neighbor.remoteAddress);
  }
  if (ends < Math.max(leastEnds, rib.neighbors.size * leastShareOfSessions)) return;
  yield {
    text:
      `In the last ${span(windowMs)} ${count(ends, 'session')} (of ${names(nodes)}) ended. With each the set ` +
      'of next hops changed, and routers without resilient hashing moved connections of all nodes.',
    hint:
      'Find out why the sessions end. Routers with resilient ECMP (consistent hashing) keep the connections of ' +
      'the nodes that stay.',
    about: 'next hops',
  };
}

interface Path {
  neighbor: Neighbor;
  attributes: AttributesJson;
}

/** Paths by prefix, one for each node: two sessions of one node are one next hop. */
function* pathsOf(facts: Facts): Generator<{ prefix: string; paths: Path[] }> {
  const { rib } = facts;
  let widest: Neighbor | undefined;
  for (const neighbor of established(facts)) if (!widest || total(neighbor) > total(widest)) widest = neighbor;
  if (!widest) return;
  let looked = 0;
  for (const nlri of rib.nlrisOf(widest.id)) {
    if (looked++ === maxPrefixes) return;
    const prefix = rib.prefixText(nlri);
    const paths = new Map<string, Path>();
    for (const { neighbor: id, attributes } of rib.exact(prefix)) {
      const neighbor = rib.neighbors.get(id);
      if (neighbor?.state !== 'established' || neighbor.localAddress !== widest.localAddress) continue;
      paths.set(neighbor.node ?? neighbor.remoteAddress, { neighbor, attributes: rib.attributes(attributes) });
    }
    yield { prefix, paths: [...paths.values()] };
  }
}

const total = ({ routes }: Neighbor): number => routes.ipv4 + routes.ipv6;

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

function whatDiffers(paths: readonly Path[]): string {
  const differs = (value: (path: Path) => unknown): boolean => new Set(paths.map(value)).size > 1;
  const list: string[] = [];
  if (differs(({ attributes }) => attributes.localPref ?? 100)) list.push('LOCAL_PREF');
  if (differs(({ attributes }) => attributes.asPath.length)) list.push('lengths of AS_PATH');
  if (differs(({ attributes }) => attributes.origin)) list.push('ORIGIN');
  if (differs(({ attributes }) => attributes.med ?? 0)) list.push('MED');
  if (differs(({ neighbor }) => isInternal(neighbor))) list.push('kinds of session (iBGP and eBGP)');
  return names(list);
}
