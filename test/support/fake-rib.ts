/** A RIB as a Map: what `rib/` promises, without its speed. */
import { type Family, formatPrefix, type Prefix } from '../../src/ip.ts';
import { newNeighbor } from '../../src/rib/neighbors.ts';
import type { AttributesJson, Neighbor, RibView, RouteHandle, RouteIndex, RouteJson } from '../../src/rib/types.ts';
import { decodeAttributes } from '../../src/wire/attributes/index.ts';

interface Route {
  attributes: number;
  stale: boolean;
  changedAt: number;
}

export const plainAttributes: AttributesJson = {
  ...decodeAttributes(new Uint8Array(0)),
  nextHop: '192.0.2.11',
  asPath: [64512],
  origin: 'igp',
  med: 0,
};

export class FakeRib implements RibView, RouteIndex {
  seq = 0;
  readonly neighbors = new Map<number, Neighbor>();
  readonly routes = new Map<number, Map<number, Route>>();
  readonly #nlris: { prefix: string; pathId: number }[] = [];
  readonly #sets: AttributesJson[] = [];

  get routeCount(): number {
    return [...this.routes.values()].reduce((sum, routes) => sum + routes.size, 0);
  }

  get prefixCount(): number {
    return this.#nlris.length;
  }

  get attributeSetCount(): number {
    return this.#sets.length;
  }

  /** Adds a neighbor, or changes one. */
  neighbor(id: number, changes: Partial<Neighbor> = {}): Neighbor {
    const neighbor = Object.assign(this.neighbors.get(id) ?? someNeighbor(id), changes);
    this.neighbors.set(id, neighbor);
    return neighbor;
  }

  /** Announces a route; answers what changed. `attributes` as they differ from `plainAttributes`. */
  announce(
    neighbor: number,
    prefix: string,
    attributes: Partial<AttributesJson> = {},
    at = 0,
    pathId = 0,
  ): { neighbor: number; nlri: number } {
    const nlri = this.nlri(prefix, pathId);
    const routes = this.routes.get(neighbor) ?? new Map<number, Route>();
    this.routes.set(neighbor, routes);
    const set = this.#intern({ ...plainAttributes, ...attributes });
    const before = routes.get(nlri);
    const changedAt = before?.attributes === set ? before.changedAt : at;
    routes.set(nlri, { attributes: set, stale: false, changedAt });
    this.seq++;
    return { neighbor, nlri };
  }

  withdraw(neighbor: number, prefix: string, pathId = 0): { neighbor: number; nlri: number } {
    const nlri = this.nlri(prefix, pathId);
    this.routes.get(neighbor)?.delete(nlri);
    this.seq++;
    return { neighbor, nlri };
  }

  /** Marks all routes of a neighbor stale, or takes all away; answers what changed. */
  markStale(neighbor: number): { neighbor: number; nlri: number }[] {
    const routes = [...(this.routes.get(neighbor) ?? [])];
    for (const [, route] of routes) route.stale = true;
    return routes.map(([nlri]) => ({ neighbor, nlri }));
  }

  clear(neighbor: number): { neighbor: number; nlri: number }[] {
    const nlris = [...this.nlrisOf(neighbor)];
    this.routes.delete(neighbor);
    return nlris.map((nlri) => ({ neighbor, nlri }));
  }

  nlri(prefix: string, pathId = 0): number {
    const known = this.#nlris.findIndex((nlri) => nlri.prefix === prefix && nlri.pathId === pathId);
    return known >= 0 ? known : this.#nlris.push({ prefix, pathId }) - 1;
  }

  json({ neighbor: id, nlri, attributes }: RouteHandle): RouteJson {
    const neighbor = this.neighbors.get(id)!;
    const route = this.routes.get(id)!.get(nlri)!;
    const at = new Date(route.changedAt).toISOString();
    return {
      prefix: this.prefixText(nlri),
      family: this.family(nlri),
      pathId: this.pathId(nlri),
      neighbor: {
        id,
        address: neighbor.remoteAddress,
        asn: neighbor.asn,
        routerId: neighbor.routerId,
        node: neighbor.node,
      },
      ...this.attributes(attributes),
      stale: route.stale,
      staleUntil: null,
      receivedAt: at,
      firstSeenAt: at,
      lastChangedAt: at,
      seq: 1,
    };
  }

  attributes(attributes: number): AttributesJson {
    return this.#sets[attributes - 1]!;
  }

  prefixText(nlri: number): string {
    return this.#nlris[nlri]!.prefix;
  }

  pathId(nlri: number): number {
    return this.#nlris[nlri]!.pathId;
  }

  family(nlri: number): Family {
    return this.prefixText(nlri).includes(':') ? 6 : 4;
  }

  nlris(prefix: Prefix): number[] {
    const text = formatPrefix(prefix);
    return this.#nlris.flatMap((nlri, id) => (nlri.prefix === text ? [id] : []));
  }

  exact(prefix: string, neighbor?: number): RouteHandle[] {
    return this.#handles().filter((h) => this.prefixText(h.nlri) === prefix && (neighbor ?? h.neighbor) === h.neighbor);
  }

  isStale({ neighbor, nlri }: RouteHandle): boolean {
    return this.routes.get(neighbor)?.get(nlri)?.stale ?? false;
  }

  attributesOf(neighbor: number, nlri: number): number {
    return this.routes.get(neighbor)?.get(nlri)?.attributes ?? 0;
  }

  nlrisOf(neighbor: number): Iterable<number> {
    return this.routes.get(neighbor)?.keys() ?? [];
  }

  longest(): string | undefined {
    return undefined;
  }

  covering(prefix: string): string[] {
    return this.exact(prefix).length > 0 ? [prefix] : [];
  }

  walk(options: { neighbor?: number }, visit: (handle: RouteHandle) => boolean): void {
    for (const handle of this.#handles())
      if ((options.neighbor ?? handle.neighbor) === handle.neighbor && !visit(handle)) return;
  }

  #handles(): RouteHandle[] {
    return [...this.routes].flatMap(([neighbor, routes]) =>
      [...routes].map(([nlri, { attributes }]) => ({ neighbor, nlri, attributes })),
    );
  }

  #intern(set: AttributesJson): number {
    const text = JSON.stringify(set);
    const known = this.#sets.findIndex((other) => JSON.stringify(other) === text);
    return known >= 0 ? known + 1 : this.#sets.push(set);
  }
}

/** Of a node of `192.0.2.0/24`; nothing is known of it yet. */
function someNeighbor(id: number): Neighbor {
  const endpoints = { remoteAddress: `192.0.2.${10 + id}`, localAddress: '192.0.2.1', localPort: 179 };
  const known = { localAsn: 64500, routerId: endpoints.remoteAddress };
  return { ...newNeighbor(id, endpoints, 64512, 0), ...known, matchText: 'nothing is known of it' };
}
