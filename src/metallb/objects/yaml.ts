/**
 * Manifests as text → objects with their lines. Every object is parsed on its own, so time is linear in the text,
 * memory does not grow with the number of objects, and a mistake in one item of a List leaves the others.
 */
import { problem, type RefusalCode } from '../codes.ts';
import { refusal } from '../refusals.ts';
import type { SourceObject } from './fields.ts';
import { jsonObject, type Range } from './json-list.ts';
import { matters } from './kinds.ts';
import { documentsOf, Lines, listIn, type TextPiece } from './pieces.ts';
import { type ReadResult, readObject, refOf } from './read.ts';
import { YamlDocument, YamlError } from './yaml-values.ts';

/** Largest YAML text, octets. */
export const maxTextLength = 32 * 1024 * 1024;
/** Largest JSON text, octets. */
export const maxJsonLength = 256 * 1024 * 1024;
/** Objects in one text. */
export const maxObjects = 100_000;
/** Documents and items of one text that cannot be parsed; what comes after them is not read. */
export const maxBroken = 1_000;
/** Characters of one object as it is written. */
export const maxObjectText = 8 * 1024 * 1024;
/** From this length on, octets, JSON is cut without YAML's parser. */
const largeJson = 256 * 1024;

/** Everything that one text holds; what cannot be read is a refusal of stage `yaml`. Never throws. */
export const readText = (text: string, file: string): ReadResult[] => [...readObjects(Buffer.from(text), file)];

/** The same object by object, from the UTF-8 text of a file. */
export function* readObjects(bytes: Uint8Array, file: string): Generator<ReadResult> {
  const broken = ({ code, error, line, raw }: Broken): ReadResult => {
    const object = refOf({ raw, file });
    if (line !== undefined) object.line = line;
    return { refusal: refusal('yaml', object, problem(code, error)), lint: [] };
  };
  let count = 0;
  let mistakes = 0;
  for (const source of sourcesIn(bytes, file)) {
    if (++count > maxObjects) return yield broken(tooMany);
    if ('error' in source) {
      if (++mistakes > maxBroken) return yield broken(tooManyBroken);
      yield broken(source);
    } else yield 'skipped' in source ? { lint: [] } : readObject(source);
  }
}

/** Something that cannot be read, with as much of it as could be. */
interface Broken {
  code: RefusalCode;
  error: string;
  line?: number;
  raw?: unknown;
}
/** An object of a kind that plays no part here. */
interface Skipped {
  skipped: true;
}
type Source = SourceObject | Broken | Skipped;

const tooMany: Broken = { code: 'too-many-objects', error: `more than ${maxObjects} objects` };
const tooManyBroken: Broken = { code: 'yaml-syntax', error: `more than ${maxBroken} mistakes; the rest is not read` };
const tooLarge = (what: string, line?: number): Broken => ({
  code: 'too-large',
  error: what,
  ...(line !== undefined && { line }),
});

function* sourcesIn(bytes: Uint8Array, file: string): Generator<Source> {
  if (bytes.length > maxJsonLength) return yield tooLarge(`longer than ${maxJsonLength} octets`);
  if (bytes.length > largeJson) {
    const found = jsonSources(bytes, file);
    if (found) return yield* found;
  }
  if (bytes.length > maxTextLength) return yield tooLarge(`longer than ${maxTextLength} octets of YAML`);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString()
    .replace(/^\ufeff/, '');
  for (const document of documentsOf(text)) yield* documentSources(document, file);
}

function* documentSources(piece: TextPiece, file: string): Generator<Source> {
  const list = listIn(piece);
  const head = list && headOf(list.head);
  if (list && head) {
    for (const item of list.items()) yield objectIn(item, file, (raw) => asItem(raw, head));
    return;
  }
  if (piece.text.length > maxObjectText)
    return yield tooLarge(`more than ${maxObjectText} characters in one object`, piece.line);
  const source = objectIn(piece, file);
  if (!isSource(source)) return yield source;
  for (const { raw, index } of itemsOf(source.raw))
    yield index === undefined
      ? { ...source, raw }
      : {
          raw,
          file,
          line: (path) => source.line?.(['items', index, ...path]),
          plain: (path) => source.plain?.(['items', index, ...path]),
        };
}

/** The List around items that were cut out of it; undefined where it is something else. */
function headOf(piece: TextPiece): ListHead | undefined {
  try {
    const document = new YamlDocument(piece.text);
    if (!document.isBlockMapping) return undefined;
    const raw = document.build();
    return isList(raw) && raw.items.length === 0 ? raw : undefined;
  } catch (error) {
    if (error instanceof YamlError) return undefined;
    throw error;
  }
}

/** The one object of a piece. */
function objectIn(piece: TextPiece, file: string, complete = (raw: unknown): unknown => raw): Source {
  const lines = new Lines(piece);
  if (piece.text.length > maxObjectText)
    return tooLarge(`more than ${maxObjectText} characters in one object`, piece.line);
  try {
    const document = new YamlDocument(piece.text);
    const outline = complete(Object.fromEntries(document.outline()));
    if (!matters(outline)) return { skipped: true };
    return {
      raw: complete(document.build() ?? null),
      file,
      line: (path) => lines.at(document.offsetOf(path)),
      plain: (path) => document.plainAt(path),
    };
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    const words = isSecret(piece.text) ? error.message : wordsFor(error.message, piece.text, error.offset);
    return {
      code: 'yaml-syntax',
      error: `YAML parse error: ${words}`,
      line: lines.at(error.offset),
      raw: beginningOf(piece.text, error.offset),
    };
  }
}

const isSource = (source: Source): source is SourceObject => !('error' in source || 'skipped' in source);

/** What is written before the line with the mistake, mostly enough to name the object. */
function beginningOf(text: string, offset: number): unknown {
  try {
    return new YamlDocument(text.slice(0, text.lastIndexOf('\n', offset - 1) + 1)).build();
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    const kind = /\bkind["']?\s*:\s*["']?(\w+)/.exec(text)?.[1];
    return kind === undefined ? undefined : { kind };
  }
}

/** Large JSON, cut by its brackets; undefined when it is something else. */
function jsonSources(bytes: Uint8Array, file: string): Generator<Source> | undefined {
  const object = jsonObject(bytes);
  if (!object) return undefined;
  const { items } = object;
  const textOf = ([start, end]: Range): string =>
    Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString();
  const scalars = ({ fields }: NonNullable<typeof object>): Record<string, unknown> =>
    Object.fromEntries(
      ['apiVersion', 'kind'].flatMap((key) => {
        const range = fields.get(key);
        return range && range[1] - range[0] <= maxWord ? [[key, wordIn(textOf(range))]] : [];
      }),
    );
  const head = { ...scalars(object), items: [] };
  const isWhole = !items || !isList(head);
  return (function* () {
    const ranges = isWhole ? [0, bytes.length] : items;
    let line = 1;
    for (let i = 0, counted = 0; i < ranges.length; i += 2) {
      const range: Range = [ranges[i]!, ranges[i + 1]!];
      for (; counted < range[0]; counted++) if (bytes[counted] === newline) line++;
      if (range[1] - range[0] > maxObjectText) {
        yield tooLarge(`more than ${maxObjectText} octets in one object`, line);
        continue;
      }
      const element = isWhole ? object : jsonObject(bytes, range);
      if (element && !matters(asItem(scalars(element), head))) yield { skipped: true };
      else yield jsonSource({ text: textOf(range), line }, file, (raw) => (isWhole ? raw : asItem(raw, head)));
    }
  })();
}

const newline = 0x0a;
/** Longest apiVersion or kind that is looked at, octets. */
const maxWord = 512;

function wordIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An object that is probably JSON: lines are looked for when they are asked for. */
function jsonSource(piece: TextPiece, file: string, complete: (raw: unknown) => unknown): Source {
  let raw: unknown;
  try {
    raw = JSON.parse(piece.text);
  } catch {
    return objectIn(piece, file, complete); // YAML's parser says where the mistake is
  }
  let parsed: SourceObject | undefined;
  const places = (): SourceObject => (parsed ??= objectIn(piece, file) as SourceObject);
  return {
    raw: complete(raw),
    file,
    line: (path) => (path.length === 0 ? piece.line : places().line?.(path)),
    plain: () => undefined,
  };
}

interface ListHead {
  kind: string;
  apiVersion?: unknown;
  items: readonly unknown[];
}

const isList = (raw: unknown): raw is ListHead => {
  const { kind, items } = (raw ?? {}) as { kind?: unknown; items?: unknown };
  return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items);
};

/** The document, or the items when it is a List. */
const itemsOf = (raw: unknown): { raw: unknown; index?: number }[] =>
  isList(raw) ? raw.items.map((item, index) => ({ raw: asItem(item, raw), index })) : [{ raw }];

/** Items of a typed list (`NodeList`), as the API server answers with it, do not repeat their kind. */
function asItem(item: unknown, { kind, apiVersion }: ListHead | Record<string, unknown>): unknown {
  if (kind === 'List' || item === null || typeof item !== 'object' || Object.hasOwn(item, 'kind')) return item;
  return { apiVersion, kind: String(kind).slice(0, -'List'.length), ...item };
}

/** May it be, or hold, a Secret? Then nothing of it is quoted. */
const isSecret = (text: string): boolean => /\bkind["']?\s*:\s*["']?Secret/.test(text);

/** The parser's message, or plainer words where people trip most. */
function wordsFor(message: string, text: string, at: number): string {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const line = text.slice(start, text.indexOf('\n', at) >>> 0).trim();
  if (/^[^\s#-][^#]*:(\s|$)/.test(line) && isAfterEntry(text, start))
    return `a mapping key where a sequence entry is expected (${shown(line)} is indented like the entries above it)`;
  return message === 'duplicate key' ? `duplicate key in ${shown(line)}` : message;
}

/** A line as it may be quoted; a password ends here. */
const shown = (line: string): string => (/pass/i.test(line) ? 'a line with a password' : `"${line.slice(0, 80)}"`);

/** Is the line before the one at `start` an entry of a sequence with the same indentation? */
function isAfterEntry(text: string, start: number): boolean {
  const previous = text.slice(text.lastIndexOf('\n', start - 2) + 1, Math.max(0, start - 1));
  const indent = /^ *(?=- )/.exec(previous)?.[0].length;
  return indent !== undefined && indent === /^ */.exec(text.slice(start, start + 1_000))![0].length;
}
