/** Open files: how many this process may have, and how BGP and HTTP share them. Node raises the soft limit by itself. */
import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';

/** Descriptors for the database, manifests, threads, the API server of the cluster and layer 2; 40 are open at start. */
export const heldBackDescriptors = 96;
/** A limit below this is named in the log and in `/status`. */
export const minDescriptors = 1024;
/** Connections at most, however high the limit. */
export const maxBgpConnections = 8192;
export const maxHttpConnections = 4096;
/** Connections that BGP, and HTTP, may have even under a limit that is too low for them. */
const minConnections = 16;

export interface DescriptorPlan {
  /** null: unlimited or unknown. */
  limit: number | null;
  maxBgpConnections: number;
  maxHttpConnections: number;
  /** What is wrong with the limit, and what to do. */
  text: string | null;
}

/** Half of what is not held back for HTTP, the other half for BGP. */
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
  `the limit of ${limit} open files is low: at most ${half} BGP and ${half} HTTP connections; ` +
  `raise it to ${minDescriptors} or more (ulimit -n, LimitNOFILE=)`;

/** The soft limit of open files of this process; null when it is unlimited or cannot be read. */
export function descriptorLimit(): number | null {
  try {
    return parseLimit(readFileSync('/proc/self/limits', 'utf8'));
  } catch {
    return null;
  }
}

/** The soft limit in a file like `/proc/self/limits`. */
export function parseLimit(text: string): number | null {
  const soft = /^Max open files +(\d+)/m.exec(text)?.[1];
  return soft === undefined ? null : Number(soft);
}

const logEveryMs = 60_000;

/** One line a minute about connections that were reset because there were too many. */
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
      this.#next = now + logEveryMs;
      this.#log.warn({ event: `${server}.connections-refused`, count }, `too many ${server.toUpperCase()} connections`);
    }
  }
}
