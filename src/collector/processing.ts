/** How long UPDATEs take from the socket to the table. */
import { ChangeReader } from '../rib/change-log.ts';
import type { Applied } from '../rib/rib.ts';

export class Processing {
  readonly #now: () => number;
  readonly #observers: ((seconds: number) => void)[] = [];

  /** @param now epoch ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Calls `observer` with the seconds of every turn from now on. */
  subscribe = (observer: (seconds: number) => void): void => void this.#observers.push(observer);

  /** A turn is over: of its changes the first has waited longest. */
  applied({ changes }: Pick<Applied, 'changes'>): void {
    if (changes.count === 0) return;
    const at = new ChangeReader(changes).at(0);
    const seconds = Math.max(0, this.#now() - at) / 1_000;
    for (const observe of this.#observers) observe(seconds);
  }
}
