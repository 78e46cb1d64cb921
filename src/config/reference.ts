/** The configuration's reference: every key with its default and meaning, from the schema itself. */
import { stringify } from 'yaml';
import { z } from 'zod';
import { unwrap } from './environment.ts';
import { ConfigSchema } from './schema.ts';

const heading = `\
# peerglass.yaml: every key, as it is when it is not written. Keys without a fixed default are behind "#".
# Relative paths count from this file's folder; without a file, from the working folder.
# Each key can be a variable, which wins: PEERGLASS_BGP_ROUTER_ID for bgp.routerId; lists of words with commas,
# anything deeper as YAML.
`;
/** Column of the meanings. */
const column = 42;

/** YAML that means the same as no file at all. */
export function configReference(): string {
  return `${heading}\n${linesOf(ConfigSchema, '').join('\n')}\n`;
}

function linesOf(object: z.ZodObject, indent: string): string[] {
  return Object.entries(object.shape).flatMap(([key, value]) => {
    const schema = value as z.ZodType;
    const bare = unwrap(schema);
    const standard = defaultOf(schema);
    if (bare instanceof z.ZodObject) {
      const lines = [line(`${indent}${key}:`, schema), ...linesOf(bare, `${indent}  `)];
      return standard === undefined ? lines.map(commentedOut) : lines;
    }
    const item = bare instanceof z.ZodArray ? unwrap(bare.element as z.ZodType) : undefined;
    if (item instanceof z.ZodObject) {
      const [first, ...rest] = linesOf(item, `${indent}    `);
      const lines = [line(`${indent}${key}:`, schema), first!.replace(`${indent}    `, `${indent}  - `), ...rest];
      return lines.map(commentedOut);
    }
    if (standard === undefined) return [commentedOut(line(`${indent}${key}:`, schema))];
    const text = stringify(standard, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 });
    return [line(`${indent}${key}: ${text.trimEnd()}`, schema)];
  });
}

function line(text: string, schema: z.ZodType): string {
  const meaning = [schema.description, choicesOf(unwrap(schema))].filter(Boolean).join(': ');
  return meaning ? `${text.padEnd(column)} # ${meaning}` : text;
}

/** The meaning stays in its column. */
const commentedOut = (text: string): string => (text.startsWith('#') ? text : `#${text.replace('  # ', ' # ')}`);

function choicesOf(schema: z.ZodType): string | undefined {
  if (schema instanceof z.ZodEnum) return schema.options.join(', ');
  return schema instanceof z.ZodPipe ? choicesOf(schema.out as z.ZodType) : undefined;
}

/** What a key is when it is not written; undefined when that depends on other things. */
function defaultOf(schema: z.ZodType): unknown {
  return schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault ? schema.def.defaultValue : undefined;
}
