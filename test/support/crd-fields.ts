/** The fields of released CRDs: `golden/crd-fields.tsv`, which says where they come from. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a CRD says of one field in some releases; null = these releases do not have the field. */
export interface CrdSchema {
  type: string;
  min?: number;
  max?: number;
  minItems?: number;
  enum?: string[];
  default?: unknown;
  required?: string[];
}

export interface CrdField {
  kind: string;
  version: string;
  /** `spec.communities[].name`; `*` for any key. */
  path: string;
  /** Oldest first; `from` and `to` are null where one schema holds for every release. */
  ranges: { from: string | null; to: string | null; schema: CrdSchema | null }[];
}

/** Throws for a file without rows, and for a row that it cannot read. */
export function readCrdFields(): CrdField[] {
  const text = readFileSync(join(import.meta.dirname, '../golden/crd-fields.tsv'), 'utf8');
  const fields: CrdField[] = [];
  let kind = '';
  let version = '';
  for (const line of text.split('\n')) {
    const [, heading, apiVersion] = /^# (\w+) (v1beta\d) {3}\(in /.exec(line) ?? [];
    if (heading !== undefined) [kind, version] = [heading, apiVersion!];
    if (line === '' || line.startsWith('#')) continue;
    const [path, schemas] = line.split('\t');
    if (kind === '' || schemas === undefined) throw new Error(`unreadable row: ${line}`);
    fields.push({ kind, version, path: path!, ranges: schemas.split(' | ').map(rangeOf) });
  }
  if (fields.length === 0) throw new Error('no rows');
  return fields;
}

function rangeOf(text: string): CrdField['ranges'][number] {
  const [, from, to = from, schema = text] = /^([\w.-]+?)(?:…([\w.-]+))?: (.*)$/.exec(text) ?? [];
  const [, type, details] = /^(\w+|-)(?: (\{.*\}))?$/.exec(schema) ?? [];
  if (type === undefined) throw new Error(`unreadable schema: ${text}`);
  return {
    from: from ?? null,
    to: to ?? null,
    schema: type === '-' ? null : { type, ...(details !== undefined && JSON.parse(details)) },
  };
}
