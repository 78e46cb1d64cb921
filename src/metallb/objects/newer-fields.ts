/** Fields that the cluster's MetalLB does not have yet: to its API server they are unknown ones, like misspelt ones. */

import type { Lint } from '../types.ts';
import type { VersionRules } from '../versions.ts';
import { type AnyObject, keyOf, type Resources } from './resources.ts';

/** Read object → the same without newer fields, for each set of rules. */
const older = new WeakMap<VersionRules, WeakMap<AnyObject, AnyObject>>();

/** The objects as that version sees them; the same snapshot where it knows all fields. */
export function withoutNewerFields(resources: Resources, rules: VersionRules): Resources {
  const replaced = new Map<AnyObject, AnyObject>();
  for (const object of resources.configuration) {
    const cut = withoutFields(object, rules);
    if (cut !== object) replaced.set(object, cut);
  }
  if (replaced.size === 0) return resources;
  const now = <T extends AnyObject>(object: T): T => (replaced.get(object) as T | undefined) ?? object;
  const map = <T extends AnyObject>(objects: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
    new Map(Array.from(objects.values(), (object) => [keyOf(object.ref), now(object)]));
  return {
    ...resources,
    BGPAdvertisement: map(resources.BGPAdvertisement),
    L2Advertisement: map(resources.L2Advertisement),
    BGPPeer: map(resources.BGPPeer),
    configuration: resources.configuration.map(now),
    lint: [...resources.lint, ...[...replaced].flatMap(([before, after]) => lintOf(before, after))],
  };
}

/** Of one object always the same result: what is behind goes by identity. */
function withoutFields(object: AnyObject, rules: VersionRules): AnyObject {
  const unset = rules.unknown[object.ref.kind] ?? {};
  const spec = object.spec as Readonly<Record<string, unknown>>;
  const fields = Object.keys(unset).filter((field) => JSON.stringify(spec[field]) !== JSON.stringify(unset[field]));
  if (fields.length === 0) return object;
  let known = older.get(rules);
  if (!known) older.set(rules, (known = new WeakMap()));
  let cut = known.get(object);
  if (!cut) {
    cut = {
      ...object,
      spec: { ...spec, ...unset },
      unknownFields: [
        ...object.unknownFields,
        ...fields.map((field) => {
          const line = object.lines.get(`spec.${field}`);
          return {
            path: `spec.${field}`,
            message: `unknown field "spec.${field}"`,
            hint: 'newer versions of MetalLB have it',
            ...(line !== undefined && { line }),
          };
        }),
      ],
    };
    known.set(object, cut);
  }
  return cut;
}

function lintOf(before: AnyObject, after: AnyObject): Lint[] {
  return after.unknownFields.slice(before.unknownFields.length).map(({ path, line, message, hint }) => ({
    code: 'newer-field' as const,
    object: line === undefined ? after.ref : { ...after.ref, line },
    path,
    message: `${message} in the MetalLB version of this cluster: an API server that validates strictly refuses the object, a lax one drops the field`,
    ...(hint !== undefined && { hint }),
  }));
}
