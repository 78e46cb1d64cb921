/**
 * The only writer of the database. The journal comes first: everything that waits goes into one transaction, is
 * fsynced and acknowledged; the readable tables follow when no journal work waits. When the disk fails, routes go on
 * in memory: what the journal lost is a gap with a name, and the tables catch up once writing works again.
 */
import type { Statement } from 'better-sqlite3';
import { toWall, wallOffset } from '../clock.ts';
import { shiftRecords } from '../events.ts';
import { shiftChanges } from '../rib/change-log.ts';
import type { Neighbor } from '../rib/types.ts';
import { type Db, toMicros } from './database.ts';
import { HistoryWriter } from './history.ts';
import type { Append, ExpectationsWrite, FindingWrite, Gap, StoreCommand, StoreMessage } from './messages.ts';
import { setWhole } from './numbering.ts';
import { Owed } from './owed.ts';
import { codeOf, isTransient } from './refusal.ts';
import { Retention, type RetentionLimits } from './retention.ts';
import { Tables } from './tables.ts';

/** Journal octets per transaction. */
const maxTransactionBytes = 8 * 1024 * 1024;
/** Least time between two checkpoints; under load the log grows to `wal_autocheckpoint` instead (database.ts). */
const checkpointIntervalMs = 2_000;
/** How long until writing is tried again after a failure. */
const retryMs = 1_000;
/** Expectation rows that are kept readable; a larger cluster's are answered by REST only. */
export const maxExpectationRows = 200_000;

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
  readonly #history: HistoryWriter;
  #queue: StoreCommand[] = [];
  #queuedBytes = 0;
  #isScheduled = false;
  #isIdleDue = false;
  /** Something was committed since the last checkpoint. */
  #isWritten = false;
  #nextCheckpoint = 0;
  #size = { bytes: 0, until: 0 };
  /** Wait before the next turn: the disk refused the last one. */
  #pauseMs: number | undefined;
  /** The disk refused the last time. */
  #isDegraded = false;
  #owed = new Owed();
  #gap: Gap | undefined;
  readonly #statements: {
    journal: Statement;
    changes: Statement;
    gap: Statement;
    neighbor: Statement;
    forget: Statement;
    knows: Statement;
    forgetEvents: Statement;
    event: Statement;
    session: Statement;
    finding: Statement;
    clearExpectations: Statement;
    clearExpectation: Statement;
    clearExpectationsOf: Statement;
    expectation: Statement;
  };

  constructor(db: Db, options: StoreOptions) {
    this.#db = db;
    this.#options = options;
    this.#tables = new Tables(db, options.reopened !== undefined);
    this.#retention = new Retention(db, options.retention, options.now);
    this.#history = new HistoryWriter(db);
    this.#statements = {
      journal: db.prepare('INSERT INTO journal VALUES (?, ?, ?, ?, ?)'),
      changes: db.prepare('INSERT INTO changes VALUES (?, ?, ?, ?)'),
      gap: db.prepare('INSERT OR REPLACE INTO gaps VALUES (?, ?, ?, ?)'),
      neighbor: db.prepare(`INSERT OR REPLACE INTO neighbors VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
      forget: db.prepare('DELETE FROM neighbors WHERE id = ?'),
      knows: db.prepare('SELECT 1 FROM sessions WHERE session = ? AND kind = ?'),
      // what a neighbor with sessions did is history, and goes with the journal
      forgetEvents: db.prepare(
        "DELETE FROM sessions WHERE neighbor = @id AND NOT EXISTS (SELECT 1 FROM sessions WHERE neighbor = @id AND kind = 'established')",
      ),
      event: db.prepare(
        'INSERT INTO sessions (seq, at, neighbor, session, kind, from_state, to_state, code, text, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ),
      session: db.prepare("UPDATE meta SET value = max(value, ?) WHERE key = 'next_session'"),
      finding: db.prepare('INSERT OR REPLACE INTO findings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
      clearExpectations: db.prepare('DELETE FROM expectations'),
      clearExpectation: db.prepare('DELETE FROM expectations WHERE prefix = ?'),
      clearExpectationsOf: db.prepare('DELETE FROM expectations WHERE node = ?'),
      expectation: db.prepare('INSERT OR REPLACE INTO expectations VALUES (?, ?, ?, ?, ?)'),
    };
    if (!options.reopened) return;
    // the first transaction writes the gap and says that writing works again
    this.#gap = options.reopened.gap ?? undefined;
    this.#isDegraded = true;
    this.#wake();
  }

  handle(command: StoreCommand): void {
    this.#queue.push(command);
    if (command.kind === 'append') this.#queuedBytes += command.batch?.length ?? 0;
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

  /** One turn: one transaction of what waits, or, when nothing waits, one slice of the tables, or of the clean-up. */
  #work(): void {
    this.#pauseMs = undefined;
    if (this.#queue.length > 0 || this.#isDegraded) {
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

  #take(): StoreCommand[] {
    let bytes = 0;
    let n = 0;
    for (const command of this.#queue) {
      if (n > 0 && bytes > maxTransactionBytes) break;
      if (command.kind === 'append') bytes += command.batch?.length ?? 0;
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
    const started = performance.now();
    try {
      this.#db.transaction(() => {
        if (this.#gap) this.#statements.gap.run(this.#gap.from, this.#gap.to, toMicros(this.#gap.at), this.#gap.reason);
        for (const command of this.#owed.commands()) this.#write(command);
        for (const command of commands) this.#write(command);
      })();
    } catch (error) {
      this.#fail(error, appends);
      for (const command of commands) this.#owed.add(command);
      return false;
    } finally {
      for (const append of appends) this.#tables.push(append);
    }
    this.#isWritten = true;
    this.#owed = new Owed();
    this.#recovered();
    this.#acknowledge(appends, performance.now() - started);
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
      databaseBytes: this.#databaseBytes(),
    });
  }

  /** For `/status`: asked for with every commit, looked at once a second. */
  #databaseBytes(): number {
    const now = this.#options.now();
    if (now >= this.#size.until) this.#size = { bytes: this.#retention.databaseBytes(), until: now + 1_000 };
    return this.#size.bytes;
  }

  #write(command: StoreCommand): void {
    switch (command.kind) {
      case 'append':
        this.#writeAppend(command);
        return;
      case 'neighbors':
        this.#writeNeighbors(command);
        return;
      case 'findings':
        for (const finding of command.findings) this.#writeFinding(finding);
        return;
      case 'expectations':
        this.#writeExpectations(command);
        return;
      case 'objects':
      case 'expectation-changes':
        this.#history.write(command);
        return;
      case 'stop':
        return;
      default:
        command satisfies never;
    }
  }

  #writeAppend({ firstSeq, lastSeq, at, batch, changes, neighbors, forgotten, events, replaces }: Append): void {
    const micros = toMicros(at);
    if (batch) {
      const offset = wallOffset();
      if (offset !== 0) shiftRecords(batch, offset);
      const records = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.length);
      this.#statements.journal.run(firstSeq, lastSeq, micros, this.#options.collector, records);
      const entries = offset === 0 ? changes.buffer : shiftChanges(changes, offset);
      if (changes.count > 0) this.#statements.changes.run(firstSeq, lastSeq, micros, Buffer.from(entries));
    }
    this.#writeNeighbors({ neighbors, forgotten });
    for (const e of events) {
      // a piece of the whole table brings the sessions of now, most of which are known
      if (replaces && this.#statements.knows.get(e.session, e.kind)) continue;
      const detail = e.detail === null ? null : JSON.stringify(e.detail);
      this.#statements.session.run(e.session + 1);
      this.#statements.event.run(
        e.seq,
        toMicros(e.at),
        e.neighbor,
        e.session,
        e.kind,
        e.from,
        e.to,
        e.code,
        e.text,
        detail,
      );
    }
  }

  #writeNeighbors({ neighbors, forgotten }: Pick<Append, 'neighbors' | 'forgotten'>): void {
    for (const n of neighbors) {
      const down = n.lastDown && `${n.lastDown.code}: ${n.lastDown.text}`;
      const { neighbor, session } = this.#statements;
      neighbor.run(
        n.id,
        this.#options.collector,
        n.remoteAddress,
        n.localAddress,
        n.localPort,
        n.asn,
        n.routerId,
        n.hostname,
        n.node,
        n.bgpPeer,
        n.state,
        toMicros(n.stateSince),
        n.session,
        down,
        JSON.stringify(withWallTimes(n)),
      );
      session.run(n.session + 1);
    }
    for (const id of forgotten) {
      this.#statements.forget.run(id);
      this.#statements.forgetEvents.run({ id });
    }
  }

  #writeFinding({ id, since, until, verdict: v, from, to }: FindingWrite): void {
    const end = until === null ? null : toMicros(until);
    this.#statements.finding.run(
      id,
      v.prefix,
      v.neighbor,
      v.node,
      v.bgpPeer,
      v.verdict,
      v.reasonCode,
      toMicros(since),
      end,
      JSON.stringify(v),
      from,
      to,
    );
  }

  #writeExpectations({ prefixes, nodes, rows, at }: ExpectationsWrite): void {
    if (prefixes === 'all') this.#statements.clearExpectations.run();
    else for (const prefix of prefixes) this.#statements.clearExpectation.run(prefix);
    for (const node of nodes) this.#statements.clearExpectationsOf.run(node);
    for (const row of rows)
      this.#statements.expectation.run(row.node, row.bgpPeer, row.prefix, toMicros(at), JSON.stringify(row));
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
    for (const append of lost) append.batch = undefined;
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
      const seq = this.#tables.flush();
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

/** As it is kept: a later run has another steady time. */
function withWallTimes(neighbor: Neighbor): Neighbor {
  const { stateSince, establishedAt, lastUpdateAt, staleUntil, lastDown } = neighbor;
  const wall = (at: number | null): number | null => (at === null ? null : toWall(at));
  return {
    ...neighbor,
    stateSince: toWall(stateSince),
    establishedAt: wall(establishedAt),
    lastUpdateAt: wall(lastUpdateAt),
    staleUntil: wall(staleUntil),
    lastDown: lastDown && { ...lastDown, at: toWall(lastDown.at) },
  };
}

/** Disk and lock trouble is survived here; anything else ends the thread, and the client decides what follows. */
function asTransient(error: unknown): { code: string; message: string } {
  const code = codeOf(error);
  if (code === undefined || !isTransient(code)) throw error;
  return { code, message: (error as Error).message };
}
