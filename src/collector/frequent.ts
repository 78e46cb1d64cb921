/** Objects that change all the time: readiness that flaps, a controller that cannot decide. */
import type { ObjectChangeWrite } from '../store/history.ts';
import { cutFields } from './object-changes.ts';

/** Changes of one object in a minute that are told one by one; what comes on top joins the last of them. */
export const maxChangesPerMinute = 10;
const minute = 60_000;

/** Counts the changes of each object in a minute. */
export class Frequent {
  #minute = 0;
  readonly #objects = new Map<string, { count: number; last: ObjectChangeWrite }>();

  /** The change itself, or the last one of its object with this one in it. */
  take(key: string, change: ObjectChangeWrite): ObjectChangeWrite {
    const now = Math.floor(change.at / minute);
    if (now !== this.#minute) this.#objects.clear();
    this.#minute = now;
    const known = this.#objects.get(key);
    if (!known || known.count < maxChangesPerMinute) {
      this.#objects.set(key, { count: (known?.count ?? 0) + 1, last: change });
      return change;
    }
    known.last = joined(known.last, change);
    return known.last;
  }
}

/** Several changes of one object in a row as one: from what it was before the first to what it is after the last. */
function joined(first: ObjectChangeWrite, last: ObjectChangeWrite): ObjectChangeWrite {
  const fields = new Map(first.fields.map((field) => [field.path, field]));
  for (const { path, from, to } of last.fields)
    fields.set(path, { path, from: (fields.get(path) ?? { from }).from, to });
  const cut = cutFields([...fields.values()]);
  return {
    ...last,
    id: first.id,
    at: first.at,
    times: first.times + 1,
    fields: cut.fields,
    moreFields: Math.max(first.moreFields, last.moreFields) + cut.moreFields,
    addresses: [...new Set([...first.addresses, ...last.addresses])],
  };
}
