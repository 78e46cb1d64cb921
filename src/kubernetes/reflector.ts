/**
 * One kind, kept as the cluster has it: LIST, then WATCH from there on, again and again. What was read stays while
 * nothing can be read; it is replaced when there is something to replace it with.
 *
 * 1. A list reads all pages at one resourceVersion. 403: the next narrower path is tried, then discovery tells whether
 *    the kind is forbidden or absent. 404: absent. Both are looked for again after a while.
 * 2. A watch goes on from there. When it ends or breaks, the next one goes on from the last event or bookmark.
 * 3. When the server has forgotten that version (410), or sends what is no event, it is 1. again.
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
  /** MetalLB's. */
  namespace: string;
  clock: WatchClock;
  times: Times;
  /** Objects changed. */
  onChange: () => void;
  /** A watch has begun. */
  onOpen: () => void;
  /** The state, or its text, changed. */
  onStatus: (state: KindStatus['state'], before: KindStatus['state']) => void;
  /** Objects of the kind. */
  most?: number;
}

export class Reflector {
  readonly row: WatchedKind;
  readonly objects: ObjectStore;
  readonly status: KindStatus;
  /** The last list, or the kind's disappearance, took all of its objects; no event said so. */
  emptiedByList = false;
  /** Why it fails, when it does. */
  why = '';
  readonly #o: ReflectorOptions;
  readonly #most: number;
  readonly #paths: string[];
  /** Which of the paths it is. */
  #path = 0;
  /** Where the next watch goes on; undefined: a list comes first. */
  #resourceVersion: string | undefined;
  /** epoch ms; when something was heard last. */
  #heardAt: number;
  #napping: AbortController | undefined;
  /** The server has said how long to wait. */
  #wasTold = false;
  #isWatching = false;
  #wasRead = false;
  /** In a row. */
  #failures = 0;

  constructor(options: ReflectorOptions) {
    const { row, namespace, clock } = options;
    this.row = row;
    this.#o = options;
    this.#most = options.most ?? maxObjects;
    this.objects = new ObjectStore(row, this.#most);
    this.#paths = pathsOf(row, namespace);
    this.#heardAt = clock.now();
    const since = clock.now();
    const kind = row.name === undefined ? row.kind : `${row.kind}/${row.name}`;
    this.status = { kind, apiVersion: apiVersionOf(row), state: 'syncing', objects: 0, since, text: null };
  }

  /** Was there an answer that tells what there is? Forbidden is one, if not of essential kinds. */
  get isSettled(): boolean {
    const { state } = this.status;
    return this.#wasRead || state === 'absent' || (state === 'forbidden' && !this.row.essential);
  }

  /** Does the server tell now what there is? */
  get isAnswered(): boolean {
    return this.#isWatching || this.status.state === 'absent' || this.status.state === 'forbidden';
  }

  /** epoch ms at which the objects were known to be what the cluster has; null = never. */
  get knownAt(): number | null {
    if (this.#isWatching || this.status.state === 'absent') return this.#o.clock.now();
    return this.objects.size > 0 || this.status.state === 'synced' ? this.#heardAt : null;
  }

  /** Lists and watches until the signal ends it. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let delay = 0;
      try {
        if (this.#resourceVersion === undefined) await this.#list(signal);
        const quiet = await this.#watch(signal, this.#resourceVersion!);
        // a server that ends every watch at once is not to be asked in a circle
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

  /** The API server answers others: a failure is tried again at once, unless the server has said when. */
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
      most: this.#most,
      silence: times.silence,
      signal,
      read: (raw, bytes) => this.objects.read(raw, bytes),
    });
    if (items.length === 0 && this.objects.size > 0 && this.row.neverEmpty)
      throw new Error(`the API server says that there is no ${this.row.kind} at all, which cannot be`);
    this.#replace(items, cut);
    this.#resourceVersion = resourceVersion;
    this.#wasRead = true;
    this.#heardAt = clock.now();
    this.#enterSynced();
  }

  /** Resolves when the server ends it; true: at once, without having said anything. */
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
      if (this.#isWatching && (!isQuiet || lasted > times.retryMost)) this.#failures = 0;
      isQuiet &&= lasted < times.retryLeast;
    }
    return isQuiet;
  }

  #apply(type: EventType, object: Raw, bytes: number): void {
    const { resourceVersion } = (object['metadata'] ?? {}) as { resourceVersion?: unknown };
    if (typeof resourceVersion !== 'string') throw new Garbled('an object without a resourceVersion');
    if (type !== 'BOOKMARK' && this.objects.apply(type, object, bytes)) this.#changed();
    this.#resourceVersion = resourceVersion;
  }

  /** What an error means; answers how long to wait, ms. */
  async #judge(error: unknown, signal: AbortSignal): Promise<number> {
    if (error instanceof ApiFailure) {
      if (error.status === 410 && this.#resourceVersion !== undefined) {
        this.#resourceVersion = undefined;
        // a list sets it right, and nothing is amiss until that fails as well
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

  /** `asked`: how long the server wants us to wait, ms. Answers how long it will be. */
  #failed(why: string, asked = 0): number {
    const { clock, times } = this.#o;
    this.#failures++;
    this.why = why;
    this.#wasTold = asked > 0;
    // one cut of a watch that worked is not worth a word: the next attempt tells
    if (this.#failures > 1 || !this.#wasRead)
      this.#enter('failing', failingText(this.row, why, this.#wasRead ? this.#heardAt : null, this.objects.size));
    return retryDelay(this.#failures, times, clock.random(), asked);
  }

  /** The cluster does not have the kind (any more). Every cluster has those that are built in. */
  #gone(): number {
    if (isBuiltIn(this.row)) return this.#failed('what answers there is no Kubernetes API server');
    this.#resourceVersion = undefined;
    this.#path = 0;
    this.#failures = 0;
    this.#replace([]);
    this.#enter('absent', absentText(this.row));
    return this.#o.times.lookAgain;
  }

  /** Whoever may not list a kind cannot tell from the answer whether there is one; discovery is open to everybody. */
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
