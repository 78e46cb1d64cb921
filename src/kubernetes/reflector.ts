/**
 * Keeps one kind in sync with the cluster: LIST, then WATCH from there, in a loop. While reads fail, the objects read
 * last are kept; the next successful list replaces them.
 *
 * 1. A list reads all pages at one resourceVersion. On 403 it tries the next narrower path; then discovery tells whether
 *    the kind is forbidden or absent. On 404 it is absent. Both are checked again at intervals.
 * 2. A watch continues from there. When it ends or fails, the next one continues from the last event or bookmark.
 * 3. If the server no longer has that version (410) or sends an invalid event, start over with 1.
 */

import type { ApiClient } from './client.ts';
import { retryDelay, type Times, type WatchClock } from './clock.ts';
import { ApiFailure, wordsFor } from './failure.ts';
import type { KindStatus } from './kinds.ts';
import { apiVersionOf, fieldSelectorOf, groupPath, isBuiltIn, pathsOf, type WatchedKind } from './kinds.ts';
import { LineTooLong } from './lines.ts';
import { list, type Raw } from './list.ts';
import { maxObjects, ObjectStore, type WatchedObject } from './objects.ts';
import { absentText, failingText, forbiddenText, narrowText } from './texts.ts';
import { type EventType, Garbled, watch } from './watch.ts';

export interface ReflectorOptions {
  row: WatchedKind;
  client: ApiClient;
  /** MetalLB's namespace. */
  namespace: string;
  clock: WatchClock;
  times: Times;
  /** Called when objects changed. */
  onChange: () => void;
  /** Called when a watch has started. */
  onOpen: () => void;
  /** Called when the state or its text changed. */
  onStatus: (state: KindStatus['state'], before: KindStatus['state']) => void;
  /** Maximum number of objects of the kind. */
  maxObjects?: number;
}

export class Reflector {
  readonly row: WatchedKind;
  readonly objects: ObjectStore;
  readonly status: KindStatus;
  /** A list, or the kind's removal, removed all objects without a delete event. */
  emptiedByList = false;
  /** Why the last attempt failed. */
  why = '';
  readonly #o: ReflectorOptions;
  readonly #maxObjects: number;
  readonly #paths: string[];
  /** Index of the current path. */
  #path = 0;
  /** Where the next watch continues; undefined: list first. */
  #resourceVersion: string | undefined;
  /** Time of the last data from the server, epoch ms. */
  #heardAt: number;
  #napping: AbortController | undefined;
  /** The server asked for a delay. */
  #wasTold = false;
  #isWatching = false;
  #wasRead = false;
  /** Failures in a row. */
  #failures = 0;

  constructor(options: ReflectorOptions) {
    const { row, namespace, clock } = options;
    this.row = row;
    this.#o = options;
    this.#maxObjects = options.maxObjects ?? maxObjects;
    this.objects = new ObjectStore(row, this.#maxObjects);
    this.#paths = pathsOf(row, namespace);
    this.#heardAt = clock.now();
    const since = clock.now();
    const kind = row.name === undefined ? row.kind : `${row.kind}/${row.name}`;
    this.status = { kind, apiVersion: apiVersionOf(row), state: 'syncing', objects: 0, since, text: null };
  }

  /** True once the server has said which objects exist. For kinds that are not essential, forbidden counts too. */
  get isSettled(): boolean {
    const { state } = this.status;
    return this.#wasRead || state === 'absent' || (state === 'forbidden' && !this.row.essential);
  }

  /** True while the server says which objects exist. */
  get isAnswered(): boolean {
    return this.#isWatching || this.status.state === 'absent' || this.status.state === 'forbidden';
  }

  /** Last time at which the objects were known to match the cluster, epoch ms; null: never. */
  get knownAt(): number | null {
    if (this.#isWatching || this.status.state === 'absent') return this.#o.clock.now();
    return this.objects.size > 0 || this.status.state === 'synced' ? this.#heardAt : null;
  }

  /** Lists and watches until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let delay = 0;
      try {
        if (this.#resourceVersion === undefined) await this.#list(signal);
        const quiet = await this.#watch(signal, this.#resourceVersion!);
        // delay retries to a server that ends every watch at once
        if (quiet) delay = this.#failed('the API server ends every watch at once');
      } catch (error) {
        if (signal.aborted) return;
        delay = await this.#judge(error, signal);
      } finally {
        this.#isWatching = false;
      }
      await this.#nap(delay, signal);
    }
  }

  /** Retries a failure at once, since the API server answers other requests, unless the server asked for a delay. */
  wake(): void {
    if (this.status.state === 'failing' && !this.#wasTold) this.#napping?.abort();
  }

  async #nap(ms: number, signal: AbortSignal): Promise<void> {
    this.#napping = new AbortController();
    await this.#o.clock.wait(ms, AbortSignal.any([signal, this.#napping.signal])).catch(() => {});
    this.#napping = undefined;
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, times, clock } = this.#o;
    const { items, resourceVersion, cut } = await list(client, {
      path: this.#paths[this.#path]!,
      fieldSelector: fieldSelectorOf(this.row),
      pageSize: this.row.pageSize,
      maxItems: this.#maxObjects,
      silence: times.silence,
      signal,
      read: (raw, bytes) => this.objects.read(raw, bytes),
    });
    if (items.length === 0 && this.objects.size > 0 && this.row.neverEmpty)
      throw new Error(`the API server lists no ${this.row.kind} at all, although every cluster has some`);
    this.#replace(items, cut);
    this.#resourceVersion = resourceVersion;
    this.#wasRead = true;
    this.#heardAt = clock.now();
    this.#enterSynced();
  }

  /** Resolves when the server ends the watch; true if it ended at once, without an event. */
  async #watch(signal: AbortSignal, resourceVersion: string): Promise<boolean> {
    const { client, clock, times } = this.#o;
    let openedAt = clock.now();
    let isQuiet = true;
    try {
      await watch(client, {
        path: this.#paths[this.#path]!,
        fieldSelector: fieldSelectorOf(this.row),
        resourceVersion,
        timeoutSeconds: Math.ceil((times.watch / 1000) * (1 + clock.random())),
        silence: times.silence,
        signal,
        onOpen: () => {
          this.#isWatching = true;
          openedAt = this.#heardAt = clock.now();
          this.#enterSynced();
          this.#o.onOpen();
        },
        onBytes: () => {
          this.#heardAt = clock.now();
        },
        onEvent: (type, object, bytes) => {
          isQuiet = false;
          this.#apply(type, object, bytes);
        },
      });
    } finally {
      const lasted = clock.now() - openedAt;
      if (this.#isWatching && (!isQuiet || lasted > times.maxRetry)) this.#failures = 0;
      isQuiet &&= lasted < times.minRetry;
    }
    return isQuiet;
  }

  #apply(type: EventType, object: Raw, bytes: number): void {
    const { resourceVersion } = (object['metadata'] ?? {}) as { resourceVersion?: unknown };
    if (typeof resourceVersion !== 'string') throw new Garbled('object without a resourceVersion');
    if (type !== 'BOOKMARK' && this.objects.apply(type, object, bytes)) this.#changed();
    this.#resourceVersion = resourceVersion;
  }

  /** Handles an error; returns the delay before the next attempt, ms. */
  async #judge(error: unknown, signal: AbortSignal): Promise<number> {
    if (error instanceof ApiFailure) {
      if (error.status === 410 && this.#resourceVersion !== undefined) {
        this.#resourceVersion = undefined;
        // a new list repairs this, so report nothing unless it fails too
        return this.#failures++ === 0 ? 0 : retryDelay(this.#failures, this.#o.times, this.#o.clock.random());
      }
      if (error.status === 404) return this.#gone();
      if (error.status === 403) {
        if (this.#resourceVersion === undefined && this.#path < this.#paths.length - 1) {
          this.#path++;
          return 0;
        }
        return this.#forbidden(error, signal);
      }
      return this.#failed(error.message, error.retryAfter);
    }
    if (error instanceof Garbled || error instanceof LineTooLong) this.#resourceVersion = undefined;
    return this.#failed(wordsFor(error));
  }

  /** Records a failure; returns the delay, ms. `asked`: the delay that the server asked for, ms. */
  #failed(why: string, asked = 0): number {
    const { clock, times } = this.#o;
    this.#failures++;
    this.why = why;
    this.#wasTold = asked > 0;
    // do not report the first failure of a watch that worked: the next attempt may succeed
    if (this.#failures > 1 || !this.#wasRead)
      this.#enter('failing', failingText(this.row, why, this.#wasRead ? this.#heardAt : null, this.objects.size));
    return retryDelay(this.#failures, times, clock.random(), asked);
  }

  /** Handles a kind that the cluster does not have. Built-in kinds exist in every cluster. */
  #gone(): number {
    if (isBuiltIn(this.row)) return this.#failed('the server at this address is not a Kubernetes API server');
    this.#resourceVersion = undefined;
    this.#path = 0;
    this.#failures = 0;
    this.#replace([]);
    this.#enter('absent', absentText(this.row));
    return this.#o.times.lookAgain;
  }

  /** Handles 403, which the server also sends for absent kinds. Discovery, open to all, tells which it is. */
  async #forbidden(error: ApiFailure, signal: AbortSignal): Promise<number> {
    const { client, namespace, times } = this.#o;
    try {
      const resources = await client.resources(groupPath(this.row), signal);
      if (!resources.includes(this.row.plural)) return this.#gone();
    } catch (discovery) {
      if (signal.aborted) return 0;
      if (discovery instanceof ApiFailure && discovery.status === 404) return this.#gone();
    }
    this.#path = 0;
    this.#resourceVersion = undefined;
    this.#enter('forbidden', forbiddenText(this.row, namespace, error.message, this.objects.size));
    return times.lookAgain;
  }

  #replace(items: readonly WatchedObject[], cut?: Raw): void {
    const had = this.objects.size > 0;
    if (had || items.length > 0) this.emptiedByList = items.length === 0;
    if (this.objects.replace(items, cut)) this.#changed();
  }

  #changed(): void {
    if (this.objects.size > 0) this.emptiedByList = false;
    this.status.objects = this.objects.size;
    this.#o.onChange();
  }

  #enterSynced(): void {
    this.#enter('synced', this.#path > 0 ? narrowText(this.row, this.#o.namespace) : null);
  }

  #enter(state: KindStatus['state'], text: string | null): void {
    const { status } = this;
    const before = status.state;
    if (before === state && status.text === text) return;
    if (before !== state) status.since = this.#o.clock.now();
    status.state = state;
    status.text = text;
    this.#o.onStatus(state, before);
  }
}
