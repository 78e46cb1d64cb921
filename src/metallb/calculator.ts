/** From one cluster state to the next: what each speaker has in force, and what has to be worked out again. */

import { Admission } from './admission/admission.ts';
import { problem } from './codes.ts';
import {
  allExpectations,
  type ExpectationChange,
  noExpectations,
  type SomeExpectations,
  someExpectations,
} from './expectations/expectation-change.ts';
import { Table } from './expectations/expected.ts';
import { Gates, type InForce } from './expectations/gates.ts';
import { changedNodes, type NodesAsTheyAre } from './expectations/node-changes.ts';
import { type ViewedNode, viewNode } from './expectations/node-views.ts';
import { runtimeRefusals, speakerRefusals } from './expectations/objections.ts';
import { makePlan, type Plan } from './expectations/plan.ts';
import { onlyStatusDiffers, sameBits, sameConfiguration, sameObjects } from './expectations/same.ts';
import {
  advance,
  emptyIndex,
  groupSlices,
  type ServiceIndex,
  type SlicesByService,
} from './expectations/service-index.ts';
import type { Standing } from './expectations/state.ts';
import type { ExpectationTable } from './expectations/table.ts';
import { ForeignConfigurations } from './frr-k8s/foreign.ts';
import { Publisher } from './frr-k8s/publication.ts';
import { excludedInterfaces, excludeListOf } from './layer2/interfaces.ts';
import { withoutNewerFields } from './objects/newer-fields.ts';
import { type AnyObject, keyOf, type Node, type Resources } from './objects/resources.ts';
import { refusal } from './refusals.ts';
import { type Bits, bitsOf, difference, hasBit, intersection, isEmpty, union } from './relations/bits.ts';
import { ClusterNodes, type NodeGates, NodeNumbers } from './relations/nodes.ts';
import type { ParsedPool } from './relations/pools.ts';
import { acceptedConfiguration, type ClusterRelations, Relations, writtenRelations } from './relations/relations.ts';
import { whyNoSpeakerIn } from './relations/speakers.ts';
import { extrasIn } from './rules/extras.ts';
import { secretsIn } from './rules/secret.ts';
import type { ExpectedSession, ExpectOptions, NodeView, ObjectRef, Reason, Refusal } from './types.ts';
import { rulesOf } from './versions.ts';

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
  readonly #publisher: Publisher;
  readonly #numbers = new NodeNumbers();
  /** The snapshot of the last call, and what came of it. */
  #last: { given: Resources; table: ExpectationTable } | undefined;
  #resources: Resources | undefined;
  #nodes: ClusterNodes;
  /** Node → why no speaker runs there. */
  #without: ReadonlyMap<string, Reason> = new Map();
  #slices: SlicesByService = new Map();
  #foreign = new ForeignConfigurations(new Map(), new Map());
  #configured: Configured | undefined;
  #indexes: ReadonlyMap<Plan, ServiceIndex> = new Map();
  #inForce: ReadonlyMap<string, InForce> = new Map();
  #accepted: Relations | undefined;
  /** Node → why its speaker does not take the configuration on offer. */
  #staleBy: ReadonlyMap<string, string> = new Map();
  #viewed: ReadonlyMap<string, ViewedNode> = new Map();
  #sessions: ReadonlyMap<string, readonly ExpectedSession[]> = new Map();
  #views: ReadonlyMap<string, NodeView> = new Map();

  constructor(options: ExpectOptions) {
    this.#options = options;
    this.#admission = new Admission(options);
    this.#publisher = new Publisher(options.mode);
    this.#nodes = new ClusterNodes(new Map(), this.#numbers, this.#nodeGates(new Map()));
  }

  update(given: Resources): Calculation {
    if (this.#last && onlyStatusDiffers(this.#last.given, given))
      return { table: this.#last.table, change: noExpectations };
    const calculation = this.#calculate(given);
    this.#last = { given, table: calculation.table };
    return calculation;
  }

  #calculate(given: Resources): Calculation {
    const resources = withoutNewerFields(given, rulesOf(this.#options.version));
    const before = this.#resources;
    const withoutSpeaker = this.#withoutSpeaker(resources);
    const nodesChanged = resources.Node !== before?.Node || withoutSpeaker !== this.#without;
    const isOther = before === undefined || !sameConfiguration(resources, before);
    const configurationChanged = isOther || nodesChanged;
    const asTheyWere = this.#nodesAsTheyAre();
    this.#without = withoutSpeaker;
    if (nodesChanged) this.#nodes = new ClusterNodes(resources.Node, this.#numbers, this.#nodeGates(withoutSpeaker));
    const foreignChanged = nodesChanged || resources.FRRConfiguration !== before?.FRRConfiguration;
    if (foreignChanged) this.#foreign = new ForeignConfigurations(resources.FRRConfiguration, resources.Node);
    if (resources.EndpointSlice !== before?.EndpointSlice) this.#slices = groupSlices(resources.EndpointSlice);
    if (configurationChanged) this.#configured = this.#configure(resources);
    this.#resources = resources;

    const configured = this.#configured!;
    const touched = this.#advanceIndexes(resources, configured.offered.plan);
    const retained = this.#putInForce(configured);
    if (configurationChanged || retained.changed) this.#viewNodes(resources.Node);
    if (configurationChanged || retained.changed) this.#accepted = this.#accept(configured, retained.refusals);
    const standing = this.#stand();
    const publication = this.#publisher.publish(standing, this.#sessions, this.#views, this.#nodes, this.#foreign);

    const nodes = this.#nodes;
    const { mode, namespace } = this.#options;
    const cluster: ClusterRelations = {
      options: this.#options,
      resources,
      nodes,
      written: writtenRelations(resources, this.#options),
      accepted: this.#accepted!,
    };
    const table = new Table({
      cluster,
      views: publication.views,
      sessions: this.#sessions,
      standing,
      published: publication.published,
      foreign: this.#foreign,
      raw: mode === 'frr' ? extrasIn(namespace, resources.ConfigMap)?.ref : undefined,
      excluded: excludedInterfaces(excludeListOf(namespace, resources.ConfigMap)),
      services: this.#indexes.get(configured.offered.plan)!.services,
      refusals: [...resources.refusals, ...configured.refusals, ...retained.refusals, ...publication.refusals],
      lint: resources.lint,
    });
    const isAll = isOther || resources.FRRConfiguration !== before.FRRConfiguration || publication.changed;
    const labelsCount = resources.FRRConfiguration.size > 0;
    if (isAll) return { table, change: allExpectations };
    if (!nodesChanged && !retained.changed) return { table, change: changeOf(touched, new Map()) };
    const changed = changedNodes(asTheyWere, this.#nodesAsTheyAre(), this.#indexes, labelsCount);
    return { table, change: changeOf(touched, changed) };
  }

  #nodesAsTheyAre(): NodesAsTheyAre {
    return { nodes: this.#nodes, inForce: this.#inForce, views: this.#views, sessions: this.#sessions };
  }

  /** Node → why no speaker runs there; the same map as before where it says the same. */
  #withoutSpeaker(resources: Resources): ReadonlyMap<string, Reason> {
    const { Node, Pod, MetalLB } = this.#resources ?? {};
    if (resources.Node === Node && resources.Pod === Pod && resources.MetalLB === MetalLB) return this.#without;
    const why = whyNoSpeakerIn(resources, this.#options);
    const found = new Map<string, Reason>();
    for (const node of resources.Node.values()) {
      const reason = why(node);
      if (reason) found.set(node.ref.name, reason);
    }
    const before = this.#without;
    const same = found.size === before.size && [...found].every(([name, { text }]) => before.get(name)?.text === text);
    return same ? before : found;
  }

  #nodeGates(withoutSpeaker: ReadonlyMap<string, Reason>): NodeGates {
    const { ignoreExcludeLB, version } = this.#options;
    const { honorsExcludeLabel, knowsIgnoreExcludeLB, withdrawsOnCordon } = rulesOf(version);
    return {
      withoutSpeaker,
      honorsExcludeLabel: honorsExcludeLabel && !(ignoreExcludeLB && knowsIgnoreExcludeLB),
      withdrawsOnCordon,
    };
  }

  /** Admits objects and asks the speakers. A plan stays the same object as long as its objects do. */
  #configure(resources: Resources): Configured {
    const { namespace } = this.#options;
    const { configuration, refusals } = this.#admission.admit(resources, this.#nodes);
    const previous = this.#configured?.offered;
    const plan =
      previous && sameObjects(previous.plan.relations.configuration, configuration)
        ? previous.plan
        : makePlan(configuration, rulesOf(this.#options.version));
    const nodesOf = plan.advertisements.map(({ object }) => this.#nodes.selectedBy(object));
    const unchanged = previous?.plan === plan && nodesOf.every((bits, i) => sameBits(bits, previous.nodesOf[i]!));
    const objected = speakerRefusals(
      plan.relations,
      { secrets: secretsIn(namespace, resources.Secret), extras: extrasIn(namespace, resources.ConfigMap) },
      this.#nodes,
      this.#options,
    );
    return {
      offered: unchanged ? previous : { plan, nodesOf },
      stale: objected.stale,
      rejected: objected.refusals,
      refusals: [...refusals, ...objected.refusals, ...runtimeRefusals(plan, this.#nodes)],
    };
  }

  /** Brings the services of every plan that is or may come into force up to date; returns the prefixes touched by that. */
  #advanceIndexes(resources: Resources, offered: Plan): TouchedPrefixes {
    const plans = new Set([offered, ...Array.from(this.#inForce.values(), ({ plan }) => plan)]);
    const indexes = new Map<Plan, ServiceIndex>();
    const all = new Set<string>();
    const others = new Set<string>();
    for (const plan of plans) {
      const previous = this.#indexes.get(plan) ?? emptyIndex;
      const { index, touched, otherwise } = advance(previous, plan, resources.Service, this.#slices, this.#options);
      indexes.set(plan, index);
      for (const prefix of touched) all.add(prefix);
      for (const prefix of otherwise) others.add(prefix);
    }
    this.#indexes = indexes;
    return { prefixes: others, chains: new Set([...all].filter((prefix) => !others.has(prefix))) };
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
    const refusals = orphaned.map(({ pool, error, nodes: bits }) =>
      refusal('config', pool, problem('service-loses-pool', error), orphans, nodes.namesOf(bits)),
    );
    return { refusals, changed };
  }

  /** A speaker refuses a configuration under which a service that it announces would be of no pool any more. */
  #wouldLoseServices(offered: InForce, stale: Configured['stale']): Orphaned[] {
    const nodes = this.#nodes;
    const next = this.#indexes.get(offered.plan)!.services;
    const found = new Map<ParsedPool, Orphaned>();
    for (const inForce of new Set(this.#inForce.values())) {
      if (inForce.plan === offered.plan) continue;
      const gates = new Gates(inForce, nodes);
      const holders = stale.reduce(
        (bits, one) => difference(bits, one.nodes),
        bitsOf(nodes.numbers.size, (number) => this.#inForce.get(nodes.numbers.nameOf(number)) === inForce),
      );
      for (const [name, view] of this.#indexes.get(inForce.plan)!.services) {
        if (!view.group || next.get(name)?.refused?.reason !== 'ipNotAllowed') continue;
        const losing = intersection(gates.serviceNodes(view), holders);
        if (isEmpty(losing)) continue;
        const { pool } = view.group;
        const before = found.get(pool);
        if (before) before.nodes = union(before.nodes, losing);
        else
          found.set(pool, {
            nodes: losing,
            pool: pool.object.ref,
            error: `service "${name}" has no configuration under new config`,
          });
      }
    }
    return [...found.values()];
  }

  /** An object that speakers reject is accepted in the version that some of them runs with. */
  #accept({ offered, rejected }: Configured, retained: readonly Refusal[]): Relations {
    if (rejected.length + retained.length === 0) return offered.plan.relations;
    const isRejected = ({ ref }: AnyObject): boolean =>
      [...rejected, ...retained].some(({ object }) => object.kind === ref.kind && keyOf(object) === keyOf(ref));
    const inEffect = Array.from(new Set(this.#inForce.values()), ({ plan }) => plan.relations.configuration);
    return new Relations(acceptedConfiguration(offered.plan.relations.configuration, isRejected, inEffect));
  }

  /** What each speaker goes by now. Nodes that go by the same share one object. */
  #stand(): ReadonlyMap<string, Standing> {
    const shared = new Map<InForce, Standing>();
    const standing = new Map<string, Standing>();
    for (const [name, inForce] of this.#inForce) {
      let own = shared.get(inForce);
      if (!own) {
        own = { inForce, index: this.#indexes.get(inForce.plan)!, gates: new Gates(inForce, this.#nodes) };
        shared.set(inForce, own);
      }
      standing.set(name, own);
    }
    return standing;
  }

  /** Nodes and their sessions; those of an unchanged node under an unchanged plan stay the same objects. */
  #viewNodes(objects: ReadonlyMap<string, Node>): void {
    const viewed = new Map<string, ViewedNode>();
    for (const [name, node] of objects) {
      const plan = this.#inForce.get(name)?.plan;
      const stale = this.#staleBy.get(name);
      const without = this.#without.has(name);
      viewed.set(name, viewNode(node, plan, without, stale, this.#options, this.#viewed.get(name)));
    }
    this.#viewed = viewed;
    this.#views = new Map(Array.from(viewed, ([name, { view }]) => [name, view]));
    this.#sessions = new Map(Array.from(viewed, ([name, { sessions }]) => [name, sessions]));
  }
}

/** Prefixes with other contributions than before: `chains` keep their routes. */
type TouchedPrefixes = Pick<SomeExpectations, 'prefixes' | 'chains'>;

const changeOf = (touched: TouchedPrefixes, nodes: ReturnType<typeof changedNodes>): ExpectationChange =>
  nodes === 'all' ? allExpectations : someExpectations({ ...touched, nodes });

/** A pool that speakers will not let go of, because of a service. */
interface Orphaned {
  nodes: Bits;
  readonly pool: ObjectRef;
  readonly error: string;
}

const orphans =
  'speakers that announce the service keep the last valid config until the controller has given it another address';

interface Configured {
  /** What speakers are given to take or refuse. */
  offered: InForce;
  stale: readonly { nodes: Bits; error: string }[];
  /** What speakers reject. */
  rejected: readonly Refusal[];
  refusals: readonly Refusal[];
}
