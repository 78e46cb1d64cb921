/** The objects of one kind as the cluster has them: what is kept of each, and what is refused. */
import { isDeepStrictEqual } from 'node:util';
import { problem, type RefusalCode } from '../metallb/codes.ts';
import { type AnyObject, type ReadResult, readObject, refOf } from '../metallb/objects/resources.ts';
import { refusal } from '../metallb/stages/refusals.ts';
import { apiVersionOf, type WatchedKind } from './kinds.ts';
import type { Raw } from './list.ts';
import { type EventType, maxEventBytes } from './watch.ts';

/** Objects of one kind; those of the largest clusters known are a fifth of it. */
export const maxObjects = 100_000;

/** One object: what is kept of it, or why nothing is. */
export interface WatchedObject {
  /** `namespace/name` */
  readonly key: string;
  readonly resourceVersion: string;
  readonly createdAt: number;
  readonly result: ReadResult;
}

/** The order in which objects were created, then of their names: of two that exclude each other the older one counts. */
export function byCreation(a: WatchedObject, b: WatchedObject): number {
  return a.createdAt - b.createdAt || (a.key < b.key ? -1 : Number(a.key > b.key));
}

interface Metadata {
  name?: unknown;
  namespace?: unknown;
  resourceVersion?: unknown;
  creationTimestamp?: unknown;
  managedFields?: unknown;
}

export class ObjectStore {
  readonly #row: WatchedKind;
  readonly #most: number;
  #entries = new Map<string, WatchedObject>();
  /** The first object that found no room. */
  #tooMany: ReadResult | undefined;

  constructor(row: WatchedKind, most = maxObjects) {
    this.#row = row;
    this.#most = most;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** In the order in which they were created, as far as that was seen. */
  get entries(): Iterable<WatchedObject> {
    return this.#entries.values();
  }

  /** What there was no room for. */
  get left(): ReadResult[] {
    return this.#tooMany ? [this.#tooMany] : [];
  }

  /**
   * What is kept of an object of a list. One that is known stays the same object if nothing of it changed that counts.
   * `bytes` of the page that it came in: only a large page can hold an object that is too large.
   */
  read(raw: Raw, bytes: number): WatchedObject {
    const { name, namespace, resourceVersion, creationTimestamp } = (raw['metadata'] ?? {}) as Metadata;
    const key = `${typeof namespace === 'string' ? namespace : ''}/${name}`;
    const version = String(resourceVersion);
    const known = this.#entries.get(key);
    if (known && known.resourceVersion === version) return known;
    const createdAt = Date.parse(String(creationTimestamp)) || 0;
    const isTooLarge = bytes > maxEventBytes && JSON.stringify(raw).length > maxEventBytes;
    const result = isTooLarge
      ? this.#refuse(raw, 'too-large', `larger than ${maxEventBytes} octets`)
      : this.#readResult(raw, known);
    return { key, resourceVersion: version, createdAt, result };
  }

  /** The cluster as it was listed. Tells whether anything changed that counts. */
  replace(entries: readonly WatchedObject[], cut?: Raw): boolean {
    const before = this.#entries;
    const sorted = [...entries].sort(byCreation);
    this.#entries = new Map(sorted.map((entry) => [entry.key, entry]));
    const wasFull = this.#tooMany !== undefined;
    this.#tooMany = cut && this.#full(cut);
    return (
      wasFull !== (cut !== undefined) ||
      before.size !== this.#entries.size ||
      sorted.some(({ key, result }) => !isSame(before.get(key)?.result, result))
    );
  }

  /** One event of a watch. Tells whether anything changed that counts. */
  apply(type: Exclude<EventType, 'BOOKMARK'>, raw: Raw, bytes: number): boolean {
    const entry = this.read(raw, bytes);
    const known = this.#entries.get(entry.key);
    if (type === 'DELETED') return this.#entries.delete(entry.key);
    if (!known && this.#entries.size >= this.#most) {
      const isNews = this.#tooMany === undefined;
      this.#tooMany ??= this.#full(raw);
      return isNews;
    }
    this.#entries.set(entry.key, entry);
    return !isSame(known?.result, entry.result);
  }

  #readResult(raw: Raw, known: WatchedObject | undefined): ReadResult {
    const { metadata } = raw as { metadata?: Metadata };
    const managedFields = writesOf(metadata?.managedFields, this.#row.configuration === true);
    // items of a list do not repeat their kind
    const kind = { apiVersion: apiVersionOf(this.#row), kind: this.#row.kind };
    const result = readObject({ raw: { ...raw, ...kind, metadata: { ...metadata, managedFields } }, admitted: true });
    const before = known?.result;
    if (!before?.object) return result;
    if (!result.object) return { ...result, object: before.object };
    if (before.refusal || !isSameContent(before.object, result.object)) return result;
    // whoever holds it sees which version it is now
    Object.assign(before.object, { origin: result.object.origin });
    return before;
  }

  #full(raw: Raw): ReadResult {
    return this.#refuse(
      raw,
      'too-many-objects',
      `there are more than ${this.#most} objects of this kind; it and others are left out`,
    );
  }

  #refuse(raw: Raw, code: RefusalCode, error: string): ReadResult {
    const ref = refOf({ raw: { kind: this.#row.kind, metadata: raw['metadata'] } });
    return { refusal: refusal('schema', ref, problem(code, error), leftOut), lint: [] };
  }
}

const leftOut = 'what is expected does not take it into account';

const isSame = (a: ReadResult | undefined, b: ReadResult): boolean =>
  a === b || (a?.refusal !== undefined && isDeepStrictEqual(a, b));

const isSameContent = (a: AnyObject, b: AnyObject): boolean =>
  isDeepStrictEqual([a.labels, a.spec], [b.labels, b.spec]);

/**
 * Who wrote it when, without what: that is longer than the object. Of what people configure, writes of its status by
 * controllers do not count.
 */
function writesOf(managedFields: unknown, byPeople: boolean): ManagedFields[] {
  if (!Array.isArray(managedFields)) return [];
  return (managedFields as ManagedFields[])
    .filter(({ subresource }) => !(byPeople && subresource))
    .map(({ manager, time }) => ({ manager, time }));
}

interface ManagedFields {
  manager?: unknown;
  time?: unknown;
  subresource?: unknown;
}
