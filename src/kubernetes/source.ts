/**
 * A live cluster → its objects, watched: one reflector per kind, put together when all of them know what there is, and
 * again soon after each change. A cluster that cannot be asked keeps what it last said.
 */

import type { ReadResult } from '../metallb/objects/resources.ts';
import { formatTime } from '../rib/time.ts';
import { ApiClient, type ClusterOptions } from './client.ts';
import { defaultTimes, systemClock, type Times, type WatchClock } from './clock.ts';
import type { KindStatus } from './kinds.ts';
import { watchedKinds } from './kinds.ts';
import { byCreation } from './objects.ts';
import { Reflector } from './reflector.ts';

/** `expect.kubernetes`: which cluster, as whom, and what of it. */
export interface KubernetesOptions extends ClusterOptions {
  /** Watch the Secrets in MetalLB's namespace too: that there is a password, not which. */
  secrets: boolean;
}

export interface ClusterSourceOptions {
  kubernetes: KubernetesOptions;
  /** MetalLB's own. */
  namespace: string;
  /** Who asks, for the API server's audit log. */
  userAgent: string;
  clock?: WatchClock;
  times?: Partial<Times>;
  /** Objects of one kind that are kept. */
  most?: number;
  /** Each new state, the first one when every kind that may be read was. Objects that did not change are the same. */
  onSnapshot: (results: readonly ReadResult[]) => void;
  /** How the kinds are has changed, or the problems. */
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
  /** Kinds that fail and are not essential have been waited for. A timer tells: the wall clock may be set meanwhile. */
  #isLate = false;
  #telling: NodeJS.Timeout | undefined;
  /** Objects of MetalLB's configuration in the last snapshot; undefined before the first. */
  #configuration: number | undefined;
  #disbelief: string | null = null;
  /** A state is kept back until all essential kinds have answered. */
  #isHeld = false;

  /** Starts to list and watch. Nothing is thrown, now or later: what does not work is a problem. */
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
            ...(options.most !== undefined && { most: options.most }),
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

  /** epoch ms at which all objects were known to be what the cluster has; null = never. */
  get knownAt(): number | null {
    if (this.#configuration === undefined) return null;
    const times = this.#reflectors.flatMap((reflector) => reflector.knownAt ?? []);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** What is wrong now, worst first. */
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
    // what was cut off together comes back together
    if (before === 'failing' && state !== 'failing') for (const reflector of this.#reflectors) reflector.wake();
    this.#tellStatus();
  }

  /** One outage fails many watches within moments; it is told as one. */
  #tellStatus(): void {
    if (this.#ended.signal.aborted) return;
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      this.#o.onStatus();
    }, this.#times.retryLeast);
  }

  #unreachable(failing: readonly Reflector[]): string {
    const why = failing[0]!.why;
    const { knownAt } = this;
    if (knownAt === null) return `the API server cannot be asked: ${why}`;
    const objects = this.#reflectors.reduce((sum, reflector) => sum + reflector.objects.size, 0);
    return `the API server cannot be asked since ${formatTime(knownAt)}: ${why}; the ${objects} objects of then stay in force`;
  }

  /** Passes on what there is after a moment of quiet, so that a storm is one change. */
  #changed(): void {
    if (this.#ended.signal.aborted) return;
    const now = performance.now();
    if (this.#pending === undefined) this.#pendingSince = now;
    clearTimeout(this.#pending);
    const { quiet, mostQuiet } = this.#times;
    const delay = Math.min(quiet, Math.max(0, this.#pendingSince + mostQuiet - now));
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

  /** Half of what is meant would make the other half look wrong; what is not essential is not waited for without end. */
  #isWhole(): boolean {
    return this.#reflectors.every(
      ({ row, isSettled, status }) => isSettled || (this.#isLate && !row.essential && status.state === 'failing'),
    );
  }

  /**
   * After an outage one kind is listed before the other. Where a list takes all objects of a kind, the others tell
   * whether that is one kind, or the whole cluster that is another one.
   */
  #isHalfEmptied(): boolean {
    const essential = this.#reflectors.filter(({ row }) => row.essential);
    return essential.some(({ emptiedByList }) => emptiedByList) && !essential.every(({ isAnswered }) => isAnswered);
  }

  /**
   * An API server that suddenly has none of MetalLB's objects any more, without an event for a single one: it was
   * restored, or is another one. Nobody unconfigures MetalLB like that, and if it is meant, a restart believes it.
   */
  #whyNotBelieved(own: readonly Reflector[], configuration: number): string | null {
    if (configuration > 0 || !this.#configuration || !own.some(({ emptiedByList }) => emptiedByList)) return null;
    return (
      `the API server suddenly lists no object of MetalLB any more; the ${this.#configuration} that were there stay in force ` +
      'until it lists some, or Peerglass is started anew'
    );
  }

  /** MetalLB's own objects in the order in which they were created, whatever their kind; then all others. */
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
