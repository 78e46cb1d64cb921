/** Fields that a schema does not know, and what was probably meant. */
import type { z } from 'zod';
import { didYouMean } from '../../suggest.ts';
import { clip } from '../refusals.ts';

/** Something about one field of an object. */
export interface FieldProblem {
  /** `spec.nodeSelector`, `spec.peers[2]`. */
  path: string;
  /** 1-based, where the source knows it. */
  line?: number;
  message: string;
  hint?: string;
}

export type Path = readonly (string | number)[];

/** An object as a source hands it over: plain JSON values, and where a path of it was written. */
export interface SourceObject {
  raw: unknown;
  /** A cluster has it: its API server and webhooks have let it in, whatever we think of it. */
  admitted?: true;
  file?: string;
  /** Line of a path (1-based); undefined when the source has no text. */
  line?: (path: Path) => number | undefined;
  /** What is written there when that is a word without quotes. */
  plain?: (path: Path) => string | undefined;
}

export interface Checked<T> {
  /** Undefined when there are `errors`. */
  value?: T;
  unknown: FieldProblem[];
  errors: FieldProblem[];
}

/** Fields reported of one object; more of them tell nothing new. */
const maxProblems = 100;
/** Longest field name that is looked at closely, or shown whole. */
const maxWordLength = 64;

/** Reads `raw` with `schema`. Unknown fields are told apart from errors, because a lax API server just drops them. */
export function checkFields<S extends z.ZodType>(schema: S, source: SourceObject): Checked<z.output<S>> {
  const raw = withoutNulls(source.raw);
  let result = schema.safeParse(raw);
  const unknown: FieldProblem[] = [];
  if (!result.success) {
    for (const issue of result.error.issues) {
      if (issue.code !== 'unrecognized_keys') continue;
      const known = knownKeys(schema, issue.path as Path);
      for (const key of issue.keys) {
        remove(raw, issue.path as Path, key);
        if (unknown.length < maxProblems) unknown.push(unknownField(source, [...(issue.path as Path), key], known));
      }
    }
    if (unknown.length > 0) result = schema.safeParse(raw);
  }
  if (result.success) return { value: result.data, unknown, errors: [] };
  const errors = result.error.issues.slice(0, maxProblems).map((issue) => {
    const path = issue.path as Path;
    return { path: formatPath(path), message: issue.message + quoteHint(source, issue), ...lineOf(source, path) };
  });
  return { unknown, errors };
}

/** Words such as `on`, and digits, are no text unless they are quoted. */
function quoteHint(source: SourceObject, { code, path, ...issue }: z.core.$ZodIssue): string {
  if (code !== 'invalid_type' || !('expected' in issue) || issue.expected !== 'string') return '';
  const written = source.plain?.(path as Path);
  return written ? `; write "${clip(written, maxWordLength)}" in quotes if that is the text` : '';
}

export function formatPath(path: Path): string {
  return path.reduce<string>(
    (text, step) => text + (typeof step === 'number' ? `[${step}]` : `${text && '.'}${clip(step, maxWordLength)}`),
    '',
  );
}

/** Entries of one list whose lines are remembered. */
const maxLines = 1_000;

/** Lines of the fields in `spec` and of the entries of its lists, by path: what is noted later can point there. */
export function specLines({ raw, line }: SourceObject): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  const spec = (raw as { spec?: unknown } | null)?.spec;
  if (!line || spec === null || typeof spec !== 'object') return lines;
  for (const [field, value] of Object.entries(spec)) {
    const paths: Path[] = [['spec', field]];
    if (Array.isArray(value)) for (const i of value.slice(0, maxLines).keys()) paths.push(['spec', field, i]);
    for (const path of paths) {
      const at = line(path);
      if (at !== undefined) lines.set(formatPath(path), at);
    }
  }
  return lines;
}

function unknownField(source: SourceObject, path: Path, known: string[]): FieldProblem {
  const meant = didYouMean(String(path.at(-1)), known);
  return {
    path: formatPath(path),
    message: `unknown field "${formatPath(path)}"`,
    ...(meant && { hint: `did you mean ${meant}?` }),
    ...lineOf(source, path),
  };
}

function lineOf(source: SourceObject, path: Path): { line?: number } {
  const line = source.line?.(path);
  return line === undefined ? {} : { line };
}

/** Field names that the object at `path` may have. */
function knownKeys(schema: z.ZodType, path: Path): string[] {
  let at: unknown = unwrap(schema);
  for (const step of path) {
    const shape = at as { shape?: Record<string, unknown>; element?: unknown };
    at = unwrap(typeof step === 'number' ? shape.element : shape.shape?.[step]);
  }
  return Object.keys((at as { shape?: Record<string, unknown> } | undefined)?.shape ?? {});
}

/** The schema inside defaults, optionals and transforms. */
function unwrap(schema: unknown): unknown {
  for (;;) {
    const def = (schema as { def?: { innerType?: unknown; in?: unknown } } | undefined)?.def;
    if (def?.innerType !== undefined) schema = def.innerType;
    else if (def?.in !== undefined) schema = def.in;
    else return schema;
  }
}

/** A copy without null fields: the API server takes `spec:` with nothing behind it for an absent field. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (value === null || typeof value !== 'object') return value;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const field = (value as Record<string, unknown>)[key];
    if (field !== null) set(copy, key, withoutNulls(field));
  }
  return copy;
}

/** Sets an own property: an assignment to `__proto__` would change the prototype. */
export function set(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

function remove(root: unknown, path: Path, key: string): void {
  let at = root;
  for (const step of path) at = (at as Record<string | number, unknown>)[step];
  delete (at as Record<string, unknown>)[key];
}
