/** Sessions that do not get there, for the checks that say why. */
import type { Neighbor } from '../rib/types.ts';
import type { Facts } from './types.ts';

/** How long after its last end a neighbor is still worth a word, ms. */
const recentMs = 600_000;

/** A neighbor of which it is known how it ended last. */
export type FailingNeighbor = Neighbor & { lastDown: NonNullable<Neighbor['lastDown']> };

/**
 * Neighbors that are not up and ended lately, but for those whose address is up as another neighbor: with the right AS.
 * undefined = a place to pause.
 */
export function* failing({ rib, now }: Facts): Generator<FailingNeighbor | undefined> {
  const up = new Set<string>();
  const way = ({ remoteAddress, localAddress }: Neighbor): string => `${remoteAddress} ${localAddress}`;
  for (const neighbor of rib.neighbors.values()) if (neighbor.state === 'established') up.add(way(neighbor));
  for (const neighbor of rib.neighbors.values()) {
    yield;
    const { lastDown } = neighbor;
    if (lastDown === null || now - lastDown.at > recentMs || up.has(way(neighbor))) continue;
    yield { ...neighbor, lastDown };
  }
}

/** Is it a NOTIFICATION about the AS number, whichever side sent it (RFC 4271 §6.2)? */
export const isBadPeerAs = (code: string): boolean => code.endsWith('bad-peer-as');
