/** What frr-k8s refuses, though MetalLB's own validation let it pass. */
import { problem } from '../codes.ts';
import type { Gates } from '../expectations/gates.ts';
import { localPrefsOf, type ServiceIndex } from '../expectations/service-index.ts';
import { refusal } from '../refusals.ts';
import type { ClusterNodes } from '../relations/nodes.ts';
import type { ExpectedSession, Refusal } from '../types.ts';

export interface Conflicts {
  readonly refusals: readonly Refusal[];
  /** Nodes whose FRRConfiguration is refused, and the first reason. */
  readonly nodes: ReadonlyMap<string, string>;
}

/** Prefixes with a conflict that are named. */
export const maxNamed = 20;
export const stuck =
  'frr-k8s refuses the FRRConfiguration of these nodes: their routes stay as they were until this is resolved';

/**
 * An FRRConfiguration with two localPref for one prefix towards one neighbor is refused as a whole. Services that
 * share an address, or a prefix of two pools, get there without any advertisement being at fault by itself.
 */
export function frrConfigurationConflicts(
  index: ServiceIndex,
  gates: Gates,
  sessions: ReadonlyMap<string, readonly ExpectedSession[]>,
  nodes: ClusterNodes,
): Conflicts {
  const refusals: Refusal[] = [];
  const refused = new Map<string, string>();
  for (const prefix of index.mixed) {
    const contributions = index.prefixes.get(prefix)!.all;
    const values = [...localPrefsOf(contributions)].sort((a, b) => a - b);
    const error = `prefix ${prefix} is configured with both local preference ${values.join(' and ')}`;
    const here: string[] = [];
    for (const [node, own] of sessions) {
      const number = nodes.numberOf(node);
      const meet = (session: ExpectedSession): boolean =>
        localPrefsOf(contributions.filter((one) => gates.passes(one, number, session))).size > 1;
      if (own.some(meet)) here.push(node);
    }
    if (here.length === 0) continue;
    if (refusals.length < maxNamed)
      refusals.push(
        refusal(
          'runtime',
          contributions.at(-1)!.advertisement.object.ref,
          problem('frr-configuration-conflict', error),
          stuck,
          here,
        ),
      );
    for (const node of here) if (!refused.has(node)) refused.set(node, error);
  }
  return { refusals, nodes: refused };
}
