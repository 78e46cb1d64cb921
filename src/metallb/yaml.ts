/**
 * Manifests as text → objects with their lines. The dialect is that of the API server: YAML 1.2, but `yes no on off
 * y n` are booleans and integers with a leading 0 are octal; never base 60, so that `65000:10` stays what it is.
 */
import {
  type CollectionTag,
  type Document,
  isMap,
  isNode,
  isPair,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type ScalarTag,
} from 'yaml';
import type { Path, SourceObject } from './fields.ts';
import { refusal } from './refusals.ts';
import { type ReadResult, readObject, refOf } from './resources.ts';

/** Largest text that is parsed at all. */
export const maxTextLength = 32 * 1024 * 1024;
/** Objects in one text. */
export const maxObjects = 100_000;
/** Levels of mappings and sequences; the deepest of our kinds has ten. */
export const maxNesting = 100;
/** Nodes that aliases may multiply into. */
const maxAliasCount = 100;

const boolean = (value: boolean, test: RegExp): ScalarTag => ({
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  test,
  resolve: () => value,
});
const apiServerTags: ScalarTag[] = [
  boolean(true, /^(?:y|Y|yes|Yes|YES|on|On|ON)$/),
  boolean(false, /^(?:n|N|no|No|NO|off|Off|OFF)$/),
  { tag: 'tag:yaml.org,2002:int', default: true, test: /^[-+]?0[0-7]+$/, resolve: (text) => Number.parseInt(text, 8) },
];

/** Everything that one text holds; what cannot be read is a refusal of stage `yaml`. Never throws. */
export function readText(text: string, file: string): ReadResult[] {
  const broken = (error: string, line?: number, raw?: unknown): ReadResult => {
    const object = refOf({ raw, file });
    if (line !== undefined) object.line = line;
    return { refusal: refusal('yaml', object, error), lint: [] };
  };
  if (text.length > maxTextLength) return [broken(`longer than ${maxTextLength} characters`)];
  const deep = tooDeep(text);
  if (deep !== undefined) return [broken(`nested deeper than ${maxNesting} levels`, deep)];

  const lines = new LineCounter();
  let documents: Document[];
  try {
    documents = parseAllDocuments(text, {
      lineCounter: lines,
      merge: true,
      prettyErrors: false,
      customTags: (tags: (CollectionTag | ScalarTag | string)[]) => [...apiServerTags, ...tags] as ScalarTag[],
    }) as unknown as Document[];
  } catch (error) {
    return [broken(`YAML parse error: ${(error as Error).message}`)];
  }

  const results: ReadResult[] = [];
  for (const document of documents) {
    const [problem] = document.errors;
    let raw: unknown;
    try {
      raw = document.toJS({ maxAliasCount });
    } catch (error) {
      results.push(
        broken(`YAML parse error: ${(error as Error).message}`, lines.linePos(document.range?.[0] ?? 0).line),
      );
      continue;
    }
    if (problem) {
      results.push(
        broken(
          `YAML parse error: ${wordsFor(problem.code, problem.message, text, problem.pos[0])}`,
          lines.linePos(problem.pos[0]).line,
          raw,
        ),
      );
      continue;
    }
    for (const object of objectsOf(raw, document, file, lines)) {
      if (results.length >= maxObjects) return [...results, broken(`more than ${maxObjects} objects`)];
      results.push(readObject(object));
    }
  }
  return results;
}

/** The document, or the items when it is a List. An empty document is nothing. */
function* objectsOf(raw: unknown, document: Document, file: string, lines: LineCounter): Generator<SourceObject> {
  if (raw === null || raw === undefined) return;
  const { kind, items } = raw as { kind?: unknown; items?: unknown };
  const isList = typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items);
  for (const [i, item] of isList ? (items as unknown[]).entries() : [[0, raw] as const]) {
    const base: Path = isList ? ['items', i] : [];
    yield {
      raw: isList ? asItem(item, raw, kind) : item,
      file,
      line: (path) => lineOf(document, [...base, ...path], lines),
    };
  }
}

/** Items of a typed list (`NodeList`), as the API server answers with it, do not repeat their kind. */
function asItem(item: unknown, list: unknown, kind: string): unknown {
  if (kind === 'List' || item === null || typeof item !== 'object' || 'kind' in item) return item;
  return { apiVersion: (list as { apiVersion?: unknown }).apiVersion, kind: kind.slice(0, -'List'.length), ...item };
}

/** Line of the deepest part of `path` that is written; of a field it is the line of its key. */
function lineOf(document: Document, path: Path, lines: LineCounter): number | undefined {
  let at: unknown = document.contents;
  let start = isNode(at) ? at.range?.[0] : undefined;
  for (const step of path) {
    if (isMap(at)) {
      const pair = at.items.find((item) => isPair(item) && String(item.key) === String(step));
      if (!pair) break;
      start = (pair.key as Node).range?.[0] ?? start;
      at = pair.value;
    } else if (isSeq(at)) {
      at = at.items[Number(step)];
      start = (isNode(at) ? at.range?.[0] : undefined) ?? start;
    } else break;
  }
  return start === undefined ? undefined : lines.linePos(start).line;
}

/** The parser's message, or plainer words where people trip most. */
function wordsFor(code: string, message: string, text: string, at: number): string {
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, text.indexOf('\n', at) >>> 0).trim();
  if (code === 'BAD_INDENT' && /^[^\s#-][^#]*:(\s|$)/.test(line) && inSequence(text, at))
    return `a mapping key where a sequence entry is expected ("${line.slice(0, 80)}" is indented like the entries above it)`;
  if (code === 'DUPLICATE_KEY') return `${message} in "${line.slice(0, 80)}"`;
  return message;
}

/** Is the line before `at` an entry of a sequence? */
function inSequence(text: string, at: number): boolean {
  const start = text.lastIndexOf('\n', at - 1);
  const previous = text.slice(text.lastIndexOf('\n', start - 1) + 1, Math.max(0, start));
  return previous.trimStart().startsWith('- ');
}

/**
 * Line at which flow or block nesting passes the limit, before a recursive parser meets it. Counting brackets also
 * inside strings is no harm at this limit; block levels are counted by indentation and by dashes in a row.
 */
function tooDeep(text: string): number | undefined {
  let depth = 0;
  let line = 1;
  let indentation = 0;
  let atStart = true;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x0a) {
      line++;
      indentation = 0;
      atStart = true;
      continue;
    }
    if (code === 0x5b || code === 0x7b) depth++;
    else if (code === 0x5d || code === 0x7d) depth = Math.max(0, depth - 1);
    if (atStart && (code === 0x20 || code === 0x2d || code === 0x3f)) indentation += code === 0x20 ? 0 : 1;
    else atStart = false;
    if (depth > maxNesting || indentation > maxNesting) return line;
  }
  return undefined;
}
