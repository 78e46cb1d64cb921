/** Long work in slices, so that everything else on the event loop gets its turn. */

/** Calls `step` until it answers false (nothing is left) or `budgetMs` is over. Answers whether more is left. */
export function workFor(budgetMs: number, step: () => boolean): boolean {
  const end = performance.now() + budgetMs;
  let isMore: boolean;
  do isMore = step();
  while (isMore && performance.now() < end);
  return isMore;
}

export interface SlicesOptions {
  /** Runs `work` in a later turn of the event loop: setImmediate. */
  schedule: (work: () => void) => void;
  /** Longest slice in one turn, ms; 0 = one step. */
  budgetMs: number;
  /** Does a little and answers whether more is left. */
  step: () => boolean;
}

export class Slices {
  readonly #o: SlicesOptions;
  #isScheduled = false;

  constructor(options: SlicesOptions) {
    this.#o = options;
  }

  /** Works for one slice now, and in later turns until nothing is left. */
  run(): void {
    if (workFor(this.#o.budgetMs, this.#o.step)) this.wake();
  }

  /** Works in later turns, until nothing is left. */
  wake(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#o.schedule(() => {
      this.#isScheduled = false;
      this.run();
    });
  }
}
