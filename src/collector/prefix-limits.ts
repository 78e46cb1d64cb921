/** Neighbors with more prefixes than their `maxPrefixes`. */
import type { NeighborConfig } from '../events.ts';
import type { Neighbor } from '../rib/types.ts';

export class PrefixLimits {
  readonly #exceeded = new Set<number>();

  forget(neighbor: number): void {
    this.#exceeded.delete(neighbor);
  }

  /** Answers what to log when the neighbor exceeds its limit and did not before. */
  check({ id, state, routes }: Neighbor, limit: NeighborConfig['maxPrefixes']): string | undefined {
    const count = routes.ipv4 + routes.ipv6;
    if (!limit || count <= limit.limit || state !== 'established') {
      this.#exceeded.delete(id);
      return undefined;
    }
    if (this.#exceeded.has(id)) return undefined;
    this.#exceeded.add(id);
    return `${count} prefixes, limit ${limit.limit}`;
  }
}
