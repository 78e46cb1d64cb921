/**
 * The only writer of the database. The journal comes first: everything that waits goes into one transaction, is
 * fsynced and acknowledged; the readable tables follow when no journal work waits. When the disk fails, routes go on
 * in memory: what the journal lost is a gap with a name, and the tables catch up once writing works again.
 */
import { busyTimeoutMs, type Db } from './database.ts';
import { walBytes } from './database-size.ts';
import { type Append, type Gap, maxPieceBytes, type StoreCommand, type StoreMessage } from './messages.ts';
import { setWhole } from './numbering.ts';
import { Owed } from './owed.ts';
import { codeOf, isTransient } from './refusal.ts';
import { Retention, type RetentionLimits } from './retention.ts';
import { Tables } from './tables.ts';
import { DatabaseWriter } from './writer.ts';

/** Least time between two checkpoints; under load the log grows to its bound instead (database-size.ts). */
const checkpointIntervalMs = 2_000;
/** How long until writing is tried again after a failure. */
const retryMs = 1_000;
/** Least time between two looks at the size of the database for `/status`. */
const usageIntervalMs = 1_000;
/** How long readers may hold up a checkpoint when the log is over its bound. */
const checkpointWaitMs = 1_000;
/** Octets of the tables beside the journal, per octet of a transaction that is estimated before it is written. */
const tableFactor = 2;
export interface StoreOptions {
  collector: string;
  retention: RetentionLimits;
  /** The database was opened again while running: what its journal lacks by now (null: nothing). */
  reopened?: { gap: Gap | null };
  post: (message: StoreMessage) => void;
  /** Runs `work` soon; setImmediate in the thread. */
  schedule: (work: () => void, delayMs?: number) => void;
  now: () => number;
}

export class Store {
  readonly #db: Db;
  readonly #options: StoreOptions;
  readonly #tables: Tables;
  readonly #retention: Retention;
  readonly #writer: DatabaseWriter;
  #queue: StoreCommand[] = [];
  #queuedBytes = 0;
  #isScheduled = false;
  #isIdleDue = false;
  /** Something was committed since the last checkpoint. */
  #isWritten = false;
  #nextCheckpoint = 0;
  #nextUsage = 0;
  #nextWait = 0;
  /** Wait before the next turn: the disk refused the last one. */
  #pauseMs: number | undefined;
  /** The disk refused the last time. */
  #isDegraded = false;
  #owed = new Owed();
  #gap: Gap | undefined;

  constructor(db: Db, options: StoreOptions) {
    this.#db = db;
    this.#options = options;
    this.#tables = new Tables(db, options.reopened !== undefined);
    this.#retention = new Retention(db, options.retention, options.now);
    this.#writer = new DatabaseWriter(db, options.collector);
    const { wal } = this.#retention.bounds;
    db.pragma(`wal_autocheckpoint = ${Math.ceil(wal / (db.pragma('page_size', { simple: true }) as number))}`);
    db.pragma(`journal_size_limit = ${wal}`);
    if (options.reopened) {
      // the first transaction writes the gap and says that writing works again
      this.#gap = options.reopened.gap ?? undefined;
      this.#isDegraded = true;
    }
    this.#wake();
  }

  handle(command: StoreCommand): void {
    this.#queue.push(command);
    this.#queuedBytes += bytesOf(command);
    this.#wake();
  }

  #wake(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#options.schedule(() => {
      this.#isScheduled = false;
      this.#work();
    }, this.#pauseMs);
  }

  /**
   * One turn: one transaction of what waits, or, when nothing waits, one slice of the tables, or of the clean-up. The
   * tables come first when too much waits for them, or when journal must go that they still need.
   */
  #work(): void {
    this.#pauseMs = undefined;
    if (this.#mustFlush() && this.#flushTables()) this.#wake();
    else if (this.#queue.length > 0 || this.#isDegraded) {
      const commands = this.#take();
      const isStored = this.#commit(commands);
      if (commands.some((command) => command.kind === 'stop')) {
        const isWhole = commands.some((command) => command.kind === 'stop' && command.isWhole);
        this.#stop((isStored || this.#commit([])) && isWhole);
        return;
      }
      if (!isStored) this.#pauseMs = retryMs;
      this.#wake();
    } else if (this.#tables.isBehind) {
      if (!this.#flushTables()) this.#pauseMs = retryMs;
      this.#wake();
    } else if (this.#retention.slice()) this.#wake();
    else this.#idle();
    this.#tellUsage();
  }

  #mustFlush(): boolean {
    if (!this.#tables.isBehind || this.#isDegraded) return false;
    return this.#tables.isFull || this.#retention.isOver(this.#queuedBytes);
  }

  /** Nothing waits: the write-ahead log goes into the database file, and the clean-up comes round again. */
  #idle(): void {
    const now = this.#options.now();
    if (this.#isWritten && now >= this.#nextCheckpoint) {
      this.#checkpoint('PASSIVE');
      this.#nextCheckpoint = now + checkpointIntervalMs;
    }
    if (this.#isIdleDue || !(this.#isWritten || this.#retention.isEnabled)) return;
    this.#isIdleDue = true;
    this.#options.schedule(
      () => {
        this.#isIdleDue = false;
        this.#wake();
      },
      this.#isWritten ? checkpointIntervalMs : Retention.intervalMs,
    );
  }

  #checkpoint(mode: 'PASSIVE' | 'TRUNCATE'): void {
    try {
      this.#db.pragma(`wal_checkpoint(${mode})`);
      this.#isWritten = false;
    } catch (error) {
      // a reader or a full disk is in the way: what is committed is safe where it is, and the next round tries again
      asTransient(error);
    }
  }

  /** A log that readers keep from starting over is waited for, so that it stays within its bound. */
  #boundLog(): void {
    const now = this.#options.now();
    if (now < this.#nextWait || walBytes(this.#db.name) <= 2 * this.#retention.bounds.wal) return;
    this.#nextWait = now + 5 * checkpointWaitMs;
    this.#db.pragma(`busy_timeout = ${checkpointWaitMs}`);
    this.#checkpoint('TRUNCATE');
    this.#db.pragma(`busy_timeout = ${busyTimeoutMs}`);
  }

  #take(): StoreCommand[] {
    let bytes = 0;
    let n = 0;
    for (const command of this.#queue) {
      if (n > 0 && bytes > this.#retention.bounds.transaction) break;
      bytes += bytesOf(command);
      n++;
    }
    this.#queuedBytes -= bytes;
    return this.#queue.splice(0, n);
  }

  /**
   * False: the disk refused. The raw record is lost and becomes a gap; the tables will follow from memory, and what
   * else was to be written is owed to the next transaction that succeeds.
   */
  #commit(commands: StoreCommand[]): boolean {
    const appends = commands.filter((command) => command.kind === 'append');
    const pieces = commands.filter((command) => command.kind !== 'append' && command.kind !== 'stop');
    const started = performance.now();
    try {
      this.#db
        .transaction(() => {
          this.#retention.makeRoom(tableFactor * commands.reduce((sum, command) => sum + bytesOf(command), 0));
          if (this.#gap) this.#writer.gap(this.#gap);
          this.#writer.news(this.#owed.news);
          for (const append of appends) this.#writer.append(append);
          for (const piece of pieces) this.#writer.piece(piece);
        })
        .immediate(); // reads come first: a lock of another process is waited for only before them
    } catch (error) {
      this.#fail(error, appends);
      // pieces wait, and so does what comes behind them in the collector
      this.#queue.unshift(...pieces);
      for (const piece of pieces) this.#queuedBytes += bytesOf(piece);
      return false;
    } finally {
      for (const append of appends) {
        append.news = undefined;
        this.#tables.push(append);
      }
    }
    this.#isWritten = true;
    this.#owed = new Owed();
    this.#recovered();
    this.#acknowledge(appends, performance.now() - started);
    for (const _ of pieces) this.#options.post({ kind: 'written' });
    this.#boundLog();
    return true;
  }

  #acknowledge(appends: Append[], commitMs: number): void {
    const batches = appends.filter((append) => append.batch).length;
    for (const append of appends) append.batch = undefined;
    const last = appends.at(-1);
    if (!last) return;
    this.#options.post({
      kind: 'committed',
      seq: last.lastSeq,
      batches,
      commitMs,
      queued: { batches: this.#queue.length, bytes: this.#queuedBytes },
    });
  }

  /** For `/status`. */
  #tellUsage(): void {
    const now = this.#options.now();
    if (now < this.#nextUsage) return;
    this.#nextUsage = now + usageIntervalMs;
    this.#options.post({ kind: 'usage', usage: this.#retention.usage() });
  }

  #fail(error: unknown, appends: Append[]): void {
    const { code, message } = asTransient(error);
    this.#isDegraded = true;
    const lost = appends.filter((append) => append.batch);
    const first = lost[0];
    const last = lost.at(-1);
    if (first && last) {
      const from = this.#gap?.from ?? first.firstSeq;
      this.#gap = { from, to: last.lastSeq, at: this.#gap?.at ?? this.#options.now(), reason: code };
    }
    for (const append of appends) {
      this.#owed.add(append.news);
      append.batch = undefined;
    }
    this.#options.post({
      kind: 'degraded',
      code,
      text: message,
      firstSeq: first?.firstSeq ?? 0,
      lastSeq: last?.lastSeq ?? 0,
      batches: lost.length,
    });
  }

  #recovered(): void {
    if (!this.#isDegraded) return;
    this.#options.post({ kind: 'recovered', gap: this.#gap ?? null });
    this.#isDegraded = false;
    this.#gap = undefined;
  }

  #flushTables(): boolean {
    try {
      // the tables can be made again from the journal, so they need not wait for the disk
      this.#db.pragma('synchronous = NORMAL');
      const seq = this.#tables.flush((bytes) => this.#retention.makeRoom(bytes));
      if (seq !== undefined) this.#options.post({ kind: 'tables', seq });
      return true;
    } catch (error) {
      this.#fail(error, []);
      return false;
    } finally {
      this.#db.pragma('synchronous = FULL');
    }
  }

  #stop(isWhole: boolean): void {
    while (this.#tables.isBehind && this.#flushTables());
    if (isWhole && !this.#isDegraded) setWhole(this.#db, 1);
    this.#checkpoint('TRUNCATE');
    this.#db.close();
    this.#options.post({ kind: 'stopped' });
  }
}

/** Octets of a command, roughly. */
function bytesOf(command: StoreCommand): number {
  if (command.kind !== 'append') return command.kind === 'stop' ? 0 : maxPieceBytes;
  const { batch, changes, news } = command;
  return (batch?.length ?? 0) + changes.buffer.byteLength + (news?.length ?? 0);
}

/** Disk and lock trouble is survived here; anything else ends the thread, and the client decides what follows. */
function asTransient(error: unknown): { code: string; message: string } {
  const code = codeOf(error);
  if (code === undefined || !isTransient(code)) throw error;
  return { code, message: (error as Error).message };
}
