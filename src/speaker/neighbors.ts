/** Who may connect: the configured neighbors, by longest match on the remote address. */
import { isDeepStrictEqual } from 'node:util';
import type { NeighborConfig } from '../events.ts';
import { contains, type Prefix, parseAddress, parsePrefix } from '../ip.ts';
import { leastTtl, type TtlRule } from './gtsm.ts';
import type { Listener, TcpKey } from './sockets.ts';

/** The neighbors of one range; several where only the AS in the OPEN tells them apart. */
export interface Neighbor {
  readonly range: Prefix;
  /** In the order of the configuration. What has to be known before the OPEN is taken from the first that says it. */
  readonly configs: readonly NeighborConfig[];
  readonly password: string | undefined;
  readonly localAsn: number | undefined;
  /** Asks for a password or TTL security. */
  readonly protected: boolean;
  /**
   * Why what it asks for (password, TTL security) cannot be enforced here; such a neighbor is refused, never let in
   * without.
   */
  readonly unprotected: string | undefined;
}

export class Neighbors {
  /** Longest range first. */
  readonly #list: readonly Neighbor[];

  private constructor(list: readonly Neighbor[]) {
    this.#list = list;
  }

  /** Groups `configs` by range and puts their passwords and TTL rules on the listeners. */
  static install(configs: readonly NeighborConfig[], listeners: readonly Listener[]): Neighbors {
    const groups = [...Map.groupBy(configs, (config) => config.range).values()].map((group) => ({
      range: parsePrefix(group[0]!.range)!,
      configs: group,
      password: firstOf(group, 'password'),
      localAsn: firstOf(group, 'localAsn'),
    }));
    groups.sort((a, b) => b.range.length - a.range.length);
    const keys: TcpKey[] = groups.flatMap(({ range, password }) =>
      password === undefined ? [] : [{ range, password }],
    );
    const ttls: TtlRule[] = groups.map(({ range, configs }) => {
      const hops = firstOf(configs, 'ttlSecurity');
      return { range, least: hops === undefined ? undefined : leastTtl(hops) };
    });
    const failures = listeners.flatMap((listener) => listener.protect(keys, ttls));
    return new Neighbors(
      groups.map((group) => ({
        ...group,
        protected: group.configs.some(({ password, ttlSecurity }) => (password ?? ttlSecurity) !== undefined),
        unprotected: failures.find(({ range }) => range === group.range)?.text,
      })),
    );
  }

  /** The neighbor that an address (a zone such as `%eth0` does not count) belongs to. */
  match(address: string): Neighbor | undefined {
    const bytes = parseAddress(address);
    if (!bytes) return undefined;
    const host: Prefix = { family: bytes.length === 4 ? 4 : 6, bytes, length: bytes.length * 8 };
    return this.#list.find(({ range }) => contains(range, host));
  }
}

/** Do sessions of the one go on as sessions of the other? */
export function sameNeighbor(a: Neighbor, b: Neighbor): boolean {
  return a.unprotected === b.unprotected && isDeepStrictEqual(a.configs.map(lasting), b.configs.map(lasting));
}

/** What a session was made with. The rest (limits, names) is the collector's and changes under a session that is up. */
function lasting({ range, asn, localAsn, password, ttlSecurity }: NeighborConfig): Partial<NeighborConfig> {
  return { range, asn, localAsn, password, ttlSecurity } as Partial<NeighborConfig>;
}

function firstOf<K extends keyof NeighborConfig>(configs: readonly NeighborConfig[], key: K): NeighborConfig[K] {
  return configs.find((config) => config[key] !== undefined)?.[key] as NeighborConfig[K];
}
