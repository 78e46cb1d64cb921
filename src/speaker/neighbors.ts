/** The configured neighbors, found by the longest range that contains the remote address. */
import { isDeepStrictEqual } from 'node:util';
import type { NeighborConfig } from '../events.ts';
import { contains, type Prefix, parseAddress, parsePrefix } from '../ip.ts';
import { minTtlFor, type TtlRule } from './gtsm.ts';
import type { Listener, TcpKey } from './sockets.ts';

/** The neighbors of one range; several if they differ only in the AS of their OPEN. */
export interface ConfiguredNeighbor {
  readonly range: Prefix;
  /** In the order of the configuration. Settings needed before the OPEN come from the first that has them. */
  readonly configs: readonly NeighborConfig[];
  readonly password: string | undefined;
  readonly localAsn: number | undefined;
  /** Has a password or TTL security configured. */
  readonly protected: boolean;
  /**
   * Why the configured password or TTL security cannot be enforced. Such a neighbor is rejected, never accepted
   * unprotected.
   */
  readonly unprotected: string | undefined;
}

export class ConfiguredNeighbors {
  /** Longest range first. */
  readonly #list: readonly ConfiguredNeighbor[];

  private constructor(list: readonly ConfiguredNeighbor[]) {
    this.#list = list;
  }

  /** Groups `configs` by range and sets their passwords and TTL rules on the listeners. */
  static install(configs: readonly NeighborConfig[], listeners: readonly Listener[]): ConfiguredNeighbors {
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
      return { range, minTtl: hops === undefined ? undefined : minTtlFor(hops) };
    });
    const failures = listeners.flatMap((listener) => listener.protect(keys, ttls));
    return new ConfiguredNeighbors(
      groups.map((group) => ({
        ...group,
        protected: group.configs.some(({ password, ttlSecurity }) => (password ?? ttlSecurity) !== undefined),
        unprotected: failures.find(({ range }) => range === group.range)?.text,
      })),
    );
  }

  /** The neighbor of an address; ignores a zone such as `%eth0`. */
  match(address: string): ConfiguredNeighbor | undefined {
    const bytes = parseAddress(address);
    if (!bytes) return undefined;
    const host: Prefix = { family: bytes.length === 4 ? 4 : 6, bytes, length: bytes.length * 8 };
    return this.#list.find(({ range }) => contains(range, host));
  }
}

/** True if the sessions of `a` may continue as sessions of `b`. */
export function sameNeighbor(a: ConfiguredNeighbor, b: ConfiguredNeighbor): boolean {
  return a.unprotected === b.unprotected && isDeepStrictEqual(a.configs.map(lasting), b.configs.map(lasting));
}

/** Settings that a session depends on. The collector uses the rest (limits, names) and can change it at any time. */
function lasting({ range, asn, localAsn, password, ttlSecurity }: NeighborConfig): Partial<NeighborConfig> {
  return { range, asn, localAsn, password, ttlSecurity } as Partial<NeighborConfig>;
}

function firstOf<K extends keyof NeighborConfig>(configs: readonly NeighborConfig[], key: K): NeighborConfig[K] {
  return configs.find((config) => config[key] !== undefined)?.[key] as NeighborConfig[K];
}
