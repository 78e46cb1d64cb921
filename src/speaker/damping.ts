/**
 * Damping of speakers that reconnect at once after every rejection, like MetalLB native, hundreds of times a second.
 * Each gets its NOTIFICATION after a pause that grows with its failures, and is reported once per interval.
 */

/** Failures without a pause: a rollout, or a typo being corrected. */
const freeFailures = 3;
/** The first pause, ms. Doubles with each further failure. */
const minPauseMs = 250;
/** Less than the 10 s that MetalLB native waits for an OPEN, so that a corrected neighbor comes up, ms. */
const maxPauseMs = 5_000;
/** Failures are forgotten after this time without a new one, ms. */
const forgetAfterMs = 60_000;
/** Minimum time between two reports of one remote address, ms. */
const reportIntervalMs = 10_000;
/** Reports of connections without a valid OPEN, for all addresses together: burst and rate. */
export const maxReportBurst = 2_000;
export const maxReportsPerSecond = 10;
/** Remote addresses remembered; the one that failed longest ago is forgotten first. */
export const maxRemembered = 4096;

interface Record {
  failures: number;
  failedAt: number;
  reportedAt: number;
  suppressed: number;
}

/** Limits the journal records of connections without a valid OPEN, no matter how many addresses they come from. */
export class ReportBudget {
  readonly #max: number;
  #left: number;
  #at = Number.NEGATIVE_INFINITY;

  constructor(max = maxReportBurst) {
    this.#max = this.#left = max;
  }

  /** True if one more may be reported at `now` (epoch ms). */
  take(now: number): boolean {
    const earned = Math.max(0, now - this.#at) * (maxReportsPerSecond / 1000);
    this.#left = Math.min(this.#max, this.#left + earned);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}

/** Failures by remote address. All times are steady time, epoch ms. */
export class Damping {
  /** In order of the last failure. */
  readonly #records = new Map<string, Record>();

  /** Pause before the next connection from `address` is answered, ms. */
  pause(address: string, now: number): number {
    const record = this.#recent(address, now);
    if (!record || record.failures <= freeFailures) return 0;
    return Math.min(maxPauseMs, minPauseMs * 2 ** (record.failures - freeFailures - 1));
  }

  /** Records that a connection from `address` failed. */
  failed(address: string, now: number): void {
    const record = this.#recent(address, now) ?? {
      failures: 0,
      failedAt: 0,
      reportedAt: Number.NEGATIVE_INFINITY,
      suppressed: 0,
    };
    record.failures++;
    record.failedAt = now;
    this.#records.delete(address);
    this.#records.set(address, record);
    if (this.#records.size > maxRemembered) {
      const [oldest] = this.#records.keys();
      this.#records.delete(oldest!);
    }
  }

  /** Call after `failed`. Returns how many failures went unreported since the last report; undefined: do not report. */
  report(address: string, now: number): number | undefined {
    const record = this.#records.get(address);
    if (!record) return 0;
    if (now - record.reportedAt < reportIntervalMs) {
      record.suppressed++;
      return undefined;
    }
    const { suppressed } = record;
    record.reportedAt = now;
    record.suppressed = 0;
    return suppressed;
  }

  #recent(address: string, now: number): Record | undefined {
    const record = this.#records.get(address);
    return record && now - record.failedAt < forgetAfterMs ? record : undefined;
  }
}
