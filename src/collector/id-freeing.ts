/**
 * Frees ids of NLRIs, attribute sets and prefixes that no route uses. Ids of recent frames stay for some seconds, unless
 * their attribute sets are large, so that an API request can still look them up.
 */

import type { Freed, Rib } from '../rib/rib.ts';
import { Slices } from '../slices.ts';
import type { VerdictEngine } from '../verdicts/engine.ts';

/** Ticks for which unused ids stay: 5 s. */
const freeDelayTicks = 20;
/** Octets of unused attribute sets above which ids are freed without the delay. */
export const maxUnusedBytes = 16 * 1024 * 1024;
/** Longest slice of freeing in one turn, ms, and ids between two looks at the clock. */
const freeBudgetMs = 8;
const idsPerSlice = 1_000;
/** Freed ids after which the heap is trimmed. */
const idsPerTrim = 50_000;

export interface IdFreeingOptions {
  rib: Rib;
  engine: VerdictEngine;
  /** Runs `work` in a later turn of the event loop; setImmediate. */
  schedule: (work: () => void) => void;
  onFreed: (freed: Freed) => void;
  maxUnusedBytes: number | undefined;
  /** Returns freed memory to the kernel. */
  trimHeap: (() => void) | undefined;
}

export class IdFreeing {
  readonly #o: IdFreeingOptions;
  readonly #slices: Slices;
  /** Of the last ticks, oldest first: the seq up to which everything was published and in the tables. */
  readonly #settled: number[] = [];
  #freedSinceTrim = 0;
  #isClosed = false;

  constructor(options: IdFreeingOptions) {
    this.#o = options;
    this.#slices = new Slices({ schedule: options.schedule, budgetMs: freeBudgetMs, step: () => this.#step() });
  }

  /** @param settled the seq up to which everything is published and in the tables. */
  tick(settled: number): void {
    this.#settled.push(settled);
    if (this.#settled.length > freeDelayTicks) this.#settled.shift();
    this.#slices.run();
  }

  close(): void {
    this.#isClosed = true;
  }

  #step(): boolean {
    if (this.#isClosed) return false;
    const { rib, engine, onFreed, trimHeap } = this.#o;
    const isLarge = rib.attributeSets.unusedBytes > (this.#o.maxUnusedBytes ?? maxUnusedBytes);
    const freed = rib.free(isLarge ? this.#settled.at(-1)! : this.#settled[0]!, !engine.busy, idsPerSlice);
    engine.nlrisFreed(freed.nlris);
    let isMore = freed.nlris.length === idsPerSlice || freed.sets.length === idsPerSlice;
    if (!engine.busy && engine.free(idsPerSlice)) isMore = true;
    const count = freed.nlris.length + freed.sets.length;
    if (count > 0) onFreed(freed);
    this.#freedSinceTrim += count;
    if (isMore || this.#freedSinceTrim < idsPerTrim) return isMore;
    this.#freedSinceTrim = 0;
    trimHeap?.();
    return false;
  }
}
