/**
 * Speakers that come back at once after every refusal (MetalLB native does, hundreds of times a second). Each gets
 * the right answer, but only after a pause that grows with its failures, and is reported once per interval.
 */

/** Failures that cost nothing: a rollout or a typo being corrected. */
const freeFailures = 3;
/** The first pause, ms; doubled for each further failure. */
const firstPauseMs = 250;
/** Longest pause, ms. Below the 10 s that MetalLB native waits for an OPEN, so the neighbor comes up once it is right. */
const longestPauseMs = 5_000;
/** Failures are forgotten after this long without one, ms. */
const forgetAfterMs = 60_000;
/** A remote address is reported as refused at most this often, ms. */
const reportEveryMs = 10_000;
/** Reports of connections without a valid OPEN, over all addresses: so many at once, and then so many per second. */
export const maxReportBurst = 2_000;
export const maxReportsPerSecond = 10;
/** Remote addresses remembered; the one that failed longest ago goes first. */
export const maxRemembered = 4096;

interface Record {
  failures: number;
  failedAt: number;
  reportedAt: number;
  suppressed: number;
}

/** Bounds what connections without a valid OPEN can write to the journal, however many addresses they come from. */
export class ReportBudget {
  readonly #max: number;
  #left: number;
  #at = Number.NEGATIVE_INFINITY;

  constructor(max = maxReportBurst) {
    this.#max = this.#left = max;
  }

  /** May one more be reported at `now` (epoch ms)? */
  take(now: number): boolean {
    const earned = Math.max(0, now - this.#at) * (maxReportsPerSecond / 1000);
    this.#left = Math.min(this.#max, this.#left + earned);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}

/** All times are steady time, epoch ms. */
export class Damping {
  /** In order of the last failure. */
  readonly #records = new Map<string, Record>();

  /** How long the next connection from `address` has to wait, ms. */
  pause(address: string, now: number): number {
    const record = this.#recent(address, now);
    if (!record || record.failures <= freeFailures) return 0;
    return Math.min(longestPauseMs, firstPauseMs * 2 ** (record.failures - freeFailures - 1));
  }

  /** A connection from `address` came to nothing. */
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

  /** After `failed`: undefined = do not report this one; else how many were not reported since the last. */
  report(address: string, now: number): number | undefined {
    const record = this.#records.get(address);
    if (!record) return 0;
    if (now - record.reportedAt < reportEveryMs) {
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
