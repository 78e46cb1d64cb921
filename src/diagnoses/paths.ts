/** Paths of a prefix as a router sees them that has all our neighbors. */
import type { AttributesJson, Neighbor } from '../rib/types.ts';
import { established } from './sessions.ts';
import type { Facts } from './types.ts';

/** Prefixes looked at, those of the neighbor with the most routes. */
export const maxPrefixes = 256;
/** Paths of all of them together: a thousand neighbors have that many of a few prefixes. */
export const maxPaths = 8_192;

/** One of several next hops. */
export interface NextHopPath {
  neighbor: Neighbor;
  attributes: AttributesJson;
}

/** Paths by prefix, one for each node: two sessions of one node are one next hop. */
export function* pathsOf(facts: Facts): Generator<{ prefix: string; paths: NextHopPath[] }> {
  const { rib } = facts;
  let widest: Neighbor | undefined;
  for (const neighbor of established(facts)) if (!widest || total(neighbor) > total(widest)) widest = neighbor;
  if (!widest) return;
  let looked = 0;
  let pathsLooked = 0;
  for (const nlri of rib.nlrisOf(widest.id)) {
    if (looked++ === maxPrefixes || pathsLooked >= maxPaths) return;
    const prefix = rib.prefixText(nlri);
    const paths = new Map<string, NextHopPath>();
    for (const { neighbor: id, attributes } of rib.exact(prefix)) {
      const neighbor = rib.neighbors.get(id);
      if (neighbor?.state !== 'established' || neighbor.localAddress !== widest.localAddress) continue;
      paths.set(neighbor.node ?? neighbor.remoteAddress, { neighbor, attributes: rib.attributes(attributes) });
    }
    pathsLooked += paths.size;
    yield { prefix, paths: [...paths.values()] };
  }
}

const total = ({ routes }: Neighbor): number => routes.ipv4 + routes.ipv6;
