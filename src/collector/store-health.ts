/** Whether the database takes what the collector sends, what it lacks, and how large it is. */
import type { Logger } from 'pino';
import type { Gap, StoreMessage } from '../store/messages.ts';
import type { DatabaseUsage } from '../store/types.ts';
import type { CollectorStatus } from './status.ts';

/** Gaps in `/status`; the database has all of them. */
export const maxGaps = 100;

type MessageOf<K extends StoreMessage['kind']> = Extract<StoreMessage, { kind: K }>;

export class StoreHealth {
  readonly #log: Logger;
  readonly #now: () => number;
  #readFailure: CollectorStatus['degraded'] | undefined;
  #isOverBoundLogged = false;
  degraded: CollectorStatus['degraded'] = null;
  gaps: CollectorStatus['gaps'] = [];
  /** Highest seq that the readable tables have. */
  tablesSeq: number;
  database: DatabaseUsage;
  readonly thread: CollectorStatus['threads']['store'];

  constructor(log: Logger, now: () => number, database: DatabaseUsage, tablesSeq: number) {
    this.#log = log;
    this.#now = now;
    this.database = database;
    this.tablesSeq = tablesSeq;
    this.thread = { queuedBatches: 0, queuedBytes: 0, lastCommitMs: 0, databaseBytes: database.bytesInUse };
  }

  onCommitted({ commitMs, queued }: MessageOf<'committed'>): void {
    this.thread.queuedBatches = queued.batches;
    this.thread.queuedBytes = queued.bytes;
    this.thread.lastCommitMs = commitMs;
  }

  onDegraded({ code, text, firstSeq, lastSeq }: MessageOf<'degraded'>): void {
    this.#degrade(code, text);
    if (lastSeq > 0) this.degraded!.gap = { from: this.degraded!.gap?.from ?? firstSeq, to: lastSeq };
  }

  onRecovered(gap: Gap | null): void {
    this.#log.warn(
      { event: 'store.recovered', ...gap },
      `database writes resumed${gap ? `; the journal lacks seq ${gap.from} to ${gap.to}` : ''}`,
    );
    this.degraded = this.#readFailure ?? null;
    if (gap) this.gaps = [...this.gaps, gap].slice(-maxGaps);
  }

  onOpened(): void {
    this.#readFailure = undefined;
    this.tablesSeq = 0;
  }

  /** History cannot be read, so later writes may be lost, too. Lasts until the database is opened again. */
  onReadFailure(code: string, text: string): void {
    if (this.#readFailure) return;
    this.#degrade(code, text);
    this.#readFailure = this.degraded!;
  }

  onUsage(usage: DatabaseUsage): void {
    this.database = usage;
    this.thread.databaseBytes = usage.bytesInUse;
    if (usage.isOverBound && !this.#isOverBoundLogged)
      this.#log.warn(
        { event: 'store.over-bound', bytesInUse: usage.bytesInUse, maxBytes: usage.maxBytes },
        'the current routes and objects alone need more than retention.maxBytes; no history is kept',
      );
    this.#isOverBoundLogged = usage.isOverBound;
  }

  #degrade(code: string, text: string): void {
    if (this.degraded?.code === code) return;
    this.#log.error({ event: 'store.degraded', code }, `${text}; routes stay in memory`);
    this.degraded = { since: this.#now(), gap: null, ...this.degraded, code, text };
  }
}
