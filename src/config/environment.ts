/** Environment variables for every configuration key: `PEERGLASS_BGP_ROUTER_ID` sets `bgp.routerId`. */
import { parse } from 'yaml';
import { z } from 'zod';

/** A key, by its path. */
interface Key {
  path: string[];
  kind: 'text' | 'list' | 'yaml';
}

/** Values that override those of the file, and unknown variables. */
export interface EnvironmentValues {
  values: { path: string[]; variable: string; value: unknown }[];
  unknown: string[];
  known: string[];
}

const prefix = 'PEERGLASS_';
/** Variables that are not keys: the file, and the token of `peerglass check`. */
const notKeys = ['PEERGLASS_CONFIG', 'PEERGLASS_TOKEN'];
/** Kubernetes sets these for a Service called `peerglass…` in every Pod of its namespace. */
const serviceLink = /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/;

/** Lists of words are separated by commas; nested values are YAML. */
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
    return text; // the schema reports what it expected
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

/** Whether the schema takes a string. */
const isText = (schema: z.ZodType): boolean =>
  schema instanceof z.ZodString ||
  schema instanceof z.ZodURL ||
  schema instanceof z.ZodEnum ||
  (schema instanceof z.ZodPipe && isText(schema.in as z.ZodType));

/** The schema without its default and optional wrappers. */
export function unwrap(schema: z.ZodType): z.ZodType {
  while (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional)
    schema = schema.unwrap() as z.ZodType;
  return schema;
}
