/**
 * Of which nodes something is different between two cluster states under one configuration. What a node announces
 * depends on its own object and on what its speaker has in force, so a node that only looks different to others (a
 * heartbeat, a label that no selector asks for) costs nothing, and one that moved costs itself.
 */
import { hasBit } from '../relations/bits.ts';
import type { ClusterNodes } from '../relations/nodes.ts';
import type { ExpectedSession, NodeView } from '../types.ts';
import type { PrefixScope, SomeExpectations } from './expectation-change.ts';
import { Gates, type InForce } from './gates.ts';
import type { Group, Plan } from './plan.ts';
import type { ServiceIndex } from './service-index.ts';

/** Where nodes stand in one cluster state. */
export interface NodesAsTheyAre {
  readonly nodes: ClusterNodes;
  readonly inForce: ReadonlyMap<string, InForce>;
  readonly views: ReadonlyMap<string, NodeView>;
  readonly sessions: ReadonlyMap<string, readonly ExpectedSession[]>;
}

/** With more changed nodes than one in so many, going through everything is cheaper. */
const fewOf = 4;

/**
 * Nodes with what may be different on them: some prefixes, or all of them and the sessions too; 'all' = too many nodes.
 * @param indexes the services under each plan in force.
 * @param labelsCount whether other objects select nodes for what they announce (frr-k8s).
 */
export function changedNodes(
  before: NodesAsTheyAre,
  after: NodesAsTheyAre,
  indexes: ReadonlyMap<Plan, ServiceIndex>,
  labelsCount: boolean,
): SomeExpectations['nodes'] | 'all' {
  const changed = new Map<string, PrefixScope>();
  const limit = Math.max(1, after.nodes.size / fewOf);
  const known = new Map<string, ReadonlySet<string>>();
  const [gatesBefore, gatesAfter] = [gatesOf(before), gatesOf(after)];
  for (const name of new Set([...before.nodes.objects.keys(), ...after.nodes.objects.keys()])) {
    if (!isSameNode(before, after, name, labelsCount)) changed.set(name, 'all');
    else {
      const moved = movedAdvertisements(before, after, name);
      if (moved.length === 0) continue;
      const [was, is] = [before.inForce.get(name)!, after.inForce.get(name)!];
      const number = after.nodes.numberOf(name);
      const passesIn = (gates: Gates, group: Group): boolean => hasBit(gates.of(group).eligible, number);
      const groups = [...is.plan.groups.values()];
      const turned = groups.filter((group) => passesIn(gatesBefore(was), group) !== passesIn(gatesAfter(is), group));
      const key = `${moved}/${turned.map((group) => groups.indexOf(group))}`;
      const prefixes = known.get(key) ?? prefixesUnder(new Set(moved), new Set(turned), indexes.get(is.plan)!);
      known.set(key, prefixes);
      changed.set(name, prefixes);
    }
    if (changed.size > limit) return 'all';
  }
  return changed;
}

/** Is it there in both, with the same sessions, under the same plan, and kept from announcing by the same? */
function isSameNode(before: NodesAsTheyAre, after: NodesAsTheyAre, name: string, labelsCount: boolean): boolean {
  const [was, is] = [before.nodes.objects.get(name), after.nodes.objects.get(name)];
  if (!was || !is || before.inForce.get(name)?.plan !== after.inForce.get(name)?.plan) return false;
  if (before.nodes.isHeldBack(name) !== after.nodes.isHeldBack(name)) return false;
  if (labelsCount && was !== is && !sameValue(was.labels, is.labels)) return false;
  return (
    sameValue(before.views.get(name), after.views.get(name)) &&
    sameValue(before.sessions.get(name), after.sessions.get(name))
  );
}

/** Indexes of the advertisements that select the node in one state and not in the other. */
function movedAdvertisements(before: NodesAsTheyAre, after: NodesAsTheyAre, name: string): number[] {
  const [was, is] = [before.inForce.get(name), after.inForce.get(name)];
  if (was === is || !was || !is) return [];
  const number = after.nodes.numberOf(name);
  return is.nodesOf.flatMap((bits, i) => (hasBit(bits, number) === hasBit(was.nodesOf[i]!, number) ? [] : [i]));
}

/** Gates of one state, made once for all nodes that go by the same. */
function gatesOf({ nodes }: NodesAsTheyAre): (inForce: InForce) => Gates {
  const known = new Map<InForce, Gates>();
  return (inForce) => {
    let gates = known.get(inForce);
    if (!gates) known.set(inForce, (gates = new Gates(inForce, nodes)));
    return gates;
  };
}

/**
 * Prefixes to which a node adds something in one state only: because of an advertisement, by its index, that selects it
 * there only, or because a group passes the gates of the node there only.
 */
function prefixesUnder(
  moved: ReadonlySet<number>,
  turned: ReadonlySet<Group>,
  { services }: ServiceIndex,
): ReadonlySet<string> {
  const prefixes = new Set<string>();
  for (const { group, contributions } of services.values()) {
    const isTurned = group !== undefined && turned.has(group);
    for (const { prefix, advertisement } of contributions)
      if (isTurned || moved.has(advertisement.index)) prefixes.add(prefix);
  }
  return prefixes;
}

const sameValue = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
