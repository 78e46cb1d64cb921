/** What the ids of a change stand for, whether it came from the RIB or from the database. */
import type { ChangeNames, RibView, StoredChange } from './types.ts';

export function namesOf(rib: RibView, { names, nlri, attributes, previous }: StoredChange): ChangeNames {
  return (
    names ?? {
      prefix: rib.prefixText(nlri),
      family: rib.family(nlri),
      pathId: rib.pathId(nlri),
      attributes: attributes === 0 ? null : rib.attributes(attributes),
      previous: previous === 0 ? null : rib.attributes(previous),
    }
  );
}
