/** Schedules probes: each new one at once, then each once per round, at most `maxProbesPerSecond`. */
import { maxProbesPerSecond, type Probe } from './messages.ts';

const keyOf = (probe: Probe): string => `${probe.interface} ${probe.address}`;

export class Schedule {
  #probes: readonly Probe[] = [];
  #keys: ReadonlySet<string> = new Set();
  /** Not sent yet. */
  #fresh: Probe[] = [];
  #intervalMs: number | null = null;
  #next = 0;
  #last: number | undefined;
  /** Number of probes due in this round, and number allowed by now; both with a fraction. */
  #due = 0;
  #allowed = maxProbesPerSecond;

  /** `intervalMs`: between two probes of one address; null: no probes. */
  set(probes: readonly Probe[], intervalMs: number | null): void {
    const known = this.#intervalMs === null ? new Set<string>() : this.#keys;
    this.#keys = new Set(probes.map(keyOf));
    const waiting = new Set(this.#fresh.map(keyOf));
    this.#fresh = probes.filter((probe) => !known.has(keyOf(probe)) || waiting.has(keyOf(probe)));
    this.#probes = probes;
    this.#intervalMs = intervalMs;
    this.#next %= Math.max(1, probes.length);
  }

  /** The probes due at `now`, ms of a monotonic clock. */
  take(now: number): Probe[] {
    const elapsed = now - (this.#last ?? now);
    this.#last = now;
    const count = this.#probes.length;
    this.#allowed = Math.min(maxProbesPerSecond, this.#allowed + (elapsed * maxProbesPerSecond) / 1000);
    if (this.#intervalMs === null || count === 0) return [];
    this.#due = Math.min(count, this.#due + (elapsed * count) / this.#intervalMs);
    const taken = this.#fresh.splice(0, Math.floor(this.#allowed));
    this.#allowed -= taken.length;
    for (; this.#due >= 1 && this.#allowed >= 1; this.#due--, this.#allowed--) {
      taken.push(this.#probes[this.#next]!);
      this.#next = (this.#next + 1) % count;
    }
    return taken;
  }
}
