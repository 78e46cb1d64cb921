/** Connections from addresses that no neighbor is configured for: counted, the latest addresses by name. */
import type { Logger } from 'pino';
import type { StrangerCounts } from '../events.ts';
import type { StrangerAddress, StrangersStatus } from './status.ts';

/** Addresses kept; the one that has been silent for longest makes room. */
export const maxStrangerAddresses = 100;
/** Between two lines in the log, ms. */
export const strangersLogMs = 60_000;
/** Addresses in a line of the log. */
const maxExamples = 5;

export class StrangerTable {
  readonly #log: Pick<Logger, 'warn'>;
  /** The latest last. */
  readonly #addresses = new Map<string, StrangerAddress>();
  #connections = 0;
  #logged = { at: Number.NEGATIVE_INFINITY, connections: 0 };

  constructor(log: Pick<Logger, 'warn'>) {
    this.#log = log;
  }

  /** Takes in what the speaker counted since its last report. `now`: epoch ms. */
  take({ connections, addresses }: StrangerCounts, now: number): void {
    this.#connections += connections;
    for (const [address, count] of Object.entries(addresses)) {
      const known = this.#addresses.get(address);
      this.#addresses.delete(address);
      this.#addresses.set(address, {
        address,
        connections: (known?.connections ?? 0) + count,
        firstAt: known?.firstAt ?? now,
        lastAt: now,
      });
    }
    for (const address of this.#addresses.keys()) {
      if (this.#addresses.size <= maxStrangerAddresses) break;
      this.#addresses.delete(address);
    }
  }

  /** Writes a line when there is news, at most one in `strangersLogMs`. */
  tick(now: number): void {
    const connections = this.#connections - this.#logged.connections;
    if (connections === 0 || now - this.#logged.at < strangersLogMs) return;
    const recent = this.status.addresses.filter(({ lastAt }) => lastAt > this.#logged.at);
    this.#logged = { at: now, connections: this.#connections };
    this.#log.warn(
      {
        event: 'bgp.strangers',
        connections,
        addresses: recent.length,
        examples: recent.slice(0, maxExamples).map(({ address }) => address),
      },
      'refused connections from addresses that no neighbor is configured for',
    );
  }

  get status(): StrangersStatus {
    return { connections: this.#connections, addresses: [...this.#addresses.values()].reverse() };
  }
}
