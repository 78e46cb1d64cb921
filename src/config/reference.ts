/** The configuration reference: every key with its default and meaning, derived from the schema. */
import { stringify } from 'yaml';
import { z } from 'zod';
import { unwrap } from './environment.ts';
import { ConfigSchema } from './schema.ts';

const heading = `\
# peerglass.yaml: every key with its default. Keys without a fixed default are commented out.
# Relative paths start at the folder of this file, or at the working directory if there is no file.
# An environment variable overrides a key: PEERGLASS_BGP_ROUTER_ID sets bgp.routerId. Separate the items of a list
# with commas; write nested values as YAML.
`;
/** Column where the descriptions start. */
const column = 42;

/** A configuration file that equals the defaults. */
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

/** The description stays in its column. */
const commentedOut = (text: string): string => (text.startsWith('#') ? text : `#${text.replace('  # ', ' # ')}`);

function choicesOf(schema: z.ZodType): string | undefined {
  if (schema instanceof z.ZodEnum) return schema.options.join(', ');
  return schema instanceof z.ZodPipe ? choicesOf(schema.out as z.ZodType) : undefined;
}

/** The default of a key; undefined if it depends on other values. */
function defaultOf(schema: z.ZodType): unknown {
  return schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault ? schema.def.defaultValue : undefined;
}
