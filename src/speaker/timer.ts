/**
 * A deadline that is pushed forward for every message: that writes down a number, and the real timer underneath looks
 * at the number when it fires. Setting and clearing a timer per message would cost more than reading the message.
 */
import type { Clock } from './clock.ts';

export class Timer {
  readonly #clock: Clock;
  readonly #expired: () => void;
  #period = 0;
  /** epoch ms; Infinity = not running. */
  #deadline = Number.POSITIVE_INFINITY;
  #armedFor = Number.POSITIVE_INFINITY;
  #disarm: (() => void) | undefined;

  constructor(clock: Clock, expired: () => void) {
    this.#clock = clock;
    this.#expired = expired;
  }

  get running(): boolean {
    return this.#deadline !== Number.POSITIVE_INFINITY;
  }

  /** (Re)starts it with `ms` to go. */
  start(ms: number): void {
    this.#period = ms;
    this.#deadline = this.#clock.now() + ms;
    // a timer that fires too early is armed again then; one that fires too late has to go
    if (this.#armedFor > this.#deadline) this.#arm();
  }

  /** Starts it over with the period it had, when it runs. `now`: epoch ms. */
  touch(now: number): void {
    if (this.running) this.#deadline = now + this.#period;
  }

  stop(): void {
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#disarm?.();
    this.#disarm = undefined;
  }

  #arm(): void {
    this.#disarm?.();
    this.#armedFor = this.#deadline;
    this.#disarm = this.#clock.after(Math.max(0, this.#deadline - this.#clock.now()), () => this.#fired());
  }

  #fired(): void {
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#disarm = undefined;
    if (this.#deadline > this.#clock.now()) this.#arm();
    else {
      this.stop();
      this.#expired();
    }
  }
}
