/** What the rules look at: MetalLB's objects as they were given, and how a finding is put. */
import type { LintCode } from '../codes.ts';
import type { ClusterNodes } from '../nodes.ts';
import type {
  AnyObject,
  BGPAdvertisement,
  BGPPeer,
  Community,
  Kind,
  L2Advertisement,
  Resources,
} from '../objects/resources.ts';
import { type ParsedPool, parsePool } from '../pools.ts';
import { poolProblem } from '../rules/pool.ts';
import { clip, maxErrorLength } from '../stages/refusals.ts';
import type { ExpectOptions, Lint, ObjectRef } from '../types.ts';

export interface Scope {
  readonly options: ExpectOptions;
  readonly resources: Resources;
  readonly nodes: ClusterNodes;
  /** Those whose addresses parse. */
  readonly pools: readonly ParsedPool[];
  readonly advertisements: readonly BGPAdvertisement[];
  readonly l2Advertisements: readonly L2Advertisement[];
  readonly peers: readonly BGPPeer[];
  readonly communities: readonly Community[];
}

/** One rule: everything that it finds, worst or first things first; whoever asks may stop early. */
export type LintRule = (scope: Scope) => Iterable<Lint>;

/** Objects outside MetalLB's namespace, and those that strict validation keeps out, are of no consequence for others. */
export function scopeOf(resources: Resources, nodes: ClusterNodes, options: ExpectOptions): Scope {
  const of = <T extends AnyObject>(objects: ReadonlyMap<string, T>): T[] =>
    [...objects.values()].filter(
      ({ ref, unknownFields }) =>
        ref.namespace === options.namespace && (options.fieldValidation === 'prune' || unknownFields.length === 0),
    );
  return {
    options,
    resources,
    nodes,
    pools: of(resources.IPAddressPool)
      .filter((pool) => poolProblem(pool) === undefined)
      .map(parsePool),
    advertisements: of(resources.BGPAdvertisement),
    l2Advertisements: of(resources.L2Advertisement),
    peers: of(resources.BGPPeer),
    communities: of(resources.Community),
  };
}

/** Names of all objects of a kind in MetalLB's namespace, readable or not. */
export function namesOf({ resources, options }: Scope, kind: Kind): Set<string> {
  const refs = [
    ...Array.from<AnyObject, ObjectRef>(resources[kind].values(), ({ ref }) => ref),
    ...resources.refusals.map(({ object }) => object).filter((ref) => ref.kind === kind),
  ];
  return new Set(refs.filter(({ namespace }) => namespace === options.namespace).map(({ name }) => name));
}

/** The first items, and no more is asked for. */
export function take<T>(items: Iterable<T>, count: number): T[] {
  const taken: T[] = [];
  for (const item of items) {
    if (taken.length === count) break;
    taken.push(item);
  }
  return taken;
}

/** A finding at a field of an object, with the line of that field where the source told it. */
export function finding(code: LintCode, object: AnyObject, path: string, message: string, hint?: string): Lint {
  const line = object.lines.get(path) ?? object.ref.line;
  return {
    code,
    object: line === undefined ? object.ref : { ...object.ref, line },
    path,
    message: clip(message, maxErrorLength),
    ...(hint !== undefined && { hint: clip(hint, maxErrorLength) }),
  };
}
