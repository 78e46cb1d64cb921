/** Answers in one piece: how many are made at once, and how many octets each may have. */
import { ApiError } from './errors.ts';
import { limits } from './limits.ts';
import { turn } from './turn.ts';

/** Octets that are left for the lists of one answer. */
export class Room {
  #left: number;

  constructor(octets: number = limits.objectBytes) {
    this.#left = octets;
  }

  /** What `to` makes of the items, `max` at most, up to the first that does not fit; with turns for everything else. */
  async map<From, To>(items: readonly From[], max: number, to: (item: From) => To): Promise<To[]> {
    const mapped: To[] = [];
    let until = performance.now() + limits.sliceMs;
    for (const item of items) {
      if (mapped.length === max) break;
      const row = to(item);
      this.#left -= JSON.stringify(row).length;
      if (this.#left < 0) break;
      mapped.push(row);
      if (mapped.length % limits.sliceCheck !== 0 || performance.now() < until) continue;
      await turn();
      until = performance.now() + limits.sliceMs;
    }
    return mapped;
  }

  /** The items that fit, `max` at most. */
  fit<T>(items: readonly T[], max: number): Promise<T[]> {
    return this.map(items, max, (item) => item);
  }
}

/** Lets some work run at once, and some of the rest wait in the order of its arrival. */
export class Gate {
  readonly #maxRunning: number;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(maxRunning: number, maxWaiting: number) {
    this.#maxRunning = maxRunning;
    this.#maxWaiting = maxWaiting;
  }

  /** @throws ApiError 503 when too many wait. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#maxRunning) {
      if (this.#waiting.length >= this.#maxWaiting) throw tooMany(`${this.#maxWaiting} large answers wait already`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running++;
    try {
      return await work();
    } finally {
      // the next one takes this place
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}

export const tooMany = (detail: string): ApiError => new ApiError(503, 'busy', `${detail}; try again in a moment`);

export const largeAnswers = new Gate(limits.largeAnswers, limits.largeWaiting);
