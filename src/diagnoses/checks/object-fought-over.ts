/** Objects that two writers undo for each other (MetalLB issue 1944). */
import type { AnyObject } from '../../metallb/objects/resources.ts';
import { count } from '../../metallb/problems/words.ts';
import type { Check, Facts, Finds } from '../types.ts';
import { span, title } from '../words.ts';

/** Kinds that people and pipelines write, and nobody all the time. */
const kinds = ['IPAddressPool', 'BGPAdvertisement', 'L2Advertisement', 'BGPPeer', 'Community', 'BFDProfile'] as const;
/** Edits within the window that no person makes. */
const leastEdits = 6;
const windowMs = 600_000;

/** Each edit may reload every speaker, and resets sessions where it is about the peering. */
export const objectFoughtOver: Check = {
  code: 'object-fought-over',
  severity: 'warning',
  title: 'Object keeps changing',
  looksFor: 'pools, advertisements and peers that are edited six times in ten minutes.',
  find,
};

function* find({ cluster, history, now }: Facts): Finds {
  if (!cluster) return;
  const recent = history.edits.filter(({ at }) => at > now - windowMs);
  if (recent.length < leastEdits) return;
  for (const kind of kinds) {
    const own = Map.groupBy(
      recent.filter(({ object }) => object.kind === kind),
      ({ object }) => `${object.namespace}/${object.name}`,
    );
    for (const [key, edits] of own) {
      yield;
      if (edits.length < leastEdits) continue;
      const object: AnyObject | undefined = cluster.resources[kind].get(key);
      const manager = object?.origin?.manager;
      const { object: ref } = edits.at(-1)!;
      yield {
        text:
          `${title(ref)} was changed ${count(edits.length, 'time')} in the last ${span(windowMs)}` +
          `${manager === undefined ? '' : `, last by ${manager}`}: each time the speakers take a new configuration.`,
        hint:
          'Look for two writers of the same object (two pipelines, an operator and a person): its managedFields name ' +
          'them. kubectl get --show-managed-fields shows those.',
        objects: [ref],
      };
    }
  }
}
