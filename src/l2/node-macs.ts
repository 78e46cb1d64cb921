/** Which node a hardware address is of: the one whose own addresses resolve to it on a segment that we share. */

export class NodeMacs {
  /** Address → its node. */
  #nodeOf: ReadonlyMap<string, string> = new Map();
  /** `interface address` → what it resolved to last. */
  readonly #bound = new Map<string, { address: string; interface: string; macs: readonly string[] }>();
  #index: Index | undefined;

  /** `nodeOf`: addresses of nodes, canonical → node. What other addresses resolved to is forgotten. */
  setNodes(nodeOf: ReadonlyMap<string, string>): void {
    this.#nodeOf = nodeOf;
    for (const [key, { address }] of this.#bound) if (!nodeOf.has(address)) this.#bound.delete(key);
    this.#index = undefined;
  }

  /** The node that has the address; null = none. */
  nodeWith(address: string): string | null {
    return this.#nodeOf.get(address) ?? null;
  }

  /**
   * A node's address resolved to these on an interface; kept until it resolves to others, since a node that is down still
   * has its hardware. True when that is news.
   */
  bind(name: string, address: string, macs: readonly string[]): boolean {
    const key = `${name} ${address}`;
    const before = this.#bound.get(key)?.macs;
    if (macs.length === 0 || (before?.length === macs.length && macs.every((mac) => before.includes(mac))))
      return false;
    this.#bound.set(key, { address, interface: name, macs });
    this.#index = undefined;
    return true;
  }

  /** Forgets what was seen on interfaces that are not watched any more. */
  keepInterfaces(names: ReadonlySet<string>): void {
    for (const [key, bound] of this.#bound) if (!names.has(bound.interface)) this.#bound.delete(key);
    this.#index = undefined;
  }

  /**
   * The node; null when no node's address resolves to `mac`, or those of several do: then it is a router's, which answers
   * for what is behind it.
   */
  nodeOf(mac: string): string | null {
    const nodes = this.#indexed().nodesByMac.get(mac);
    return nodes?.size === 1 ? [...nodes][0]! : null;
  }

  /** Interfaces on whose segment the node was seen with an address of its own, sorted. */
  interfacesOf(node: string): readonly string[] {
    return this.#indexed().interfacesByNode.get(node) ?? [];
  }

  #indexed(): Index {
    if (this.#index) return this.#index;
    const nodesByMac = new Map<string, Set<string>>();
    for (const { address, macs } of this.#bound.values())
      for (const mac of macs) {
        const nodes = nodesByMac.get(mac) ?? new Set();
        nodesByMac.set(mac, nodes.add(this.#nodeOf.get(address)!));
      }
    const interfacesByNode = new Map<string, string[]>();
    for (const { address, interface: name, macs } of this.#bound.values()) {
      if (!macs.some((mac) => nodesByMac.get(mac)!.size === 1)) continue;
      const node = this.#nodeOf.get(address)!;
      const names = new Set(interfacesByNode.get(node)).add(name);
      interfacesByNode.set(node, [...names].sort());
    }
    return (this.#index = { nodesByMac, interfacesByNode });
  }
}

interface Index {
  nodesByMac: ReadonlyMap<string, ReadonlySet<string>>;
  interfacesByNode: ReadonlyMap<string, readonly string[]>;
}
