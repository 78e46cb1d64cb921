/**
 * One YAML document → plain values, as the API server reads them: YAML 1.1 booleans, integers with a leading 0 are
 * octal, and no numbers to the base of 60, so `65000:10` stays text. Time and memory are linear in the text.
 */
import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException } from 'js-yaml';
import { type Path, set } from './fields.ts';

/** Collections within each other that are parsed. */
export const maxYamlDepth = 100;
/** Values that all aliases and merge keys of a document may add. */
export const maxAliasedValues = 250_000;

/** What is wrong with a text; `offset` is a position in it. The message quotes nothing of the text. */
export class YamlError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Where a value, or the key of a field, is written. */
interface Place {
  offset: number;
  event: Event;
  fields?: ReadonlyMap<string, Place>;
  items?: readonly Place[];
}

type Scalar = Extract<Event, { type: typeof EVENT_ID.SCALAR }>;
type Alias = Extract<Event, { type: typeof EVENT_ID.ALIAS }>;
type Collection = Extract<Event, { type: typeof EVENT_ID.MAPPING | typeof EVENT_ID.SEQUENCE }>;

/** A document, parsed but not built yet. */
export class YamlDocument {
  readonly #text: string;
  readonly #events: readonly Event[];
  #root: Place | undefined;

  /** @throws YamlError when `text` is not one YAML document. */
  constructor(text: string) {
    this.#text = text;
    this.#events = eventsOf(text);
  }

  /** True for a text without any content. */
  get isEmpty(): boolean {
    return this.#events.length === 0;
  }

  /** Is the document a mapping in block style? */
  get isBlockMapping(): boolean {
    const root = this.#events[1];
    return root?.type === EVENT_ID.MAPPING && root.style === 1;
  }

  /** Scalars in outermost fields, without building anything: enough to tell whether the document matters. */
  outline(): ReadonlyMap<string, unknown> {
    const outline = new Map<string, unknown>();
    // behind the document's own event, and behind that of the mapping
    let at = this.#events[1]?.type === EVENT_ID.MAPPING ? 2 : this.#events.length;
    while (at < this.#events.length && this.#events[at]!.type !== EVENT_ID.POP) {
      const [key, value] = [this.#events[at]!, this.#events[skip(this.#events, at)]];
      if (key.type === EVENT_ID.SCALAR && value?.type === EVENT_ID.SCALAR)
        outline.set(getScalarValue(this.#text, key), scalarValue(this.#text, value));
      at = skip(this.#events, skip(this.#events, at));
    }
    return outline;
  }

  /** The value. @throws YamlError for duplicate keys, unknown aliases, aliases that expand to too much. */
  build(): unknown {
    return this.isEmpty ? undefined : new Builder(this.#text, this.#events).value();
  }

  /** Offset of the deepest part of `path` that is written: of a field that of its key, of others that of the value. */
  offsetOf(path: Path): number {
    const root = this.#events[1];
    if (path.length === 0) return root ? Math.max(0, offsetOf(root)) : 0;
    let place = this.#place();
    let offset = place?.offset ?? 0;
    for (const step of path) {
      place = typeof step === 'number' ? place?.items?.[step] : place?.fields?.get(step);
      if (!place) break;
      offset = place.offset;
    }
    return offset;
  }

  /** The text at `path`, if it is a scalar without quotes. */
  plainAt(path: Path): string | undefined {
    let place = this.#place();
    for (const step of path) place = typeof step === 'number' ? place?.items?.[step] : place?.fields?.get(step);
    const event = place?.event;
    if (event?.type !== EVENT_ID.SCALAR || event.style !== SCALAR_STYLE.PLAIN || event.valueStart < 0) return undefined;
    return this.#text.slice(event.valueStart, event.valueEnd);
  }

  #place(): Place | undefined {
    if (!this.isEmpty) this.#root ??= placeOf(this.#text, this.#events, 1).place;
    return this.#root;
  }
}

function eventsOf(text: string): Event[] {
  let events: Event[];
  try {
    events = parseEvents(text, { maxDepth: maxYamlDepth });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const words = error.reason.startsWith('nesting exceeded') ? 'nested too deeply' : error.reason;
    throw new YamlError(words, error.mark?.position ?? 0);
  }
  const documents = events.filter(({ type }) => type === EVENT_ID.DOCUMENT).length;
  if (documents > 1) throw new YamlError('more than one document', 0);
  return events;
}

/** Index behind the value at `at`. */
function skip(events: readonly Event[], at: number): number {
  let depth = 0;
  do {
    const { type } = events[at++]!;
    if (type === EVENT_ID.MAPPING || type === EVENT_ID.SEQUENCE) depth++;
    else if (type === EVENT_ID.POP) depth--;
  } while (depth > 0 && at < events.length);
  return at;
}

const offsetOf = (event: Event): number => {
  if (event.type === EVENT_ID.SCALAR) return event.valueStart;
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart;
  return event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE ? event.start : -1;
};

/** Places of the value at `at` and of everything in it, and the index behind it. */
function placeOf(text: string, events: readonly Event[], at: number): { place: Place; next: number } {
  const event = events[at]!;
  const place: Place = { offset: offsetOf(event), event };
  if (event.type === EVENT_ID.SEQUENCE) {
    const items: Place[] = [];
    for (at++; events[at]!.type !== EVENT_ID.POP; ) {
      const item = placeOf(text, events, at);
      if (item.place.offset < 0) item.place.offset = items.at(-1)?.offset ?? place.offset;
      items.push(item.place);
      at = item.next;
    }
    place.items = items;
  } else if (event.type === EVENT_ID.MAPPING) {
    const fields = new Map<string, Place>();
    for (at++; events[at]!.type !== EVENT_ID.POP; ) {
      const key = events[at]!;
      const value = placeOf(text, events, skip(events, at));
      value.place.offset = offsetOf(key) < 0 ? place.offset : offsetOf(key);
      if (key.type === EVENT_ID.SCALAR) fields.set(getScalarValue(text, key), value.place);
      at = value.next;
    }
    place.fields = fields;
  }
  return { place, next: at + 1 };
}

/** Walks the events once. Recursion is as deep as the parser lets collections be. */
class Builder {
  readonly #text: string;
  readonly #events: readonly Event[];
  readonly #anchors = new Map<string, { value: unknown; size: number } | undefined>();
  #at = 1;
  /** Values so far, those behind aliases counted each time. */
  #size = 0;
  /** Those of them that aliases and merge keys added. */
  #aliased = 0;

  constructor(text: string, events: readonly Event[]) {
    this.#text = text;
    this.#events = events;
  }

  value(): unknown {
    const event = this.#events[this.#at++]!;
    if (event.type === EVENT_ID.ALIAS) return this.#alias(event);
    const before = this.#size++;
    const name = this.#nameOf(event as Scalar | Collection);
    // an alias within its own anchor would make a value that contains itself
    if (name !== undefined) this.#anchors.set(name, undefined);
    let value: unknown;
    if (event.type === EVENT_ID.SCALAR) value = scalarValue(this.#text, event);
    else if (event.type === EVENT_ID.SEQUENCE) value = this.#sequence();
    else value = this.#mapping(event as Collection);
    if (name !== undefined) this.#anchors.set(name, { value, size: this.#size - before });
    return value;
  }

  #nameOf({ anchorStart, anchorEnd }: Scalar | Collection | Alias): string | undefined {
    return anchorStart < 0 ? undefined : this.#text.slice(anchorStart, anchorEnd);
  }

  #alias(event: Alias): unknown {
    const anchor = this.#anchors.get(this.#nameOf(event)!);
    if (!anchor) throw new YamlError('an alias without its anchor', event.anchorStart);
    this.#size += anchor.size;
    this.#expand(anchor.size, event.anchorStart);
    return anchor.value;
  }

  #expand(size: number, offset: number): void {
    if ((this.#aliased += size) > maxAliasedValues)
      throw new YamlError(`aliases expand to more than ${maxAliasedValues} values`, offset);
  }

  #sequence(): unknown[] {
    const list: unknown[] = [];
    while (this.#events[this.#at]!.type !== EVENT_ID.POP) list.push(this.value());
    this.#at++;
    return list;
  }

  #mapping(event: Collection): Record<string, unknown> {
    const mapping: Record<string, unknown> = {};
    const merged: unknown[] = [];
    while (this.#events[this.#at]!.type !== EVENT_ID.POP) {
      const key = this.#events[this.#at]!;
      const at = Math.max(offsetOf(key), event.start);
      if (key.type === EVENT_ID.SCALAR && isMergeKey(this.#text, key)) {
        this.#at++;
        merged.push(...this.#sources(at));
        continue;
      }
      const name = this.#key(at);
      if (Object.hasOwn(mapping, name)) throw new YamlError('duplicate key', at);
      set(mapping, name, this.value());
    }
    this.#at++;
    // keys that are written here count, whatever is merged; of two merged mappings the first
    for (const source of merged)
      for (const [name, value] of Object.entries(source as object))
        if (!Object.hasOwn(mapping, name)) set(mapping, name, value);
    return mapping;
  }

  /** As JSON has it: scalars become text. */
  #key(at: number): string {
    const value = this.value();
    if (value === null || value === '') throw new YamlError('a mapping entry without a key', at);
    if (typeof value === 'object') throw new YamlError('a mapping or sequence as key', at);
    return String(value);
  }

  /** What `<<` names: a mapping, or a list of them. */
  #sources(at: number): object[] {
    const value = this.value();
    const list = Array.isArray(value) ? value : [value];
    for (const source of list) {
      if (source === null || typeof source !== 'object' || Array.isArray(source))
        throw new YamlError('a merge key (<<) without a mapping', at);
      this.#expand(Object.keys(source).length, at);
    }
    return list as object[];
  }
}

const isMergeKey = (text: string, { style, tagStart, valueStart, valueEnd }: Scalar): boolean =>
  style === SCALAR_STYLE.PLAIN && tagStart < 0 && valueEnd - valueStart === 2 && text.startsWith('<<', valueStart);

function scalarValue(text: string, event: Scalar): unknown {
  const value = getScalarValue(text, event);
  const tag = event.tagStart < 0 ? '' : text.slice(event.tagStart, event.tagEnd);
  if (tag === '!' || /\bstr>?$/.test(tag)) return value;
  return tag === '' && event.style !== SCALAR_STYLE.PLAIN ? value : plainValue(value);
}

/** First characters of scalars that may be something else than text. */
const special = /^[-+.0-9~nNyYtTfFoO]/;
const words = new Map<string, boolean | null | number>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, Number.POSITIVE_INFINITY] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, Number.NEGATIVE_INFINITY] as const),
]);
/** Longest number; the API server's are of 64 bits. */
const maxNumberLength = 64;

/** A scalar without quotes. */
function plainValue(text: string): unknown {
  if (text === '') return null;
  if (!special.test(text)) return text;
  const word = words.get(text);
  if (word !== undefined) return word;
  if (text.length > maxNumberLength || !/^[-+.0-9]/.test(text)) return text;
  const digits = text.replaceAll('_', '');
  const [, sign = '', based] = /^([-+]?)(0(?:[xX][0-9a-fA-F]+|[bB][01]+|[oO]?[0-7]+))$/.exec(digits) ?? [];
  if (based !== undefined) {
    const value = /^0[0-7]/.test(based) ? Number.parseInt(based, 8) : Number(based);
    return sign === '-' ? -value : value;
  }
  return /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(digits) ? Number(digits) : text;
}
