/** From one cluster state to the next: what each speaker has in force, and what has to be worked out again. */
import { Admission, type Configuration } from './admission.ts';
import { type Bits, hasBit, union } from './bits.ts';
import { Table } from './expected.ts';
import { Gates, type InForce } from './gates.ts';
import { addressesOf, ClusterNodes, hostnameOf, NodeNumbers } from './nodes.ts';
import { hostnameMismatch, sessionsOf } from './peers.ts';
import { makePlan, type Plan, runtimeRefusals, speakerRefusals } from './plan.ts';
import type { Node, Resources } from './resources.ts';
import { advance, emptyIndex, groupSlices, type ServiceIndex, type SlicesByService } from './service-index.ts';
import type {
  ExpectationChange,
  ExpectationTable,
  ExpectedSession,
  ExpectOptions,
  Lint,
  NodeView,
  Refusal,
} from './types.ts';

export interface Calculation {
  table: ExpectationTable;
  change: ExpectationChange;
}

/** Remembers what outlives a cluster state: which objects were admitted, and what each speaker has in force. */
export interface Calculator {
  /** The expectations of a cluster state. Objects identical (===) to those of the call before are not looked at again. */
  update(resources: Resources): Calculation;
}

export function createCalculator(options: ExpectOptions): Calculator {
  return new IncrementalCalculator(options);
}

class IncrementalCalculator implements Calculator {
  readonly #options: ExpectOptions;
  readonly #admission: Admission;
  readonly #numbers = new NodeNumbers();
  #resources: Resources | undefined;
  #nodes: ClusterNodes;
  #slices: SlicesByService = new Map();
  #configured: Configured | undefined;
  #indexes: ReadonlyMap<Plan, ServiceIndex> = new Map();
  #inForce: ReadonlyMap<string, InForce> = new Map();
  /** Node → why its speaker does not take the configuration on offer. */
  #staleBy: ReadonlyMap<string, string> = new Map();
  #viewed: ReadonlyMap<string, ViewedNode> = new Map();
  #sessions: ReadonlyMap<string, readonly ExpectedSession[]> = new Map();
  #views: ReadonlyMap<string, NodeView> = new Map();

  constructor(options: ExpectOptions) {
    this.#options = options;
    this.#admission = new Admission(options);
    this.#nodes = new ClusterNodes(new Map(), this.#numbers, options.ignoreExcludeLB);
  }

  update(resources: Resources): Calculation {
    const before = this.#resources;
    const nodesChanged = resources.Node !== before?.Node;
    const configurationChanged = before === undefined || nodesChanged || !sameConfiguration(resources, before);
    if (nodesChanged) this.#nodes = new ClusterNodes(resources.Node, this.#numbers, this.#options.ignoreExcludeLB);
    if (resources.EndpointSlice !== before?.EndpointSlice) this.#slices = groupSlices(resources.EndpointSlice);
    if (configurationChanged) this.#configured = this.#configure(resources);
    this.#resources = resources;

    const configured = this.#configured!;
    const touched = this.#advanceIndexes(resources, configured.offered.plan);
    const retained = this.#putInForce(configured);
    if (configurationChanged || retained.changed) this.#viewNodes(resources.Node);

    const table = new Table({
      options: this.#options,
      nodes: this.#nodes,
      views: this.#views,
      sessions: this.#sessions,
      inForce: this.#inForce,
      indexes: this.#indexes,
      services: this.#indexes.get(configured.offered.plan)!.services,
      refusals: [...resources.refusals, ...configured.refusals, ...retained.refusals],
      lint: [...resources.lint, ...configured.lint],
    });
    return { table, change: { prefixes: configurationChanged || retained.changed ? 'all' : touched } };
  }

  /** Admits objects and asks the speakers. A plan stays the same object as long as its objects do. */
  #configure(resources: Resources): Configured {
    const { mode } = this.#options;
    const { configuration, refusals } = this.#admission.admit(resources, this.#nodes);
    const previous = this.#configured?.offered;
    const plan =
      previous && sameObjects(previous.plan.configuration, configuration) ? previous.plan : makePlan(configuration);
    const nodesOf = plan.advertisements.map(({ object }) => this.#nodes.selectedBy(object));
    const unchanged = previous?.plan === plan && nodesOf.every((bits, i) => sameBits(bits, previous.nodesOf[i]!));
    const objected = speakerRefusals(configuration, this.#nodes, mode);
    return {
      offered: unchanged ? previous : { plan, nodesOf },
      stale: objected.stale,
      refusals: [...refusals, ...objected.refusals, ...runtimeRefusals(plan, this.#nodes)],
      lint: mode === 'frr-k8s' ? [...resources.Node.values()].filter(hostnameMismatch).map(hostnameLint) : [],
    };
  }

  /** Brings the services of every plan that is or may come into force up to date; returns the prefixes touched. */
  #advanceIndexes(resources: Resources, offered: Plan): Set<string> {
    const plans = new Set([offered, ...Array.from(this.#inForce.values(), ({ plan }) => plan)]);
    const indexes = new Map<Plan, ServiceIndex>();
    const all = new Set<string>();
    for (const plan of plans) {
      const previous = this.#indexes.get(plan) ?? emptyIndex;
      const { index, touched } = advance(
        previous,
        plan,
        resources.Service,
        this.#slices,
        this.#options.loadBalancerClass,
      );
      indexes.set(plan, index);
      for (const prefix of touched) all.add(prefix);
    }
    this.#indexes = indexes;
    return all;
  }

  /** Gives every node the configuration on offer, unless its speaker refuses it: then it keeps what it has. */
  #putInForce({ offered, stale }: Configured): { refusals: Refusal[]; changed: boolean } {
    const nodes = this.#nodes;
    const orphaned = this.#wouldLoseServices(offered, stale);
    const reasons = [...stale, ...orphaned];
    const next = new Map<string, InForce>();
    const staleBy = new Map<string, string>();
    for (const name of nodes.objects.keys()) {
      const reason = reasons.find(({ nodes: bits }) => hasBit(bits, nodes.numberOf(name)));
      if (reason) staleBy.set(name, reason.error);
      const inForce = reason ? this.#inForce.get(name) : offered;
      if (inForce) next.set(name, inForce);
    }
    const changed =
      next.size !== this.#inForce.size || [...next].some(([name, inForce]) => this.#inForce.get(name) !== inForce);
    this.#inForce = next;
    this.#staleBy = staleBy;
    const used = new Set([offered.plan, ...Array.from(next.values(), ({ plan }) => plan)]);
    this.#indexes = new Map([...this.#indexes].filter(([plan]) => used.has(plan)));
    return { refusals: orphaned.map(({ refusal }) => refusal), changed };
  }

  /** A speaker refuses a configuration under which a service that it announces would be of no pool any more. */
  #wouldLoseServices(offered: InForce, stale: Configured['stale']): { nodes: Bits; error: string; refusal: Refusal }[] {
    const next = this.#indexes.get(offered.plan)!.services;
    const found: { nodes: Bits; error: string; refusal: Refusal }[] = [];
    for (const inForce of new Set(this.#inForce.values())) {
      if (inForce.plan === offered.plan) continue;
      const gates = new Gates(inForce, this.#nodes);
      const holders = [...this.#inForce]
        .filter(([, own]) => own === inForce)
        .map(([node]) => this.#nodes.numberOf(node))
        .filter((number) => number >= 0 && !stale.some(({ nodes }) => hasBit(nodes, number)));
      for (const [name, view] of this.#indexes.get(inForce.plan)!.services) {
        if (!view.group || next.get(name)?.refused?.reason !== 'ipNotAllowed') continue;
        const announcing = gates.serviceNodes(view);
        const names = holders.filter((number) => hasBit(announcing, number));
        if (names.length === 0) continue;
        const error = `service "${name}" has no configuration under new config`;
        const pool = view.group.pool.object.ref;
        found.push({
          nodes: names.reduce((bits, number) => union(bits, single(number)), new Uint32Array(0) as Bits),
          error: `IPAddressPool/${pool.name}: ${error}`,
          refusal: {
            stage: 'config',
            object: pool,
            error,
            effect:
              'speakers that announce the service keep the last valid config until the controller has given it another address',
            nodes: names.map((number) => this.#numbers.nameOf(number)),
          },
        });
      }
    }
    return found;
  }

  /** Nodes and their sessions; those of an unchanged node under an unchanged plan stay the same objects. */
  #viewNodes(objects: ReadonlyMap<string, Node>): void {
    const viewed = new Map<string, ViewedNode>();
    for (const [name, node] of objects) {
      const plan = this.#inForce.get(name)?.plan;
      const stale = this.#staleBy.get(name);
      const before = this.#viewed.get(name);
      const unchanged = before && before.node === node && before.plan === plan && before.view.staleConfig === stale;
      viewed.set(name, unchanged ? before : viewNode(node, plan, stale, this.#options.mode));
    }
    this.#viewed = viewed;
    this.#views = new Map(Array.from(viewed, ([name, { view }]) => [name, view]));
    this.#sessions = new Map(Array.from(viewed, ([name, { sessions }]) => [name, sessions]));
  }
}

interface ViewedNode {
  readonly node: Node;
  readonly plan: Plan | undefined;
  readonly view: NodeView;
  readonly sessions: readonly ExpectedSession[];
}

function viewNode(
  node: Node,
  plan: Plan | undefined,
  stale: string | undefined,
  mode: ExpectOptions['mode'],
): ViewedNode {
  const view: NodeView = { name: node.ref.name, addresses: addressesOf(node) };
  const hostname = hostnameOf(node);
  if (hostname !== undefined) view.hostname = hostname;
  if (stale !== undefined) view.staleConfig = stale;
  if (stale !== undefined && !plan) view.configurationUnknown = true;
  return { node, plan, view, sessions: plan ? sessionsOf(node, plan.peers, mode) : [] };
}

interface Configured {
  /** What speakers are given to take or refuse. */
  offered: InForce;
  stale: readonly { nodes: Bits; error: string }[];
  refusals: readonly Refusal[];
  lint: readonly Lint[];
}

const hostnameLint = (node: Node): Lint => ({
  object: node.ref,
  path: 'metadata.labels["kubernetes.io/hostname"]',
  message: `is not the node's name "${node.ref.name}": in frr-k8s mode the node's FRRConfiguration then selects no node, and nothing is announced`,
});

const single = (number: number): Bits => {
  const bits = new Uint32Array((number >>> 5) + 1);
  bits[number >>> 5] = 1 << (number & 31);
  return bits;
};

/** Same objects, same order, and the same things unreadable (what was admitted of those stays in force). */
function sameConfiguration(a: Resources, b: Resources): boolean {
  return (
    sameItems(a.configuration, b.configuration) &&
    (a.refusals === b.refusals || JSON.stringify(a.refusals) === JSON.stringify(b.refusals))
  );
}

const sameItems = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((item, i) => item === b[i]);

function sameObjects(a: Configuration, b: Configuration): boolean {
  const lists = (configuration: Configuration): unknown[] =>
    Object.values(configuration).flatMap((map) => [...map.values()]);
  return sameItems(lists(a), lists(b));
}

const sameBits = (a: Bits, b: Bits): boolean => a.length === b.length && a.every((word, i) => word === b[i]);
