/** One log line per verdict that became wrong or right. Limited, since a segment that fails affects every address. */
import type { Logger } from 'pino';
import { type L2Row, wrong } from './rows.ts';

/** Lines per minute; the next line has the number left out. */
export const maxLinesPerMinute = 20;

export class L2Log {
  readonly #log: Logger;
  #minute = 0;
  #lines = 0;
  #suppressed = 0;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** `at`: epoch ms. */
  changed({ before, after }: { before: L2Row | undefined; after: L2Row }, at: number): void {
    const isWrong = wrong.has(after.verdict);
    if (!isWrong && !(before && wrong.has(before.verdict))) return;
    const minute = Math.floor(at / 60_000);
    if (minute !== this.#minute) [this.#minute, this.#lines] = [minute, 0];
    if (this.#lines === maxLinesPerMinute) {
      this.#suppressed++;
      return;
    }
    this.#lines++;
    this.#log[isWrong ? 'warn' : 'info'](
      {
        event: 'l2.verdict',
        service: after.service,
        address: after.address,
        from: before?.verdict,
        verdict: after.verdict,
        reasonCode: after.reasonCode,
        ...(this.#suppressed > 0 && { suppressed: this.#suppressed }),
      },
      `${after.service || after.address}: ${after.reasonText}`,
    );
    this.#suppressed = 0;
  }
}
