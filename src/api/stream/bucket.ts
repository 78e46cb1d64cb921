/** A token bucket: bursts up to its size, and a rate in the long run. */
export class Bucket {
  readonly #size: number;
  readonly #perSecond: number;
  #tokens: number;
  /** ms */
  #at: number;

  constructor({ size, perSecond }: { size: number; perSecond: number }, now = performance.now()) {
    this.#size = size;
    this.#perSecond = perSecond;
    this.#tokens = size;
    this.#at = now;
  }

  /** Takes `count` tokens; false when there are fewer. @param now ms, monotonic. */
  take(count = 1, now = performance.now()): boolean {
    this.#tokens = Math.min(this.#size, this.#tokens + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
    if (this.#tokens < count) return false;
    this.#tokens -= count;
    return true;
  }
}
