/**
 * One time budget per turn of the event loop for all work on the live feed. Steps take their turns in a circle, so that
 * neither many clients nor one of them keep anything else from running.
 */
import { limits } from '../limits.ts';

/** A short piece of work; answers true when it wants another turn. */
export type Step = () => boolean;

export class Turns {
  readonly #waiting = new Set<Step>();
  readonly #budgetMs: number;
  /** End of the budget of this turn; 0 = nothing has run in it yet. */
  #until = 0;
  #isRunning = false;

  constructor(budgetMs: number = limits.sliceMs) {
    this.#budgetMs = budgetMs;
  }

  /** Runs `step` now when the budget allows it, and again in later turns as long as it answers true. */
  run(step: Step): void {
    this.#waiting.add(step);
    if (!this.#isRunning) this.#work();
  }

  /** Forgets a step that waits. */
  drop(step: Step): void {
    this.#waiting.delete(step);
  }

  #work(): void {
    if (this.#until === 0) {
      this.#until = performance.now() + this.#budgetMs;
      setImmediate(() => {
        this.#until = 0;
        if (this.#waiting.size > 0) this.#work();
      });
    }
    this.#isRunning = true;
    for (const step of this.#waiting) {
      if (performance.now() >= this.#until) break;
      this.#waiting.delete(step);
      if (step()) this.#waiting.add(step);
    }
    this.#isRunning = false;
  }
}
