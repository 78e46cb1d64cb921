/** Finds the node of a hardware address: the node whose own addresses resolve to it on a shared segment. */

export class NodeMacs {
  /** Address → its node. */
  #nodeOf: ReadonlyMap<string, string> = new Map();
  /** `interface address` → the hardware addresses that it last resolved to. */
  readonly #bound = new Map<string, { address: string; interface: string; macs: readonly string[] }>();
  #index: Index | undefined;

  /** `nodeOf`: canonical address → node. Forgets what other addresses resolved to. */
  setNodes(nodeOf: ReadonlyMap<string, string>): void {
    this.#nodeOf = nodeOf;
    for (const [key, { address }] of this.#bound) if (!nodeOf.has(address)) this.#bound.delete(key);
    this.#index = undefined;
  }

  /** The node with this address; null: none. */
  nodeWith(address: string): string | null {
    return this.#nodeOf.get(address) ?? null;
  }

  /**
   * Records what a node's address resolved to on an interface. Kept until it resolves to others, since a node that is
   * down keeps its hardware. Returns true for a change.
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

  /** Forgets interfaces that are no longer watched. */
  keepInterfaces(names: ReadonlySet<string>): void {
    for (const [key, bound] of this.#bound) if (!names.has(bound.interface)) this.#bound.delete(key);
    this.#index = undefined;
  }

  /**
   * The node of `mac`; null if no node's address resolves to it, or those of several nodes do: then it belongs to a
   * router, which answers for the nodes behind it.
   */
  nodeOf(mac: string): string | null {
    const nodes = this.#indexed().nodesByMac.get(mac);
    return nodes?.size === 1 ? [...nodes][0]! : null;
  }

  /** Interfaces on whose segments the node's own addresses were seen, sorted. */
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
