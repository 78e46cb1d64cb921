/** Who may connect: the configured neighbors, by longest match on the remote address. */
import { isDeepStrictEqual } from 'node:util';
import type { NeighborConfig } from '../events.ts';
import { contains, type Family, type Prefix, parseAddress, parsePrefix } from '../ip.ts';
import { leastTtl, type TtlRule } from './gtsm.ts';
import type { Listener, TcpKey } from './sockets.ts';

/** One configured range, parsed. */
export interface Neighbor {
  readonly config: NeighborConfig;
  readonly range: Prefix;
  /** Why what it asks for (password, TTL security) cannot be enforced here; such a neighbor is refused, never let in without. */
  readonly unprotected: string | undefined;
}

export class Neighbors {
  /** Longest range first. */
  readonly #list: Neighbor[];

  private constructor(list: Neighbor[]) {
    this.#list = list;
  }

  /** Parses `configs` and puts their passwords and TTL rules on the listeners. */
  static install(configs: NeighborConfig[], listeners: Listener[]): Neighbors {
    const parsed = configs
      .map((config) => ({ config, range: parsePrefix(config.range)! }))
      .sort((a, b) => b.range.length - a.range.length);
    const keys: TcpKey[] = parsed.flatMap(({ config, range }) =>
      config.password === undefined ? [] : [{ range, password: config.password }],
    );
    const ttls: TtlRule[] = parsed.map(({ config, range }) => ({
      range,
      least: config.ttlSecurity === undefined ? undefined : leastTtl(config.ttlSecurity),
    }));
    const failed = listeners.flatMap((listener) => listener.protect(keys, ttls));
    return new Neighbors(
      parsed.map(({ config, range }) => ({
        config,
        range,
        unprotected: failed.find((failure) => failure.range === range)?.text,
      })),
    );
  }

  /** The neighbor that an address (a zone such as `%eth0` does not count) belongs to. */
  match(address: string): Neighbor | undefined {
    const bytes = parseAddress(address);
    if (!bytes) return undefined;
    const family: Family = bytes.length === 4 ? 4 : 6;
    const host: Prefix = { family, bytes, length: bytes.length * 8 };
    return this.#list.find(({ range }) => contains(range, host));
  }
}

/** Same settings? Then a session of it goes on through a reload. */
export function sameNeighbor(a: Neighbor, b: Neighbor | undefined): boolean {
  return b !== undefined && a.unprotected === b.unprotected && isDeepStrictEqual(settings(a), settings(b));
}

/** What matters to a session: what the collector uses only (limits, names) changes under a session that is up. */
function settings({ config }: Neighbor): Partial<NeighborConfig> {
  const { maxPrefixes: _limits, bgpPeer: _name, ...rest } = config;
  return rest;
}
