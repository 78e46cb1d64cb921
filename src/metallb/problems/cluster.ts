/** What the checks ask of the objects and expectations of one cluster state, worked out when first asked for. */
import { canonicalAddress } from '../../ip.ts';
import type { RefusalCode } from '../codes.ts';
import { type Endpoints, endpointsOf } from '../expectations/endpoints.ts';
import { groupSlices, type SlicesByService } from '../expectations/service-index.ts';
import type { ExpectationTable } from '../expectations/table.ts';
import {
  type AnyObject,
  type BGPPeer,
  keyOf,
  type LabelSelector,
  type Node,
  type Resources,
  type Service,
} from '../objects/resources.ts';
import { parseNumber } from '../relations/cidr.ts';
import type { ClusterNodes } from '../relations/nodes.ts';
import type { ParsedPool } from '../relations/pools.ts';
import type { Relations } from '../relations/relations.ts';
import type { ExpectedSession } from '../types.ts';
import { rulesOf } from '../versions.ts';

interface SelectsNodes {
  readonly spec: { readonly nodeSelectors: readonly LabelSelector[] };
}

type PoolUsers = ReadonlyMap<ParsedPool, Readonly<Record<4 | 6, readonly string[]>>>;

/** Services between two places to pause. */
const servicesPerPause = 128;

export class Cluster {
  readonly resources: Resources;
  readonly table: ExpectationTable;
  readonly nodes: ClusterNodes;
  /** Who selects whom: between the objects that MetalLB accepts, and between all that were written. */
  readonly accepted: Relations;
  readonly written: Relations;
  readonly #selected = new Map<SelectsNodes, ReadonlySet<string>>();
  #slices: SlicesByService | undefined;
  #byNode: ReadonlyMap<string, ExpectedSession[]> | undefined;
  #byPeer: ReadonlyMap<string, ExpectedSession[]> | undefined;
  #byAddress: ReadonlyMap<string, readonly Service[]> | undefined;
  #users: PoolUsers | undefined;
  #rejected: ReadonlySet<string> | undefined;
  readonly #endpoints = new Map<string, Endpoints>();

  /** @param resources as they were read last: what the cluster reports changes more often than the table. */
  constructor(resources: Resources, table: ExpectationTable) {
    const { nodes, accepted, written } = table.cluster;
    this.resources = resources;
    this.table = table;
    this.nodes = nodes;
    this.accepted = accepted;
    this.written = written;
  }

  /** Names of the nodes that an object's nodeSelectors pick; an empty list picks all. */
  selectedBy(object: SelectsNodes): ReadonlySet<string> {
    let selected = this.#selected.get(object);
    if (!selected) this.#selected.set(object, (selected = new Set(this.nodes.namesOf(this.nodes.selectedBy(object)))));
    return selected;
  }

  /** Names of the nodes that both pick. */
  sharedBy(a: SelectsNodes, b: SelectsNodes): string[] {
    const others = this.selectedBy(b);
    return [...this.selectedBy(a)].filter((name) => others.has(name));
  }

  /** Sessions by node, and by BGPPeer. */
  get sessionsByNode(): ReadonlyMap<string, ExpectedSession[]> {
    return (this.#byNode ??= Map.groupBy(this.table.sessions, ({ node }) => node));
  }

  get sessionsByPeer(): ReadonlyMap<string, ExpectedSession[]> {
    return (this.#byPeer ??= Map.groupBy(this.table.sessions, ({ bgpPeer }) => bgpPeer));
  }

  node(name: string): Node | undefined {
    return this.resources.Node.get(name);
  }

  /** The BGPPeer as MetalLB accepted it last. */
  peer(name: string): BGPPeer | undefined {
    return this.accepted.configuration.peers.get(name);
  }

  /** Is the object rejected for this reason? */
  isRejected({ ref, key }: AnyObject, code: RefusalCode): boolean {
    this.#rejected ??= new Set(this.table.refusals.map((one) => `${one.code} ${one.object.kind} ${keyOf(one.object)}`));
    return this.#rejected.has(`${code} ${ref.kind} ${key}`);
  }

  /** Services with a status address, by that address (canonical). */
  *servicesByAddress(): Generator<undefined, ReadonlyMap<string, readonly Service[]>> {
    if (this.#byAddress) return this.#byAddress;
    const byAddress = new Map<string, Service[]>();
    let looked = 0;
    for (const service of this.services()) {
      if (++looked % servicesPerPause === 0) yield;
      for (const text of service.spec.ingress) {
        const address = canonicalAddress(text);
        if (address === undefined) continue;
        const list = byAddress.get(address);
        if (list) list.push(service);
        else byAddress.set(address, [service]);
      }
    }
    this.#byAddress = byAddress;
    return byAddress;
  }

  /** Names of the services with an address of an accepted pool, by pool and family. */
  *usersOfPools(): Generator<undefined, PoolUsers> {
    if (this.#users) return this.#users;
    const users = new Map<ParsedPool, Record<4 | 6, string[]>>();
    let looked = 0;
    for (const { key, spec } of this.services()) {
      if (++looked % servicesPerPause === 0) yield;
      for (const text of spec.ingress) {
        const address = parseNumber(text);
        const pool = address && this.accepted.poolOf(address);
        if (!pool) continue;
        const own = users.get(pool) ?? { 4: [], 6: [] };
        users.set(pool, own);
        if (own[address.family].at(-1) !== key) own[address.family].push(key);
      }
    }
    this.#users = users;
    return users;
  }

  /** LoadBalancer services of the class that the speakers look at. */
  *services(): Generator<Service> {
    const { loadBalancerClass } = this.table.options;
    for (const service of this.resources.Service.values())
      if (service.spec.type === 'LoadBalancer' && service.spec.loadBalancerClass === loadBalancerClass) yield service;
  }

  /** Serving endpoints of a service. */
  endpoints(service: Service): Endpoints {
    let endpoints = this.#endpoints.get(service.key);
    if (!endpoints) {
      this.#slices ??= groupSlices(this.resources.EndpointSlice);
      endpoints = endpointsOf(this.#slices.get(service.key) ?? [], rulesOf(this.table.options.version));
      this.#endpoints.set(service.key, endpoints);
    }
    return endpoints;
  }
}
