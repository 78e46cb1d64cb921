/** Speakers that are behind the objects (MetalLB issues 2245, 462 and 252). */

import { names } from '../../metallb/problems/words.ts';
import type { Check, Facts, Finds } from '../types.ts';
import { title } from '../words.ts';

/** Speakers that refuse the configuration on offer and go on with an earlier one. */
export const staleConfiguration: Check = {
  code: 'stale-configuration',
  severity: 'critical',
  title: 'Speakers run with an old configuration',
  looksFor: 'nodes whose speaker rejects the current objects.',
  ofObjects: true,
  find,
};

function* find({ cluster }: Facts): Finds {
  if (!cluster) return;
  const byReason = new Map<string, string[]>();
  for (const { name, staleConfig } of cluster.table.nodes.values()) {
    yield;
    if (staleConfig !== undefined) byReason.set(staleConfig, [...(byReason.get(staleConfig) ?? []), name]);
  }
  for (const [reason, nodes] of byReason) {
    const objects = cluster.table.refusals.filter((refusal) => refusal.nodes.some((node) => nodes.includes(node)));
    yield {
      ...(nodes.length === 1 && { node: nodes[0]! }),
      text:
        `The speakers on ${names(nodes)} reject the current configuration and keep the previous one: ` +
        `${reason}. No later edit takes effect there.`,
      hint:
        objects.length > 0
          ? `Correct ${names(objects.map(({ object }) => title(object)))}.`
          : 'Check the log of the speakers for the object that they reject.',
      objects: objects.slice(0, 10).map(({ object }) => object),
      about: reason,
    };
  }
}
