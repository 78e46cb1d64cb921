/** The objects of one kind in the cluster: what is kept of each, and which are rejected. */
import { isDeepStrictEqual } from 'node:util';
import { problem, type RefusalCode } from '../metallb/codes.ts';
import { type ReadResult, readObject, refOf } from '../metallb/objects/read.ts';
import type { AnyObject } from '../metallb/objects/resources.ts';
import { refusal } from '../metallb/refusals.ts';
import { apiVersionOf, type WatchedKind } from './kinds.ts';
import type { Raw } from './list.ts';
import { type EventType, maxEventBytes } from './watch.ts';

/** Objects of one kind; the largest known clusters have a fifth of it. */
export const maxObjects = 100_000;

/** One object: what is kept of it, or why it is rejected. */
export interface WatchedObject {
  /** `namespace/name` */
  readonly key: string;
  readonly resourceVersion: string;
  readonly createdAt: number;
  readonly result: ReadResult;
}

/** Order by creation, then by name. Of two conflicting objects the older one counts. */
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
  readonly #maxObjects: number;
  #entries = new Map<string, WatchedObject>();
  /** The first object beyond the maximum. */
  #tooMany: ReadResult | undefined;

  constructor(row: WatchedKind, max = maxObjects) {
    this.#row = row;
    this.#maxObjects = max;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** In order of creation, as far as that was observed. */
  get entries(): Iterable<WatchedObject> {
    return this.#entries.values();
  }

  /** Objects beyond the maximum. */
  get left(): ReadResult[] {
    return this.#tooMany ? [this.#tooMany] : [];
  }

  /**
   * What is kept of a listed object. A known object keeps its identity unless something relevant changed. `bytes`: size
   * of its page, since only a large page can have an object that is too large.
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
      ? this.#reject(raw, 'too-large', `larger than ${maxEventBytes} octets`)
      : this.#readResult(raw, known);
    return { key, resourceVersion: version, createdAt, result };
  }

  /** Replaces all objects with a list's. Returns true if anything relevant changed. */
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

  /** Applies one event of a watch. Returns true if anything relevant changed. */
  apply(type: Exclude<EventType, 'BOOKMARK'>, raw: Raw, bytes: number): boolean {
    const entry = this.read(raw, bytes);
    const known = this.#entries.get(entry.key);
    if (type === 'DELETED') return this.#entries.delete(entry.key);
    if (!known && this.#entries.size >= this.#maxObjects) {
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
    // items of a list have no kind
    const kind = { apiVersion: apiVersionOf(this.#row), kind: this.#row.kind };
    const result = readObject({ raw: { ...raw, ...kind, metadata: { ...metadata, managedFields } }, admitted: true });
    const before = known?.result;
    if (!before?.object) return result;
    if (!result.object) return { ...result, object: before.object };
    if (before.refusal || !isSameContent(before.object, result.object)) return result;
    // users of the object see its new version
    Object.assign(before.object, { origin: result.object.origin });
    return before;
  }

  #full(raw: Raw): ReadResult {
    return this.#reject(
      raw,
      'too-many-objects',
      `more than ${this.#maxObjects} objects of this kind: this one and further ones are left out`,
    );
  }

  #reject(raw: Raw, code: RefusalCode, error: string): ReadResult {
    const ref = refOf({ raw: { kind: this.#row.kind, metadata: raw['metadata'] } });
    return { refusal: refusal('schema', ref, problem(code, error), leftOut), lint: [] };
  }
}

const leftOut = 'expected routes ignore it';

const isSame = (a: ReadResult | undefined, b: ReadResult): boolean =>
  a === b || (a?.refusal !== undefined && isDeepStrictEqual(a, b));

const isSameContent = (a: AnyObject, b: AnyObject): boolean =>
  isDeepStrictEqual([a.labels, a.spec], [b.labels, b.spec]);

/**
 * Who wrote the object and when, without the fields, which are longer than the object. For objects that people
 * configure, leaves out status writes of controllers.
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
