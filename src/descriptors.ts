/** The limit of open files, and how BGP and HTTP share it. Node raises the soft limit by itself. */
import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';

/** Descriptors for the database, manifests, threads, the cluster's API server and layer 2; 55 are open at start. */
export const heldBackDescriptors = 96;
/** A lower limit is reported in the log and in `/status`. */
export const minDescriptors = 1024;
/** Maximum number of connections under any limit. */
export const maxBgpConnections = 8192;
export const maxHttpConnections = 4096;
/** Connections for each of BGP and HTTP even if the limit is too low. */
const minConnections = 16;

export interface DescriptorPlan {
  /** null: unlimited or unknown. */
  limit: number | null;
  maxBgpConnections: number;
  maxHttpConnections: number;
  /** What is wrong with the limit, and the fix. */
  text: string | null;
}

/** Gives HTTP and BGP half each of the descriptors that are not held back. */
export function planDescriptors(limit: number | null): DescriptorPlan {
  const half = limit === null ? Infinity : Math.max(minConnections, Math.floor((limit - heldBackDescriptors) / 2));
  const plan = {
    limit,
    maxBgpConnections: Math.min(maxBgpConnections, half),
    maxHttpConnections: Math.min(maxHttpConnections, half),
  };
  const isLow = limit !== null && limit < minDescriptors;
  return { ...plan, text: isLow ? lowText(limit, half) : null };
}

const lowText = (limit: number, half: number): string =>
  `the limit of ${limit} open files is low, so at most ${half} BGP and ${half} HTTP connections are possible; ` +
  `raise it to ${minDescriptors} or more (ulimit -n, LimitNOFILE=)`;

/** This process's soft limit of open files; null if unlimited or unknown. */
export function descriptorLimit(): number | null {
  try {
    return parseLimit(readFileSync('/proc/self/limits', 'utf8'));
  } catch {
    return null;
  }
}

/** Parses the soft limit in a text like `/proc/self/limits`. */
export function parseLimit(text: string): number | null {
  const soft = /^Max open files +(\d+)/m.exec(text)?.[1];
  return soft === undefined ? null : Number(soft);
}

const logIntervalMs = 60_000;

/** Logs the connections reset at the limit, one line per minute. */
export class RefusedLog {
  readonly #log: Pick<Logger, 'warn'>;
  readonly #logged = { bgp: 0, http: 0 };
  #next = 0;

  constructor(log: Pick<Logger, 'warn'>) {
    this.#log = log;
  }

  /** `now`: ms of a monotonic clock; `refused`: connections since the start. */
  tick(now: number, refused: { bgp: number; http: number }): void {
    if (now < this.#next) return;
    for (const server of ['bgp', 'http'] as const) {
      const count = refused[server] - this.#logged[server];
      if (count <= 0) continue;
      this.#logged[server] = refused[server];
      this.#next = now + logIntervalMs;
      this.#log.warn(
        { event: `${server}.connections-refused`, count },
        `${server.toUpperCase()} connections reset: limit reached`,
      );
    }
  }
}
