/**
 * Which BGPPeers this collector stands for. A cluster peers with other routers as well: what it sends them cannot be
 * seen here, so nothing may be called missing of it.
 */
import type { NeighborConfig } from '../events.ts';
import { hostInterfaces, type Interfaces } from '../interfaces.ts';
import { canonicalAddress } from '../ip.ts';
import type { ExpectationTable } from '../metallb/expectations/table.ts';
import type { Neighbor } from '../rib/types.ts';

export interface OwnPeersOptions {
  /** `expect.bgpPeers` of the configuration. */
  named: readonly string[];
  /** Addresses of this host as they are now, for whoever listens on all of them. */
  interfaces?: () => Interfaces;
}

/** What it is asked of. */
export interface Surroundings {
  table: Pick<ExpectationTable, 'sessions'> | null;
  /** `address:port`, IPv6 in brackets. */
  listening: readonly string[];
  configured: readonly NeighborConfig[];
  neighbors: Iterable<Neighbor>;
}

export class OwnPeers {
  readonly #options: OwnPeersOptions;
  #names: ReadonlySet<string> = new Set();

  constructor(options: OwnPeersOptions) {
    this.#options = options;
  }

  /** Do sessions of this BGPPeer come here? */
  has(bgpPeer: string): boolean {
    return this.#names.has(bgpPeer);
  }

  /**
   * Looks again; true when they are others than before. A BGPPeer is ours when the configuration says so, when its
   * peerAddress is one where we listen, or when a session was found to be of it: addresses are translated, and move.
   */
  update({ table, listening, configured, neighbors }: Surroundings): boolean {
    const names = new Set(this.#options.named);
    for (const { bgpPeer } of configured) if (bgpPeer !== undefined) names.add(bgpPeer);
    for (const { bgpPeer } of neighbors) if (bgpPeer !== null) names.add(bgpPeer);
    const here = this.#addresses(listening);
    for (const { bgpPeer, peerAddress } of table?.sessions ?? [])
      if (peerAddress !== undefined && here.has(peerAddress)) names.add(bgpPeer);
    const changed = names.size !== this.#names.size || [...names].some((bgpPeer) => !this.#names.has(bgpPeer));
    this.#names = names;
    return changed;
  }

  /** Where speakers reach us, canonical. */
  #addresses(listening: readonly string[]): ReadonlySet<string> {
    const hosts = listening.map((endpoint) => endpoint.slice(0, endpoint.lastIndexOf(':')).replace(/^\[|]$/g, ''));
    const own = Object.values((this.#options.interfaces ?? hostInterfaces)()).flatMap((infos) => infos ?? []);
    const addresses = hosts.flatMap((host) => {
      const family = host === '0.0.0.0' ? 'IPv4' : host === '::' ? 'IPv6' : undefined;
      return family ? own.filter((info) => info.family === family).map(({ address }) => address) : [host];
    });
    return new Set(addresses.map((address) => canonicalAddress(address) ?? address));
  }
}

/** BGPPeers that are named; of more of them the number tells enough. */
const maxNamed = 3;

/** Why none of the sessions of a table should come here, and what to do about it. */
export function whyNoneIsOurs(table: Surroundings['table'], listening: readonly string[]): string {
  const peers = [...new Map((table?.sessions ?? []).map(({ bgpPeer, peerAddress }) => [bgpPeer, peerAddress]))];
  const named = peers.slice(0, maxNamed).map(([name, address]) => `${name} (${address ?? 'unnumbered'})`);
  const rest = peers.length > maxNamed ? ` and ${peers.length - maxNamed} more` : '';
  return (
    `No BGPPeer of the cluster points here: the peerAddress of ${named.join(', ')}${rest} is none of ` +
    `${listening.join(', ')}, and no session came that is of one of them. Set peerAddress of a BGPPeer to an address ` +
    'where this collector listens, or name those that come here by another address in expect.bgpPeers.'
  );
}
