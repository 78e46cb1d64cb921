import type { Problem } from '../codes.ts';
import type { AnyObject, BGPAdvertisement, BGPPeer } from '../objects/resources.ts';

/** Why MetalLB does not take a configuration. */
export interface Objection {
  /** The object that is blamed: of two that exclude each other the later one. */
  readonly object: AnyObject;
  readonly problem: Problem;
  /**
   * Objects with nodeSelectors that take part. A speaker parses only those that select its node (from MetalLB
   * 0.16 on), so only nodes that all of these select come across the objection; none = every node does.
   */
  readonly involved: readonly (BGPAdvertisement | BGPPeer)[];
  /** What comes of it, where speakers do more than keep their last configuration. */
  readonly effect?: string;
}

/** Who asks: the admission webhook sees a slice of the cluster and passes some things that speakers refuse. */
export type Stage = 'webhook' | 'config';

/** The first text that is in the list twice. */
export function firstDuplicate(list: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return list.find((text) => seen.size === seen.add(text).size);
}
