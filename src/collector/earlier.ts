/**
 * Where an earlier run left the cluster. Speakers and the API server did not stop with it: what they keep of older
 * objects, because they refuse the newer ones, is still in force. So the calculator goes the same way again: through
 * the objects from before the first refusal, if there was one, then through those that were read last.
 */
import type { Calculator } from '../metallb/calculator.ts';
import type { ExpectationTable } from '../metallb/expectations/table.ts';
import { assembleResources } from '../metallb/objects/read.ts';
import { type AnyObject, type Kind, keyOf, type Resources } from '../metallb/objects/resources.ts';
import type { ObjectRef } from '../metallb/types.ts';
import type { KeptObject, RestoredHistory } from '../store/history.ts';

/** A state of the objects, and what was expected because of it. */
export interface Known {
  readonly resources: Resources;
  readonly table: ExpectationTable;
}

export interface Earlier {
  /** The objects that were read last. */
  readonly last: Known;
  /** The state of which something was still in force then; null = everything went by the last one. */
  readonly held: Known | null;
}

/**
 * A calculator that goes on where an earlier run ended; `form` names the form in which objects are kept now. `earlier`
 * is null when there was no such run, or when nothing can be made of what it left: it was another version, which kept
 * things in its own way.
 */
export function continueFrom(
  create: () => Calculator,
  { objects, held }: RestoredHistory,
  form: string,
): { calculator: Calculator; earlier: Earlier | null } {
  try {
    const [before, last] = [restoreObjects(held, form), restoreObjects(objects, form)];
    if (last) {
      const calculator = create();
      const know = (resources: Resources): Known => ({ resources, table: calculator.update(resources).table });
      const earlier = { held: before && know(before), last: know(last) };
      return { calculator, earlier };
    }
  } catch {
    // kept by something else than this
  }
  return { calculator: create(), earlier: null };
}

/** null: there are none, or they are of another form. */
function restoreObjects(kept: readonly KeptObject[], form: string): Resources | null {
  const known = kept.map(({ content }) => JSON.parse(content) as { form: string; object: Omit<AnyObject, 'lines'> });
  if (known.length === 0 || known.some((one) => one.form !== form)) return null;
  return assembleResources(known.map(({ object }) => ({ object: { ...object, lines: new Map() }, lint: [] })));
}

/** Is something of `before` in force, because what came in its place is refused? */
export function keepsSomethingOf(before: Known, { resources, table }: Known): boolean {
  for (const { staleConfig } of table.nodes.values()) if (staleConfig !== undefined) return true;
  const refused = new Set(before.table.refusals.map(({ object }) => idOf(object)));
  return table.refusals.some(
    ({ object }) => has(before.resources, object) && has(resources, object) && !refused.has(idOf(object)),
  );
}

const idOf = (ref: ObjectRef): string => `${ref.kind}/${keyOf(ref)}`;
const has = (resources: Resources, ref: ObjectRef): boolean =>
  (resources[ref.kind as Kind] as ReadonlyMap<string, unknown> | undefined)?.has(keyOf(ref)) ?? false;
