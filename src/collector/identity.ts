/** Who a neighbor is: which node and BGPPeer it stands for, and what the configuration says of its address. */
import type { NeighborConfig } from '../events.ts';
import { canonicalAddress, contains, type Prefix, parsePrefix } from '../ip.ts';
import { matchSession } from '../metallb/expectations/match.ts';
import type { ExpectationTable } from '../metallb/expectations/table.ts';
import type { Neighbor } from '../rib/types.ts';

export interface IdentityOptions {
  neighbors: NeighborConfig[];
  /** Canonical address → node. */
  nodes: Record<string, string>;
}

export class Identity {
  /** Longest range first. */
  readonly #ranges: { config: NeighborConfig; range: Prefix }[];
  readonly #nodes: Record<string, string>;
  /** Entries found so far, by address: one is asked for in every turn. */
  readonly #found = new Map<string, NeighborConfig | undefined>();

  constructor({ neighbors, nodes }: IdentityOptions) {
    const ranges = neighbors.map((config) => ({ config, range: parsePrefix(config.range)! }));
    this.#ranges = ranges.sort((a, b) => b.range.length - a.range.length);
    this.#nodes = nodes;
  }

  /** All configuration entries. */
  get configured(): readonly NeighborConfig[] {
    return this.#ranges.map(({ config }) => config);
  }

  /** Sets node, bgpPeer and matchText; true when one of the first two changed. `table` null: nothing is expected. */
  identify(neighbor: Neighbor, table: ExpectationTable | null): boolean {
    const { node, bgpPeer, text } = this.#match(neighbor, table);
    const isChanged = neighbor.node !== node || neighbor.bgpPeer !== bgpPeer;
    neighbor.node = node;
    neighbor.bgpPeer = bgpPeer;
    neighbor.matchText = text;
    return isChanged;
  }

  /** The configuration entry that lets this address in, the longest range where several do. */
  configOf(address: string): NeighborConfig | undefined {
    if (!this.#found.has(address)) {
      const host = parsePrefix(address);
      this.#found.set(address, host && this.#ranges.find(({ range }) => contains(range, host))?.config);
    }
    return this.#found.get(address);
  }

  #match(
    neighbor: Neighbor,
    table: ExpectationTable | null,
  ): { node: string | null; bgpPeer: string | null; text: string } {
    const address = canonicalAddress(neighbor.remoteAddress) ?? neighbor.remoteAddress;
    if (table !== null) {
      const bgpPeer = this.configOf(neighbor.remoteAddress)?.bgpPeer;
      return matchSession({ ...neighbor, remoteAddress: address }, table, {
        nodes: this.#nodes,
        ...(bgpPeer && { bgpPeer }),
      });
    }
    const node = this.#nodes[address] ?? neighbor.hostname;
    return {
      node,
      bgpPeer: null,
      text: 'no manifests: the node is what the configuration or the FQDN capability says',
    };
  }
}
