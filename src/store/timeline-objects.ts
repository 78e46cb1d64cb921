/** Object changes as they are told, and which of them bear on a change of expectations. */
import { parsePrefix } from '../ip.ts';
import type { SessionSet } from '../metallb/answers/differences.ts';
import { type Db, fromMicros } from './database.ts';
import { addressRange, type FieldChange } from './history.ts';
import type { ObjectChangeRow } from './types.ts';

/** Object changes named as the reason for one change of expectations. */
export const maxReasons = 20;

export interface ObjectChangeColumns {
  id: number;
  at: number;
  last_at: number;
  times: number;
  occasion: 'away' | 'change';
  action: 'created' | 'changed' | 'deleted';
  kind: string;
  key: string;
  source: string;
  file: string | null;
  line: number | null;
  resource_version: string | null;
  manager: string | null;
  fields: string;
  more_fields: number;
}

export function objectChangeOf(row: ObjectChangeColumns): ObjectChangeRow {
  const slash = row.key.indexOf('/');
  return {
    kind: 'object',
    id: row.id,
    at: fromMicros(row.at),
    lastAt: fromMicros(row.last_at),
    times: row.times,
    occasion: row.occasion,
    action: row.action,
    object: {
      kind: row.kind,
      ...(slash >= 0 && { namespace: row.key.slice(0, slash) }),
      name: row.key.slice(slash + 1),
      ...(row.file !== null && { file: row.file }),
      ...(row.line !== null && { line: row.line }),
    },
    source: row.source,
    resourceVersion: row.resource_version,
    manager: row.manager,
    fields: JSON.parse(row.fields) as FieldChange[],
    moreFields: row.more_fields,
  };
}

/**
 * Which of the objects that changed together bear on what `sessions` are to announce of `prefix`. A Service or its
 * EndpointSlices must have an address in it, a Node must be one of those that announce it; any other kind is
 * configuration, which can matter to everything. Where none does (a Service that kept a pool from being given up, say)
 * all of them may have done it together.
 */
export function becauseOf(
  db: Db,
  set: { objects: string; more_objects: number },
  { blocks }: SessionSet,
  prefix: string,
): { because: ObjectChangeRow[]; moreBecause: number } {
  const ids = JSON.parse(set.objects) as number[];
  const rows = db
    .prepare(
      `SELECT *, EXISTS (SELECT 1 FROM object_addresses WHERE object_change = id AND address BETWEEN @low AND @high) AS inside
       FROM object_changes WHERE id IN (SELECT value FROM json_each(@objects)) ORDER BY id`,
    )
    .all({ objects: set.objects, ...addressRange(parsePrefix(prefix)!) }) as (ObjectChangeColumns & {
    inside: 0 | 1;
  })[];
  const bears = ({ kind, key, inside }: (typeof rows)[number]): boolean => {
    if (kind === 'Service' || kind === 'EndpointSlice') return inside === 1;
    return kind !== 'Node' || blocks.some(({ nodes }) => nodes.includes(key));
  };
  const bearing = rows.filter(bears);
  const reasons = bearing.length > 0 ? bearing : rows;
  const because = reasons.slice(0, maxReasons).map(objectChangeOf);
  // of those that are not named, or not kept any more, nobody knows whether they bear on it
  const unknown = set.more_objects + ids.length - rows.length;
  return { because, moreBecause: reasons.length - because.length + unknown };
}
