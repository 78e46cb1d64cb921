/** What became of objects from one state to the next: which came, went or changed, and in which fields. */

import { kindNames } from '../metallb/objects/kinds.ts';
import { type AnyObject, type Kind, type Resources, statusKinds } from '../metallb/objects/resources.ts';
import type { FieldChange, ObjectAction } from '../store/history.ts';

/** Fields told of one change; how many more there were is told too. */
export const maxFields = 20;
/** Characters of one value. */
export const maxValueLength = 120;
/** Levels of an object below which a difference is told as one. */
const maxDepth = 8;

export interface ObjectChange {
  action: ObjectAction;
  /** As it is now; of a deleted one as it was. */
  object: AnyObject;
  /** As it was; undefined: it was not there. */
  before: AnyObject | undefined;
  fields: FieldChange[];
  moreFields: number;
}

/** All changes but those of objects in which the cluster only says what it does. Objects that are the same (===) cost nothing. */
export function* objectChanges(before: Resources, after: Resources): Generator<ObjectChange> {
  for (const kind of kindNames) {
    const [old, now]: ReadonlyMap<string, AnyObject>[] = [before[kind], after[kind]];
    if (old === now || statusKinds.has(kind)) continue;
    for (const [key, object] of now!) {
      const was = old!.get(key);
      if (was === object) continue;
      const fields = was ? [...fieldChanges(kind, was, object)] : [];
      if (was && fields.length === 0) continue; // written again as it was
      yield {
        action: was ? 'changed' : 'created',
        object,
        before: was,
        ...cutFields(fields),
      };
    }
    for (const [key, object] of old!)
      if (!now!.has(key)) yield { action: 'deleted', object, before: object, fields: [], moreFields: 0 };
  }
}

/** As many fields as are told, and how many more there are. */
export const cutFields = (fields: FieldChange[]): { fields: FieldChange[]; moreFields: number } => ({
  fields: fields.slice(0, maxFields),
  moreFields: Math.max(0, fields.length - maxFields),
});

/** Where the values of a spec stand in the object itself, for kinds whose spec is not just that. */
const paths: Partial<Record<Kind, Readonly<Record<string, string>>>> = {
  Service: { ingress: 'status.loadBalancer.ingress', sharingKey: 'metadata.annotations.metallb.io/allow-shared-ip' },
  EndpointSlice: { service: 'metadata.labels.kubernetes.io/service-name', endpoints: 'endpoints' },
  Node: { addresses: 'status.addresses', conditions: 'status.conditions' },
  ConfigMap: { hasExtras: 'data.extras', excludedInterfaces: 'data["excludel2.yaml"]' },
  Secret: { type: 'type', hasPassword: 'data.password' },
  Pod: {
    node: 'spec.nodeName',
    phase: 'status.phase',
    ready: 'status.conditions.Ready',
    terminating: 'metadata.deletionTimestamp',
  },
};

/** Fields that differ. Of passwords only whether there is one is known here, so nothing secret can show up. */
export function* fieldChanges(kind: Kind, before: AnyObject, after: AnyObject): Generator<FieldChange> {
  yield* differences('metadata.labels', before.labels, after.labels, 0);
  const specs = [before.spec, after.spec].map((spec) => (spec ?? {}) as Record<string, unknown>);
  const [old, now] = specs as [Record<string, unknown>, Record<string, unknown>];
  for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
    const path = paths[kind]?.[key] ?? `spec.${key}`;
    if (key === 'password' || key === 'hasPassword')
      yield* differences(path, old[key] ? 'set' : null, now[key] ? 'set' : null, 0);
    else yield* differences(path, old[key], now[key], 0);
  }
  const unknown = (object: AnyObject): string[] => object.unknownFields.map(({ path }) => path);
  for (const path of unknown(after)) if (!unknown(before).includes(path)) yield { path, from: null, to: 'set' };
  for (const path of unknown(before)) if (!unknown(after).includes(path)) yield { path, from: 'set', to: null };
}

/** Fields below `path` that differ. */
export function* differences(path: string, before: unknown, after: unknown, depth = 0): Generator<FieldChange> {
  if (before === after) return;
  if (isRecord(before) && isRecord(after) && depth < maxDepth) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      yield* differences(`${path}.${key}`, own(before, key), own(after, key), depth + 1);
    return;
  }
  if (Array.isArray(before) && Array.isArray(after) && depth < maxDepth) {
    yield* listDifferences(path, before, after, depth);
    return;
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  yield { path, from: shortValue(before), to: shortValue(after) };
}

/** Lists of the same length item by item, when the items have fields; others as a whole. */
function* listDifferences(
  path: string,
  before: readonly unknown[],
  after: readonly unknown[],
  depth: number,
): Generator<FieldChange> {
  if (before.length === after.length && [...before, ...after].every(isRecord)) {
    for (const [i, item] of before.entries()) yield* differences(`${path}[${i}]`, item, after[i], depth + 1);
    return;
  }
  const [old, now] = [before, after].map((items) => items.map((item) => JSON.stringify(item))) as [string[], string[]];
  if (old.length === now.length && old.every((text, i) => text === now[i])) return;
  const isLong = Math.max(old.join().length, now.join().length) > maxValueLength;
  yield {
    path,
    from: isLong ? special(old, new Set(now)) : shortValue(before),
    to: isLong ? special(now, new Set(old)) : shortValue(after),
  };
}

/** Of a long list what the other one does not have. */
function special(items: readonly string[], others: ReadonlySet<string>): string {
  const own = items.filter((text) => !others.has(text));
  return cut(`${items.length} items${own.length > 0 ? `, only here: ${own.join(', ')}` : ''}`);
}

/** A field by any name, `constructor` included. */
const own = (record: Record<string, unknown>, key: string): unknown =>
  Object.hasOwn(record, key) ? record[key] : undefined;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function shortValue(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return cut(value);
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return cut(`[${value.join(', ')}]`);
  return cut(JSON.stringify(value));
}

const cut = (text: string): string => (text.length > maxValueLength ? `${text.slice(0, maxValueLength - 1)}…` : text);
