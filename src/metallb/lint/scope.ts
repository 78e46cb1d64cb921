/** What a lint rule is, and how it words a finding. */
import type { LintCode } from '../codes.ts';
import type { AnyObject, Kind } from '../objects/resources.ts';
import { placeOf } from '../problems/rule.ts';
import { clip, maxErrorLength } from '../refusals.ts';
import type { ClusterRelations } from '../relations/relations.ts';
import type { Lint, ObjectRef } from '../types.ts';

/** One rule: everything that it finds, worst or first things first; whoever asks may stop early. */
export type LintRule = (cluster: ClusterRelations) => Iterable<Lint>;

/** Names of all objects of a kind in MetalLB's namespace, readable or not. */
export function namesOf({ resources, options }: ClusterRelations, kind: Kind): Set<string> {
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
  return {
    code,
    object: placeOf(object, path),
    path,
    message: clip(message, maxErrorLength),
    ...(hint !== undefined && { hint: clip(hint, maxErrorLength) }),
  };
}
