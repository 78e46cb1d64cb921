/** Says in the log when a table of ours is full. */
import type { Logger } from 'pino';
import type { TableUse } from '../events.ts';

/** Between two lines about one table, ms. */
export const tableLogMs = 60_000;

export class TableWatch {
  readonly #log: Pick<Logger, 'warn'>;
  readonly #told = new Map<string, { at: number; overflows: number }>();

  constructor(log: Pick<Logger, 'warn'>) {
    this.#log = log;
  }

  /** `now`: epoch ms. */
  look(tables: readonly TableUse[], now: number): void {
    for (const { name, used, max, overflows } of tables) {
      const told = this.#told.get(name);
      const since = told?.overflows ?? 0;
      // a speaker that was restarted counts from 0 again
      const news = overflows >= since ? overflows - since : overflows;
      if (news === 0 || (told && now - told.at < tableLogMs)) continue;
      this.#told.set(name, { at: now, overflows });
      this.#log.warn({ event: 'table.full', table: name, used, max, overflows: news }, `table full: ${name}`);
    }
  }
}
