/**
 * Manifests as text → objects with their lines. The dialect is that of the API server: YAML 1.2, but `yes no on off
 * y n` are booleans and integers with a leading 0 are octal; never base 60, so that `65000:10` stays what it is.
 */
import {
  type CollectionTag,
  Composer,
  type Document,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  Parser,
  type ScalarTag,
  visit,
} from 'yaml';
import { problem, type RefusalCode } from '../codes.ts';
import { refusal } from '../stages/refusals.ts';
import type { Path, SourceObject } from './fields.ts';
import { type ReadResult, readObject, refOf } from './resources.ts';

/** Largest text that is parsed at all. */
export const maxTextLength = 32 * 1024 * 1024;
/** Objects in one text. */
export const maxObjects = 100_000;
/** From this length on, characters, JSON is read by the quick way. */
const largeText = 256 * 1024;
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
export const readText = (text: string, file: string): ReadResult[] => [...readObjects(text, file)];

/** The same, object by object: parsing megabytes takes seconds, and whoever asks may want to breathe in between. */
export function* readObjects(text: string, file: string): Generator<ReadResult> {
  const broken = (code: RefusalCode, error: string, line?: number, raw?: unknown): ReadResult => {
    const object = refOf({ raw, file });
    if (line !== undefined) object.line = line;
    return { refusal: refusal('yaml', object, problem(code, error)), lint: [] };
  };
  if (text.length > maxTextLength) return yield broken('too-large', `longer than ${maxTextLength} characters`);
  let count = 0;
  for (const source of text.length > largeText
    ? (jsonObjects(text, file) ?? yamlObjects(text, file))
    : yamlObjects(text, file)) {
    if ('error' in source) yield broken('yaml-syntax', source.error, source.line, source.raw);
    else if (++count > maxObjects) return yield broken('too-many-objects', `more than ${maxObjects} objects`);
    else yield readObject(source);
  }
}

/** A document that cannot be read, with as much of it as could be. */
interface Broken {
  error: string;
  line: number;
  raw?: unknown;
}

/** JSON by the quick way, without lines; undefined when it is none. */
function jsonObjects(text: string, file: string): SourceObject[] | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    return itemsOf(JSON.parse(text)).map(({ raw }) => ({ raw, file }));
  } catch {
    return undefined; // YAML's parser says where the mistake is
  }
}

function* yamlObjects(text: string, file: string): Generator<SourceObject | Broken> {
  const lines = new LineCounter();
  const composer = new Composer({
    merge: true,
    prettyErrors: false,
    logLevel: 'error',
    customTags: (tags: (CollectionTag | ScalarTag | string)[]) => [...apiServerTags, ...tags] as ScalarTag[],
  });
  for (const document of composer.compose(new Parser(lines.addNewLine).parse(text))) {
    const [problem] = document.errors;
    const { raw, error } = plain(document);
    if (problem) {
      const [at] = problem.pos;
      yield {
        error: `YAML parse error: ${isSecret(raw, document, text) ? problem.code : wordsFor(problem.code, problem.message, text, at)}`,
        line: lines.linePos(at).line,
        raw,
      };
    } else if (error !== undefined) {
      const words = isSecret(raw, document, text) ? 'an alias without anchor, or a mapping as key' : error;
      yield { error: `YAML parse error: ${words}`, line: lines.linePos(document.range[0]).line };
    } else {
      for (const { raw: item, path: base } of itemsOf(raw))
        yield {
          raw: item,
          file,
          line: (path) => lineOf(document, [...base, ...path], lines),
          plain: (path) => plainText(document, [...base, ...path]),
        };
    }
  }
}

/** May it be, or hold, a Secret? Then nothing of it is quoted. */
function isSecret(raw: unknown, document: Document, text: string): boolean {
  const { kind } = (raw ?? {}) as { kind?: unknown };
  if (typeof kind === 'string' && !kind.endsWith('List')) return kind === 'Secret';
  const [start, , end] = document.range ?? [0, 0, text.length];
  return /\bkind["']?\s*:\s*["']?Secret/.test(text.slice(start, end));
}

/** The values of a document, unless its aliases lead nowhere or to too much, or its keys are no words. */
function plain(document: Document): { raw?: unknown; error?: string } {
  try {
    let complexKey = false;
    visit(document, {
      Pair(_, { key }) {
        complexKey ||= isCollection(key);
        return complexKey ? visit.BREAK : undefined;
      },
    });
    // as object keys they would have to be written out as text, each within the next
    if (complexKey) return { error: 'a mapping or sequence as key' };
    return { raw: document.toJS({ maxAliasCount }) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

/** The document, or the items when it is a List. An empty document is nothing. */
function itemsOf(raw: unknown): { raw: unknown; path: Path }[] {
  if (raw === null || raw === undefined) return [];
  const { kind, items } = raw as { kind?: unknown; items?: unknown };
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) return [{ raw, path: [] }];
  return items.map((item, i) => ({ raw: asItem(item, raw, kind), path: ['items', i] }));
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

/** What is written at `path`, if that is a scalar without quotes. */
function plainText(document: Document, path: Path): string | undefined {
  const node = document.getIn(path, true);
  return isScalar(node) && node.type === 'PLAIN' ? node.source : undefined;
}

/** The parser's message, or plainer words where people trip most. */
function wordsFor(code: string, message: string, text: string, at: number): string {
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, text.indexOf('\n', at) >>> 0).trim();
  if (code === 'BAD_INDENT' && /^[^\s#-][^#]*:(\s|$)/.test(line) && inSequence(text, at))
    return `a mapping key where a sequence entry is expected (${shown(line)} is indented like the entries above it)`;
  if (code === 'RESOURCE_EXHAUSTION') return 'nested too deeply';
  if (code === 'DUPLICATE_KEY') return `${message} in ${shown(line)}`;
  return message;
}

/** A line as it may be quoted; a password ends here. */
const shown = (line: string): string => (/pass/i.test(line) ? 'a line with a password' : `"${line.slice(0, 80)}"`);

/** Is the line before `at` an entry of a sequence? */
function inSequence(text: string, at: number): boolean {
  const start = text.lastIndexOf('\n', at - 1);
  const previous = text.slice(text.lastIndexOf('\n', start - 1) + 1, Math.max(0, start));
  return previous.trimStart().startsWith('- ');
}
