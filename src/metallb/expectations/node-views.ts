/** A node as it is shown, and its sessions; the same objects as long as nothing about them changes. */

import type { Node } from '../objects/resources.ts';
import { addressesOf, hostnameOf } from '../relations/nodes.ts';
import type { ExpectedSession, ExpectOptions, NodeView } from '../types.ts';
import { sessionsOf } from './peers.ts';
import type { Plan } from './plan.ts';

export interface ViewedNode {
  readonly node: Node;
  readonly plan: Plan | undefined;
  /** No speaker runs there. */
  readonly without: boolean;
  readonly view: NodeView;
  readonly sessions: readonly ExpectedSession[];
}

/**
 * @param plan what its speaker goes by
 * @param without no speaker runs there
 * @param stale why its speaker does not take the present configuration
 */
export function viewNode(
  node: Node,
  plan: Plan | undefined,
  without: boolean,
  stale: string | undefined,
  options: ExpectOptions,
  before: ViewedNode | undefined,
): ViewedNode {
  const isSame =
    before?.node === node && before.plan === plan && before.without === without && before.view.staleConfig === stale;
  if (isSame) return before;
  const view: NodeView = { name: node.ref.name, addresses: addressesOf(node) };
  const hostname = hostnameOf(node);
  if (hostname !== undefined) view.hostname = hostname;
  if (stale !== undefined) view.staleConfig = stale;
  if (stale !== undefined && !plan) view.configurationUnknown = true;
  return {
    node,
    plan,
    without,
    view,
    sessions: plan && !without ? sessionsOf(node, plan.relations.peers, options) : [],
  };
}
