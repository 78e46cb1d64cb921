/** Configuration that a component says it refused (MetalLB issues 2904, 2245, 462 and 252). */
import type { Check, Facts, Finds } from '../types.ts';

/** What speakers and frr-k8s say themselves: ConfigurationState and FRRNodeState. */
export const configurationRefusedThere: Check = {
  code: 'configuration-refused-there',
  severity: 'critical',
  title: 'A component reports a bad configuration',
  looksFor: 'ConfigurationState objects that say Invalid, FRRNodeState objects with a failed conversion or reload.',
  ofObjects: true,
  find,
};

function* find({ cluster }: Facts): Finds {
  if (!cluster) return;
  for (const { ref, spec } of cluster.resources.ConfigurationState.values()) {
    yield;
    if (spec.result !== 'Invalid') continue;
    const where = spec.node === '' ? `the ${spec.component || 'controller'}` : `the speaker on ${spec.node}`;
    yield {
      ...(spec.node !== '' && { node: spec.node }),
      text:
        `ConfigurationState ${ref.name} says that ${where} reports its configuration as ` +
        `invalid${spec.error === '' ? '' : `: ${spec.error}`}. The previous configuration stays in effect.`,
      hint: 'Correct the object that the message names; the state then becomes Valid.',
      objects: [ref],
    };
  }
  for (const { ref, spec } of cluster.resources.FRRNodeState.values()) {
    yield;
    const failed = (
      [
        ['conversion', spec.lastConversionResult],
        ['reload', spec.lastReloadResult],
      ] as const
    ).filter(([, result]) => result !== '' && !result.toLowerCase().startsWith('success'));
    if (failed.length === 0) continue;
    yield {
      node: ref.name,
      text:
        `FRRNodeState ${ref.name}: ` +
        `${failed.map(([what, result]) => `the last ${what} failed (${result.slice(0, 300)})`).join('; ')}. ` +
        `FRR on ${ref.name} keeps its previous configuration, at least in part.`,
      hint:
        'FRRConfigurations that select this node do not merge (AS, router ID, timers or localPref per prefix ' +
        'differ), or FRR rejects a line. Compare them with metallb-<node>.',
      objects: [ref],
    };
  }
}
