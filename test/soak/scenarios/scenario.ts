/** What a scenario is, and small helpers that several of them need. */
import type { Random } from '../random.ts';
import type { World } from '../world.ts';

export interface Scenario {
  name: string;
  /** Shown by --help. */
  what: string;
  /**
   * Does harm, and takes back what it did: afterwards every session is up with the routes of its services alone.
   * @throws when the collector does not behave as it has to.
   */
  run(world: World): Promise<void>;
}

export const range = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);

/** `count` different sessions out of the first `total`. */
export const someSessions = (random: Random, count: number, total = 200): number[] =>
  random.shuffle(range(0, total)).slice(0, count);
