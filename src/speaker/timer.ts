/**
 * A timer that each message restarts. A restart only stores the new deadline; the system timer checks it when it fires.
 * Setting and clearing a system timer per message would cost more than reading the message.
 */
import type { Clock } from './clock.ts';

export class Timer {
  readonly #clock: Clock;
  readonly #expired: () => void;
  #period = 0;
  /** epoch ms; Infinity: not running. */
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

  /** Starts or restarts the timer with this period. */
  start(ms: number): void {
    this.#period = ms;
    this.#deadline = this.#clock.now() + ms;
    // a system timer that fires too early is set again then; one that would fire too late is replaced
    if (this.#armedFor > this.#deadline) this.#arm();
  }

  /** Restarts a running timer with its period. `now`: epoch ms. */
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
