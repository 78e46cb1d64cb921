/**
 * The collector's end of the store thread. A thread that ends, for whatever reason, costs the journal what was in
 * flight, never the process: routes stay in memory, and another thread opens the database as soon as that is possible.
 * The client watches the files, too: SQLite goes on writing to a file that has no name any more.
 */
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  checkAccess,
  type DatabaseFiles,
  type DatabaseProblem,
  damaged,
  deleteOrphans,
  headerProblem,
  lookAtFiles,
  replaced,
  whatHappened,
} from './files.ts';
import { type Append, type Gap, packNews, type StoreCommand, type StoreMessage, transferables } from './messages.ts';
import { Owed } from './owed.ts';
import { isDamage } from './refusal.ts';
import type { RetentionLimits } from './retention.ts';

/** How often the files are looked at. */
export const watchMs = 2_000;
/** Pause before a restart of the thread; doubled up to the maximum for each end soon after a start. */
export const firstRestartMs = 500;
export const maxRestartMs = 30_000;
export const nextRestartPause = (ms: number): number => Math.min(maxRestartMs, ms * 2);
/** A thread that lived this long did not die of its start. */
const healthyAfterMs = 60_000;
/** How long a thread may take to end while its database is in place. */
const endWithinMs = 10_000;

/** Heap of the store thread: it holds buffers, not objects. A small young generation costs nothing and saves 30 MB. */
const resourceLimits = { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 12 };

export interface StoreClient {
  post(command: StoreCommand): void;
  /** Everything posted before is stored, the readable tables included; the thread has ended. */
  stop(): Promise<void>;
}

export interface StoreClientOptions {
  file: string;
  collector: string;
  retention: RetentionLimits;
  /** Never called before `post` returns. `opened`: all of the RIB must come again. */
  onMessage: (message: Exclude<StoreMessage, { kind: 'failed' | 'stopped' }>) => void;
  /** Makes the folder ready to open a database in it again. @throws why it cannot be. */
  prepare: () => Promise<void>;
  now: () => number;
  /** Highest seq of the runs before. */
  seq: number;
  /** The file that runs as the thread. */
  thread?: URL;
  times?: { watchMs: number; firstRestartMs: number };
}

export function startStore(options: StoreClientOptions): StoreClient {
  return new Client(options);
}

class Client implements StoreClient {
  readonly #o: StoreClientOptions;
  readonly #times: { watchMs: number; firstRestartMs: number };
  #worker: Worker | undefined;
  #startedAt = 0;
  /** Files of the database that was opened last. */
  #files: DatabaseFiles | undefined;
  /** Why nothing is stored; undefined = the thread takes commands. */
  #trouble: DatabaseProblem | undefined;
  /** Why the thread was told to end. */
  #ending: DatabaseProblem | undefined;
  /** The file at the path is to be left alone: what follows waits until it is gone. */
  #isDamaged = false;
  /** The next start may be refused; writing goes on. */
  #warning: DatabaseProblem | undefined;
  /** Appends at the thread that it has not answered. */
  #inFlight: { first: number; last: number }[] = [];
  /** Commands that wait for the next thread: the database is in place and opened again at once. */
  #held: StoreCommand[] | undefined;
  /** Appends that no thread took. */
  #lost: { first: number; last: number }[] = [];
  #lastSeq: number;
  /** What the journal lacks and no transaction has recorded. */
  #gap: Gap | undefined;
  #owed = new Owed();
  #restartMs: number;
  #restarts = 0;
  #timer: NodeJS.Timeout | undefined;
  #headerProblem: string | undefined;
  #stopped: (() => void) | undefined;

  constructor(options: StoreClientOptions) {
    this.#o = options;
    this.#lastSeq = options.seq;
    this.#times = options.times ?? { watchMs, firstRestartMs };
    this.#restartMs = this.#times.firstRestartMs;
    this.#start();
    this.#watchSoon();
  }

  post(command: StoreCommand): void {
    const seqs = command.kind === 'append' && command.batch && { first: command.firstSeq, last: command.lastSeq };
    const isPiece = command.kind !== 'append' && command.kind !== 'stop';
    // the collector keeps a piece until it is durable, and sends it again to the next thread
    if (isPiece && (this.#held || !this.#worker || this.#ending)) return;
    if (this.#held) return void this.#held.push(command);
    if (seqs) this.#lastSeq = seqs.last;
    if (this.#worker && !this.#ending) {
      if (seqs) this.#inFlight.push(seqs);
      this.#worker.postMessage(command, transferables(command));
      return;
    }
    if (command.kind === 'append') this.#owed.add(command.news);
    if (!seqs) return;
    if (this.#lost.push(seqs) === 1) setImmediate(() => this.#sayLost(this.#lost.splice(0)));
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    const stopped = new Promise<void>((resolve) => {
      this.#stopped = resolve;
    });
    if (!this.#worker) return;
    if (!this.#ending) this.#worker.postMessage({ kind: 'stop', isWhole: true } satisfies StoreCommand);
    await stopped;
  }

  #start(): void {
    const { file, collector, retention, thread = new URL('./thread.ts', import.meta.url) } = this.#o;
    const reopened = this.#restarts > 0 ? { gap: this.#gap ?? null } : undefined;
    const workerData = { file, collector, retention, reopened };
    const worker = new Worker(thread, { name: 'store', workerData, resourceLimits });
    this.#worker = worker;
    this.#startedAt = performance.now();
    let failure: DatabaseProblem | undefined;
    worker.on('message', (message: StoreMessage) => {
      if (message.kind === 'failed') failure = message;
      else if (this.#worker === worker) this.#take(message);
    });
    worker.on('error', (error: Error) => {
      failure = { code: 'store-thread-ended', text: `the store thread ended: ${error.message}` };
    });
    worker.on('exit', (code) => {
      this.#worker = undefined;
      if (this.#stopped) this.#stopped();
      else
        this.#down(
          // a thread that dies closes the database, and with that deletes its log
          failure ??
            this.#ending ?? { code: 'store-thread-ended', text: `the store thread ended with exit code ${code}` },
        );
    });
    const news = packNews(this.#owed.news);
    if (news) worker.postMessage({ ...nothing, news } satisfies StoreCommand);
    this.#owed = new Owed();
  }

  #take(message: StoreMessage): void {
    switch (message.kind) {
      case 'opened':
        this.#files = message.files;
        this.#trouble = undefined;
        if (this.#restarts > 0) this.#o.onMessage(message);
        return;
      case 'committed':
        this.#inFlight.splice(0, message.batches);
        break;
      case 'degraded':
        this.#widenGap(this.#inFlight.splice(0, message.batches), message.code);
        break;
      case 'recovered':
        this.#gap = undefined;
        break;
      case 'failed':
      case 'stopped':
        return;
    }
    this.#o.onMessage(message);
  }

  /** The thread is gone, and what it had not answered with it. */
  #down(trouble: DatabaseProblem): void {
    const { file } = this.#o;
    this.#isDamaged = isDamage(trouble.code) || trouble.code === 'database-damaged';
    this.#trouble =
      this.#isDamaged && trouble.code !== 'database-damaged' ? damaged(file, dirname(file), trouble.text) : trouble;
    const isGone = trouble.code === 'database-deleted' || trouble.code === 'database-replaced';
    this.#sayLost(this.#inFlight.splice(0));
    if (isGone && this.#files) attempt(() => deleteOrphans(file, this.#files!));
    this.#ending = undefined;
    this.#warning = undefined;
    if (performance.now() - this.#startedAt > healthyAfterMs) this.#restartMs = this.#times.firstRestartMs;
    this.#restartSoon();
  }

  #sayLost(lost: { first: number; last: number }[]): void {
    const { code, text } = this.#trouble ?? this.#ending!;
    this.#widenGap(lost, code);
    const [firstSeq, lastSeq] = [lost[0]?.first ?? 0, lost.at(-1)?.last ?? 0];
    this.#o.onMessage({ kind: 'degraded', code, text, firstSeq, lastSeq, batches: lost.length });
  }

  #widenGap(lost: { first: number; last: number }[], reason: string): void {
    const [first, last] = [lost[0], lost.at(-1)];
    if (!first || !last) return;
    const gap = this.#gap ?? { from: first.first, to: 0, at: this.#o.now(), reason };
    this.#gap = { ...gap, from: Math.min(gap.from, first.first), to: Math.max(gap.to, last.last) };
  }

  #restartSoon(): void {
    // a file that has to go first is looked for often; what fails again and again is not
    const wait = this.#isDamaged || this.#trouble?.code === 'database-replaced';
    const pause = wait ? this.#times.watchMs : this.#held ? 0 : this.#restartMs;
    this.#timer = setTimeout(() => void this.#restart(), pause);
    if (!wait) this.#restartMs = nextRestartPause(this.#restartMs);
  }

  async #restart(): Promise<void> {
    const { file, prepare } = this.#o;
    try {
      const { main } = await lookAtFiles(file);
      if (main !== null && main !== this.#files?.main) return this.#wait(replaced(file));
      if (main !== null && this.#isDamaged) return this.#wait();
      await prepare();
      if (main === null) {
        if (this.#files) deleteOrphans(file, this.#files);
        // the next database begins empty
        if (this.#lastSeq > 0) this.#widenGap([{ first: 1, last: this.#lastSeq }], this.#trouble?.code ?? '');
      }
    } catch (error) {
      const code = (error as { code?: string }).code ?? 'data-folder';
      return this.#wait({ code, text: `the database cannot be opened again: ${(error as Error).message}` });
    }
    if (this.#stopped) return;
    this.#restarts++;
    this.#isDamaged = false;
    this.#start();
    this.#release();
    this.#watchSoon();
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const command of held) this.post(command);
  }

  #wait(trouble?: DatabaseProblem): void {
    if (this.#stopped) return;
    this.#release();
    if (trouble && trouble.code !== this.#trouble?.code) {
      this.#trouble = trouble;
      this.#sayLost([]);
    }
    this.#restartSoon();
  }

  #watchSoon(): void {
    this.#timer = setTimeout(() => void this.#watch(), this.#times.watchMs);
  }

  async #watch(): Promise<void> {
    const trouble = await this.#look();
    if (!this.#worker || this.#stopped) return;
    if (trouble) this.#end(trouble);
    else this.#watchSoon();
  }

  /** Why the thread must not write to its files any longer. What only bars the next start becomes a warning. */
  async #look(): Promise<DatabaseProblem | undefined> {
    const { file } = this.#o;
    if (!this.#files) return undefined;
    try {
      const happened = whatHappened(file, this.#files, await lookAtFiles(file));
      if (happened) return happened;
      await checkAccess(file);
      const problem = await headerProblem(file);
      // twice, since a checkpoint may be at work between header and length
      if (problem !== undefined && problem === this.#headerProblem) return damaged(file, dirname(file), problem);
      this.#headerProblem = problem;
      this.#warn(undefined);
    } catch (error) {
      const { code = 'data-folder', message } = error as NodeJS.ErrnoException;
      this.#warn({ code, text: `the next start cannot use the database: ${message}` });
    }
    return undefined;
  }

  #warn(warning: DatabaseProblem | undefined): void {
    if (warning?.code === this.#warning?.code || !this.#worker) return;
    this.#warning = warning;
    if (warning) this.#o.onMessage({ kind: 'degraded', ...warning, firstSeq: 0, lastSeq: 0, batches: 0 });
    else this.#o.onMessage({ kind: 'recovered', gap: null });
  }

  /** Ends the thread. What waits is written first where that is of use: the log alone is gone. */
  #end(trouble: DatabaseProblem): void {
    const worker = this.#worker!;
    this.#ending = trouble;
    this.#headerProblem = undefined;
    if (trouble.code !== 'database-files-deleted') return void worker.terminate();
    this.#held = [];
    worker.postMessage({ kind: 'stop', isWhole: false } satisfies StoreCommand);
    const timer = setTimeout(() => void worker.terminate(), endWithinMs);
    worker.once('exit', () => clearTimeout(timer));
  }
}

/** What no batch stands for. */
const nothing: Append = {
  kind: 'append',
  firstSeq: 0,
  lastSeq: 0,
  at: 0,
  batch: undefined,
  changes: { buffer: new ArrayBuffer(0), count: 0 },
  nlris: undefined,
  attributes: undefined,
  news: undefined,
};

function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // the folder may be gone or closed to us: what opens the database next finds out and says so
  }
}
