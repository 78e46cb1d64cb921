/** From one cluster state to the next: what did not change, so that it need not be worked out again. */

import { kindNames } from '../objects/kinds.ts';
import { type Resources, statusKinds } from '../objects/resources.ts';
import type { Bits } from '../relations/bits.ts';
import type { Configuration } from '../relations/relations.ts';
import type { Refusal } from '../types.ts';

/** Same objects, same order, and the same things unreadable (what was admitted of those stays in force). */
export function sameConfiguration(a: Resources, b: Resources): boolean {
  return (
    sameItems(a.configuration, b.configuration) &&
    a.Secret === b.Secret &&
    a.ConfigMap === b.ConfigMap &&
    (a.refusals === b.refusals || JSON.stringify(ofOwn(a.refusals)) === JSON.stringify(ofOwn(b.refusals)))
  );
}

/** Nothing changed but what the cluster says of itself, which in a large one it does all the time. */
export const onlyStatusDiffers = (a: Resources, b: Resources): boolean =>
  kindNames.every((kind) => statusKinds.has(kind) || a[kind] === b[kind]) &&
  sameItems(a.configuration, b.configuration) &&
  sameItems(a.refusals, b.refusals) &&
  sameItems(a.lint, b.lint);

/** What the cluster says of itself changes no configuration, well-formed or not. */
const ofOwn = (refusals: readonly Refusal[]): readonly Refusal[] =>
  refusals.filter(({ object }) => !statusKinds.has(object.kind));

const sameItems = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((item, i) => item === b[i]);

export function sameObjects(a: Configuration, b: Configuration): boolean {
  const lists = (configuration: Configuration): unknown[] =>
    Object.values(configuration).flatMap((map) => [...map.values()]);
  return sameItems(lists(a), lists(b));
}

export const sameBits = (a: Bits, b: Bits): boolean => a.length === b.length && a.every((word, i) => word === b[i]);
