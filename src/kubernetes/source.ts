/**
 * The objects of a live cluster: one reflector per kind, combined into a snapshot once all have read their objects, and
 * again soon after each change. While the cluster is unreachable, the objects read last are kept.
 */

import type { ReadResult } from '../metallb/objects/read.ts';
import { formatTime } from '../rib/time.ts';
import { ApiClient, type ClusterOptions } from './client.ts';
import { defaultTimes, systemClock, type Times, type WatchClock } from './clock.ts';
import type { KindStatus } from './kinds.ts';
import { watchedKinds } from './kinds.ts';
import { byCreation } from './objects.ts';
import { Reflector } from './reflector.ts';
import { keptText } from './texts.ts';

/** `expect.kubernetes`: the cluster, the credentials and what to watch. */
export interface KubernetesOptions extends ClusterOptions {
  /** Also watch the Secrets in MetalLB's namespace, to see whether they have a password. */
  secrets: boolean;
}

export interface ClusterSourceOptions {
  kubernetes: KubernetesOptions;
  /** MetalLB's namespace. */
  namespace: string;
  /** User-Agent for the API server's audit log. */
  userAgent: string;
  clock?: WatchClock;
  times?: Partial<Times>;
  /** Maximum number of objects per kind. */
  maxObjects?: number;
  /** Called with each snapshot, first when every readable kind was read. Unchanged objects keep their identity. */
  onSnapshot: (results: readonly ReadResult[]) => void;
  /** Called when the status of a kind or the problems changed. */
  onStatus: () => void;
}

export class ClusterSource {
  readonly #o: ClusterSourceOptions;
  readonly #times: Times;
  readonly #clock: WatchClock;
  readonly #client: ApiClient;
  readonly #reflectors: readonly Reflector[];
  readonly #ended = new AbortController();
  #pending: NodeJS.Timeout | undefined;
  #pendingSince = 0;
  readonly #patience: NodeJS.Timeout;
  /** The wait for failing kinds that are not essential is over. Set by a timer, since the wall clock may be set. */
  #isLate = false;
  #telling: NodeJS.Timeout | undefined;
  /** Number of configuration objects of MetalLB in the last snapshot; undefined before the first. */
  #configuration: number | undefined;
  #disbelief: string | null = null;
  /** A snapshot is held back until all essential kinds have answered. */
  #isHeld = false;

  /** Starts to list and watch. Never throws: failures become problems. */
  constructor(options: ClusterSourceOptions) {
    this.#o = options;
    this.#times = { ...defaultTimes, ...options.times };
    this.#clock = options.clock ?? systemClock;
    this.#client = new ApiClient(options.kubernetes, options.userAgent, this.#times.answer);
    this.#reflectors = watchedKinds
      .filter(({ onRequest }) => onRequest === undefined || options.kubernetes[onRequest])
      .map(
        (row) =>
          new Reflector({
            row,
            client: this.#client,
            namespace: options.namespace,
            clock: this.#clock,
            times: this.#times,
            onChange: () => this.#changed(),
            onOpen: () => this.#isHeld && this.#changed(),
            onStatus: (state, before) => this.#onStatus(state, before),
            ...(options.maxObjects !== undefined && { maxObjects: options.maxObjects }),
          }),
      );
    this.#patience = setTimeout(() => {
      this.#isLate = true;
      this.#changed();
    }, this.#times.patience);
    for (const reflector of this.#reflectors) void reflector.run(this.#ended.signal);
  }

  get kinds(): KindStatus[] {
    return this.#reflectors.map(({ status }) => status);
  }

  /** Last time at which all objects were known to match the cluster, epoch ms; null: never. */
  get knownAt(): number | null {
    if (this.#configuration === undefined) return null;
    const times = this.#reflectors.flatMap((reflector) => reflector.knownAt ?? []);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Current problems, worst first. */
  get problems(): string[] {
    const failing = this.#reflectors.filter(({ status }) => status.state === 'failing');
    const read = this.#reflectors.filter(({ status }) => status.state === 'synced');
    const others = this.#reflectors.filter(
      ({ row, status: { state } }) =>
        state === 'forbidden' || (state === 'absent' && row.configuration) || (state === 'failing' && read.length > 0),
    );
    return [
      ...(failing.length > 0 && read.length === 0 ? [this.#unreachable(failing)] : []),
      ...(this.#disbelief === null ? [] : [this.#disbelief]),
      ...others
        .sort((a, b) => Number(b.row.essential ?? false) - Number(a.row.essential ?? false))
        .flatMap(({ status }) => status.text ?? []),
    ];
  }

  close(): void {
    clearTimeout(this.#pending);
    clearTimeout(this.#patience);
    clearTimeout(this.#telling);
    this.#ended.abort();
    this.#client.close();
  }

  #onStatus(state: KindStatus['state'], before: KindStatus['state']): void {
    if (this.#configuration === undefined) this.#changed();
    // kinds that failed together recover together
    if (before === 'failing' && state !== 'failing') for (const reflector of this.#reflectors) reflector.wake();
    this.#tellStatus();
  }

  /** Reports the many watches that fail in one outage as one change. */
  #tellStatus(): void {
    if (this.#ended.signal.aborted) return;
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      this.#o.onStatus();
    }, this.#times.minRetry);
  }

  #unreachable(failing: readonly Reflector[]): string {
    const why = failing[0]!.why;
    const { knownAt } = this;
    if (knownAt === null) return `the API server is unreachable: ${why}`;
    const objects = this.#reflectors.reduce((sum, reflector) => sum + reflector.objects.size, 0);
    return `the API server is unreachable since ${formatTime(knownAt)}: ${why}; ${keptText(objects)}`;
  }

  /** Sends a snapshot after a quiet time, so that a burst of changes becomes one. */
  #changed(): void {
    if (this.#ended.signal.aborted) return;
    const now = performance.now();
    if (this.#pending === undefined) this.#pendingSince = now;
    clearTimeout(this.#pending);
    const { quiet, maxQuiet } = this.#times;
    const delay = Math.min(quiet, Math.max(0, this.#pendingSince + maxQuiet - now));
    this.#pending = setTimeout(() => {
      this.#pending = undefined;
      this.#tell();
    }, delay);
  }

  #tell(): void {
    if (this.#configuration === undefined && !this.#isWhole()) return;
    this.#isHeld = this.#configuration !== undefined && this.#isHalfEmptied();
    if (this.#isHeld) return;
    const own = this.#reflectors.filter(({ row }) => row.configuration);
    const configuration = own.reduce((sum, { objects }) => sum + objects.size, 0);
    const disbelief = this.#whyNotBelieved(own, configuration);
    if (disbelief !== this.#disbelief) {
      this.#disbelief = disbelief;
      this.#tellStatus();
    }
    if (disbelief !== null) return;
    this.#configuration = configuration;
    for (const reflector of this.#reflectors) reflector.emptiedByList = false;
    this.#o.onSnapshot(this.#results(own));
  }

  /** True if all kinds are read: a partial snapshot gives wrong findings. Waits for others than essential ones for a time. */
  #isWhole(): boolean {
    return this.#reflectors.every(
      ({ row, isSettled, status }) => isSettled || (this.#isLate && !row.essential && status.state === 'failing'),
    );
  }

  /**
   * After an outage, kinds are listed one after the other. If a list removed all objects of a kind, wait for the other
   * kinds: they tell whether only this kind is empty or the whole cluster was replaced.
   */
  #isHalfEmptied(): boolean {
    const essential = this.#reflectors.filter(({ row }) => row.essential);
    return essential.some(({ emptiedByList }) => emptiedByList) && !essential.every(({ isAnswered }) => isAnswered);
  }

  /**
   * If lists suddenly have none of MetalLB's objects, without a delete event, the API server was restored or replaced.
   * MetalLB is not unconfigured like that, so keep the objects. A restart accepts the empty lists.
   */
  #whyNotBelieved(own: readonly Reflector[], configuration: number): string | null {
    if (configuration > 0 || !this.#configuration || !own.some(({ emptiedByList }) => emptiedByList)) return null;
    return (
      `the API server suddenly lists no MetalLB objects; keeping the ${this.#configuration} read before ` +
      'until it lists some or Peerglass is restarted'
    );
  }

  /** MetalLB's configuration objects in order of creation across kinds, then all others. */
  #results(own: readonly Reflector[]): ReadResult[] {
    const configuration = own.flatMap(({ objects }) => [...objects.entries]).sort(byCreation);
    const results = configuration.map(({ result }) => result);
    for (const { row, objects } of this.#reflectors) {
      if (!row.configuration) for (const { result } of objects.entries) results.push(result);
      results.push(...objects.left);
    }
    return results;
  }
}
