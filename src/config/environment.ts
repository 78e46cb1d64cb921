/** `PEERGLASS_…`: every key of the configuration as a variable, e.g. `PEERGLASS_BGP_ROUTER_ID` for `bgp.routerId`. */
import { parse } from 'yaml';
import { z } from 'zod';

/** One key that may be set, by its path. */
interface Key {
  path: string[];
  kind: 'text' | 'list' | 'yaml';
}

/** What the environment says: values to be set over those of the file, and variables that mean nothing. */
export interface EnvironmentValues {
  values: { path: string[]; variable: string; value: unknown }[];
  unknown: string[];
  known: string[];
}

const prefix = 'PEERGLASS_';
/** Variables that are no key: where the file is, and what `peerglass check` shows to a collector. */
const notKeys = ['PEERGLASS_CONFIG', 'PEERGLASS_TOKEN'];
/** Kubernetes sets these in every pod beside a Service called `peerglass…`; they are not meant for us. */
const serviceLink = /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/;

/** Lists of words are comma lists, numbers and words are themselves, anything deeper is YAML. */
export function readEnvironment(schema: z.ZodType, env: Record<string, string | undefined>): EnvironmentValues {
  const keys = new Map(keysOf(schema).map((key) => [variableOf(key.path), key]));
  const values: EnvironmentValues['values'] = [];
  const unknown: string[] = [];
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith(prefix) || notKeys.includes(variable) || text === undefined) continue;
    const key = keys.get(variable);
    if (key) values.push({ path: key.path, variable, value: valueFrom(key.kind, text) });
    else if (!serviceLink.test(variable)) unknown.push(variable);
  }
  return { values, unknown, known: [...keys.keys()] };
}

function valueFrom(kind: Key['kind'], text: string): unknown {
  if (kind === 'list' && !text.trimStart().startsWith('[')) return text.split(',').map((item) => item.trim());
  if (kind === 'text') return text;
  try {
    return parse(text);
  } catch {
    return text; // the schema will say what was expected
  }
}

function variableOf(path: string[]): string {
  return prefix + path.map((key) => key.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()).join('_');
}

function keysOf(schema: z.ZodType, path: string[] = []): Key[] {
  const bare = unwrap(schema);
  if (bare instanceof z.ZodObject)
    return Object.entries(bare.shape).flatMap(([key, value]) => keysOf(value as z.ZodType, [...path, key]));
  return [{ path, kind: kindOf(bare) }];
}

function kindOf(schema: z.ZodType): Key['kind'] {
  if (schema instanceof z.ZodArray) return isText(unwrap(schema.element as z.ZodType)) ? 'list' : 'yaml';
  return isText(schema) ? 'text' : 'yaml';
}

/** A string, or one that is parsed further. */
const isText = (schema: z.ZodType): boolean =>
  schema instanceof z.ZodString ||
  schema instanceof z.ZodURL ||
  schema instanceof z.ZodEnum ||
  (schema instanceof z.ZodPipe && isText(schema.in as z.ZodType));

/** The schema without what only says that its key may be left out. */
export function unwrap(schema: z.ZodType): z.ZodType {
  while (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional)
    schema = schema.unwrap() as z.ZodType;
  return schema;
}
