/** What to ask next: each question at once when it is new, then once per round; never more than so many in a second. */
import { maxQuestionsPerSecond, type Probe } from './messages.ts';

const keyOf = (question: Probe): string => `${question.interface} ${question.address}`;

export class Schedule {
  #questions: readonly Probe[] = [];
  #keys: ReadonlySet<string> = new Set();
  /** Never asked so far. */
  #fresh: Probe[] = [];
  #everyMs: number | null = null;
  #next = 0;
  #last: number | undefined;
  /** How many of the round are due, and how many may be asked by now; both with a fraction. */
  #due = 0;
  #allowed = maxQuestionsPerSecond;

  /** `everyMs`: from one question to its next time; null = nothing is asked. */
  set(questions: readonly Probe[], everyMs: number | null): void {
    const known = this.#everyMs === null ? new Set<string>() : this.#keys;
    this.#keys = new Set(questions.map(keyOf));
    const waiting = new Set(this.#fresh.map(keyOf));
    this.#fresh = questions.filter((question) => !known.has(keyOf(question)) || waiting.has(keyOf(question)));
    this.#questions = questions;
    this.#everyMs = everyMs;
    this.#next %= Math.max(1, questions.length);
  }

  /** The questions that are due at `now`, ms of a clock that does not jump. */
  take(now: number): Probe[] {
    const elapsed = now - (this.#last ?? now);
    this.#last = now;
    const count = this.#questions.length;
    this.#allowed = Math.min(maxQuestionsPerSecond, this.#allowed + (elapsed * maxQuestionsPerSecond) / 1000);
    if (this.#everyMs === null || count === 0) return [];
    this.#due = Math.min(count, this.#due + (elapsed * count) / this.#everyMs);
    const taken = this.#fresh.splice(0, Math.floor(this.#allowed));
    this.#allowed -= taken.length;
    for (; this.#due >= 1 && this.#allowed >= 1; this.#due--, this.#allowed--) {
      taken.push(this.#questions[this.#next]!);
      this.#next = (this.#next + 1) % count;
    }
    return taken;
  }
}
