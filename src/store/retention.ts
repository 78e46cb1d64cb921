/**
 * Deletes history by age, by count and by size, oldest first, in slices. What is too old goes when the writer has
 * nothing better to do; what is too much goes before more is written, in the same transaction, so that the database
 * stays within its bound under any load.
 */
import type { Statement } from 'better-sqlite3';
import { bytesInUse, type Db, fromMicros, toMicros } from './database.ts';
import {
  bytesFree,
  bytesOnDisk,
  type HistoryKind,
  historyKinds,
  historyShares,
  type SizeBounds,
  sizeBounds,
} from './database-size.ts';
import type { DatabaseUsage } from './types.ts';
import { UnusedRows } from './unused.ts';

export interface RetentionLimits {
  /** Journal, changes, session events, closed findings and the history of objects older than this go; Infinity = never. */
  maxAgeMs: number;
  /** Octets of the database on disk; Infinity = no bound. */
  maxBytes: number;
}

/** Changes of objects, and of expectations, that are kept at most; the oldest go first. */
export const maxHistoryRows = 500_000;
/** Rows per slice: a few milliseconds. */
const rowsPerSlice = 200;
/** Octets per slice of what is too much, also as a share of the bound, and small rows. */
const bytesPerSlice = { max: 1024 * 1024, share: 1 / 128 };
const rowsPerTrim = 1_000;
/** Slices of one transaction. */
const maxSlices = 64;
/** Free pages that stay for what comes next: octets, and as a share of what is in use. */
const freeReserve = { bytes: 4 * 1024 * 1024, share: 0.05 };
/** Free pages given back at a time. */
const pagesPerVacuum = 128;

export class Retention {
  static readonly intervalMs = 60_000;
  readonly bounds: SizeBounds;
  readonly #db: Db;
  readonly #limits: RetentionLimits;
  readonly #now: () => number;
  readonly #unused: UnusedRows;
  readonly #byAge: Statement[];
  readonly #objectsByAge: Statement[];
  readonly #orphans: Statement[];
  readonly #byCount: Statement[];
  readonly #journalByAge: Statement;
  readonly #changes: Statement;
  readonly #closeFindings: Statement;
  /** Each deletes a slice and answers the time of its newest row, µs; null = nothing can go. */
  readonly #trims: Record<HistoryKind, () => number | null>;
  readonly #usage: Statement;
  readonly #bytesOf: Statement;
  readonly #noteTrim: Statement;
  readonly #canShrink: boolean;
  #nextRun = 0;
  #hasOldFindings = true;
  #isOverBound = false;

  constructor(db: Db, limits: RetentionLimits, now: () => number) {
    this.#db = db;
    this.#limits = limits;
    this.#now = now;
    this.#unused = new UnusedRows(db);
    this.bounds = sizeBounds(limits.maxBytes);
    this.#canShrink = (db.pragma('auto_vacuum', { simple: true }) as number) === 2;
    // Nothing that a restart needs: the tables must be past what goes, and a live session keeps what it negotiated.
    const past = "last_seq <= (SELECT value FROM meta WHERE key = 'tables_seq')";
    const unneeded = "NOT (kind = 'established' AND session IN (SELECT session FROM neighbors))";
    const oldest = `ORDER BY first_seq LIMIT ${rowsPerSlice}`;
    this.#journalByAge = db.prepare(
      `DELETE FROM journal WHERE first_seq IN (SELECT first_seq FROM journal WHERE at < ? AND ${past} ${oldest})`,
    );
    // What a resume may ask for is in `changes` as long as its seq is in the journal: never the other way round.
    this.#changes = db.prepare(
      `DELETE FROM changes WHERE first_seq IN (SELECT first_seq FROM changes WHERE ${past}
       AND first_seq < coalesce((SELECT min(first_seq) FROM journal), 9e15) ${oldest})`,
    );
    const oldestOf = (table: string, where: string): string =>
      `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE ${where} ORDER BY id LIMIT ${rowsPerSlice})`;
    this.#objectsByAge = [
      db.prepare(oldestOf('object_changes', 'last_at < ?')),
      db.prepare(oldestOf('expectation_changes', 'at < ?')),
      db.prepare(oldestOf('change_sets', 'at < ?')),
    ];
    this.#byAge = [
      db.prepare(oldestOf('sessions', `at < ? AND ${unneeded}`)),
      db.prepare(oldestOf('findings', 'until < ?')),
      ...this.#objectsByAge,
    ];
    this.#byCount = ['object_changes', 'expectation_changes'].map((table) =>
      db.prepare(oldestOf(table, `id <= (SELECT max(id) FROM ${table}) - ${maxHistoryRows}`)),
    );
    // What rows of the above were the last to speak of. Changes go from the oldest on, so that the first id tells.
    const gone = 'coalesce((SELECT min(id) FROM object_changes), 9e15)';
    this.#orphans = [
      `DELETE FROM object_addresses WHERE object_change IN (SELECT object_change FROM object_addresses WHERE object_change < ${gone} LIMIT ${rowsPerSlice})`,
      `DELETE FROM prefix_set_members WHERE prefix_set = (SELECT id FROM prefix_sets WHERE id NOT IN (SELECT prefix_set FROM expectation_changes) LIMIT 1)`,
      `DELETE FROM prefix_sets WHERE id NOT IN (SELECT prefix_set FROM expectation_changes) AND id NOT IN (SELECT prefix_set FROM prefix_set_members)`,
      `DELETE FROM session_sets WHERE id IN (SELECT id FROM session_sets WHERE id NOT IN (SELECT session_set FROM expectation_changes) LIMIT ${rowsPerSlice})`,
    ].map((sql) => db.prepare(sql));
    this.#closeFindings = db.prepare(
      `UPDATE findings SET until = (SELECT value FROM meta WHERE key = 'started_at'), to_word = 'restart'
       WHERE id IN (SELECT id FROM findings WHERE until IS NULL
       AND id < (SELECT value FROM meta WHERE key = 'first_finding') ORDER BY id LIMIT ${rowsPerSlice})`,
    );
    this.#usage = db.prepare('SELECT kind, bytes, trimmed_bytes, trimmed_at, trimmed_through FROM usage');
    this.#bytesOf = db.prepare('SELECT bytes FROM usage WHERE kind = ?').pluck();
    this.#noteTrim = db.prepare(
      'UPDATE usage SET trimmed_bytes = trimmed_bytes + ?, trimmed_at = ?, trimmed_through = max(coalesce(trimmed_through, 0), ?) WHERE kind = ?',
    );
    this.#trims = {
      routes: this.#trimRoutes(past),
      sessions: this.#trimRows('sessions', 'at', unneeded),
      findings: this.#trimRows('findings', 'since', 'true'),
      objects: this.#trimObjects(),
    };
  }

  /** Has it something to do when the store is idle? */
  get isEnabled(): boolean {
    return Number.isFinite(this.#limits.maxAgeMs) || Number.isFinite(this.#limits.maxBytes);
  }

  /** Would the database be over its bound with so many octets more? */
  isOver(bytes: number): boolean {
    return Number.isFinite(this.#limits.maxBytes) && bytesInUse(this.#db) + bytes > this.bounds.used;
  }

  /**
   * Deletes until so many octets more are within the bound, but no more than a bounded number of slices. Call it in the
   * transaction that writes them. Of the kinds of history the one that is furthest over its share goes first.
   */
  makeRoom(bytes: number): void {
    const left = new Set(historyKinds);
    let slices = 0;
    for (; this.isOver(bytes) && left.size > 0 && slices < maxSlices; slices++) {
      const kind = this.#furthestOver(left);
      const had = this.#bytesOf.get(kind) as number;
      const through = this.#trims[kind]();
      if (through === null) left.delete(kind);
      else this.#noteTrim.run(had - (this.#bytesOf.get(kind) as number), toMicros(this.#now()), through, kind);
    }
    this.#isOverBound = left.size === 0 && this.isOver(bytes);
  }

  /** For `/status`. */
  usage(): DatabaseUsage {
    return { ...usageOf(this.#db, this.#limits.maxBytes), isOverBound: this.#isOverBound };
  }

  /** Does one slice when it is time; true when there is more to do at once. */
  slice(): boolean {
    if (this.#closeOldFindings() || this.#trimSlice() || this.#shrink()) return true;
    const now = this.#now();
    if (!this.isEnabled || now < this.#nextRun) return false;
    if (this.#deleteSlice(now) > 0) return true;
    this.#nextRun = now + Retention.intervalMs;
    return false;
  }

  /** Closes what an earlier run left open. */
  #closeOldFindings(): boolean {
    if (!this.#hasOldFindings) return false;
    try {
      this.#hasOldFindings = this.#closeFindings.run().changes > 0;
    } catch {
      // the next round tries again; until then the view says it
      return false;
    }
    return this.#hasOldFindings;
  }

  #trimSlice(): boolean {
    if (!this.isOver(0) || this.#isOverBound) return false;
    try {
      this.#db.transaction(() => this.makeRoom(0)).immediate();
    } catch {
      return false;
    }
    return this.isOver(0) && !this.#isOverBound;
  }

  /** Gives free pages back to the file system. True = there are more. */
  #shrink(): boolean {
    if (!this.#canShrink) return false;
    const isTooMuch = (): boolean =>
      bytesFree(this.#db) > Math.max(freeReserve.bytes, freeReserve.share * bytesInUse(this.#db));
    if (!isTooMuch()) return false;
    try {
      this.#db.pragma(`incremental_vacuum(${pagesPerVacuum})`);
    } catch {
      return false;
    }
    return isTooMuch();
  }

  #deleteSlice(now: number): number {
    let deleted = 0;
    try {
      this.#db
        .transaction(() => {
          if (Number.isFinite(this.#limits.maxAgeMs)) {
            const before = toMicros(now - this.#limits.maxAgeMs);
            for (const statement of [this.#journalByAge, ...this.#byAge]) deleted += statement.run(before).changes;
          }
          for (const statement of this.#byCount) deleted += statement.run().changes;
          if (deleted === 0) deleted += this.#deleteOrphans();
          deleted += this.#changes.run().changes + this.#unused.sweep();
        })
        .immediate();
    } catch {
      // a full or locked disk is reported where routes are written; the next round tries again
      return 0;
    }
    return deleted;
  }

  #deleteOrphans(): number {
    return this.#orphans.reduce((sum, statement) => sum + statement.run().changes, 0);
  }

  #furthestOver(kinds: ReadonlySet<HistoryKind>): HistoryKind {
    const rows = this.#usage.all() as UsageRow[];
    const over = ({ kind, bytes }: UsageRow): number => bytes / historyShares[kind];
    return rows.filter(({ kind }) => kinds.has(kind)).reduce((a, b) => (over(b) > over(a) ? b : a)).kind;
  }

  #trimRoutes(past: string): () => number | null {
    const candidates = this.#db
      .prepare(
        `SELECT first_seq, last_seq, at, length(records) FROM journal WHERE ${past} ORDER BY first_seq LIMIT ${rowsPerTrim}`,
      )
      .raw();
    const deletions = ['journal', 'changes'].map((table) =>
      this.#db.prepare(`DELETE FROM ${table} WHERE first_seq <= ?`),
    );
    const maxBytes = Math.min(bytesPerSlice.max, this.#limits.maxBytes * bytesPerSlice.share);
    const gaps = this.#db.prepare('DELETE FROM gaps WHERE last_seq <= ?');
    return () => {
      let bytes = 0;
      let end: [firstSeq: number, lastSeq: number, at: number] | undefined;
      for (const [firstSeq, lastSeq, at, length] of candidates.iterate() as IterableIterator<
        [number, number, number, number]
      >) {
        bytes += length;
        end = [firstSeq, lastSeq, at];
        if (bytes > maxBytes) break;
      }
      if (!end) return this.#unused.sweep() > 0 ? 0 : null;
      for (const statement of deletions) statement.run(end[0]);
      gaps.run(end[1]);
      this.#unused.sweep();
      return end[2];
    };
  }

  /** Deletes the oldest rows of a table whose ids rise with time. */
  #trimRows(table: 'sessions' | 'findings', time: string, where: string): () => number | null {
    const deletion = this.#db
      .prepare(
        `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE ${where} ORDER BY id LIMIT ${rowsPerTrim}) RETURNING ${time}`,
      )
      .pluck();
    return () => {
      const times = deletion.all() as number[];
      return times.length === 0 ? null : Math.max(...times);
    };
  }

  #trimObjects(): () => number | null {
    const before = this.#db
      .prepare(
        `SELECT min(at) FROM (
           SELECT max(at) AS at FROM (SELECT last_at AS at FROM object_changes ORDER BY id LIMIT ${rowsPerTrim})
           UNION ALL SELECT max(at) FROM (SELECT at FROM expectation_changes ORDER BY id LIMIT ${rowsPerTrim})
           UNION ALL SELECT max(at) FROM (SELECT at FROM change_sets ORDER BY id LIMIT ${rowsPerTrim}))`,
      )
      .pluck();
    return () => {
      const through = before.get() as number | null;
      let deleted = 0;
      if (through !== null) for (const statement of this.#objectsByAge) deleted += statement.run(through + 1).changes;
      deleted += this.#deleteOrphans();
      return deleted === 0 ? null : (through ?? 0);
    };
  }
}

interface UsageRow {
  kind: HistoryKind;
  bytes: number;
  trimmed_bytes: number;
  trimmed_at: number | null;
  trimmed_through: number | null;
}

const oldestTimes: Record<HistoryKind, string> = {
  routes: 'SELECT at FROM journal ORDER BY first_seq LIMIT 1',
  sessions: 'SELECT at FROM sessions ORDER BY id LIMIT 1',
  findings: 'SELECT since FROM findings ORDER BY id LIMIT 1',
  objects: 'SELECT at FROM object_changes ORDER BY id LIMIT 1',
};

/** What a database holds, from the database itself. */
export function usageOf(db: Db, maxBytes: number): DatabaseUsage {
  const rows = db.prepare('SELECT * FROM usage').all() as UsageRow[];
  return {
    bytesInUse: bytesInUse(db),
    bytesOnDisk: bytesOnDisk(db.name),
    maxBytes: Number.isFinite(maxBytes) ? maxBytes : null,
    isOverBound: false,
    history: historyKinds.map((kind) => {
      const row = rows.find((one) => one.kind === kind)!;
      const oldest = db.prepare(oldestTimes[kind]).pluck().get() as number | undefined;
      return {
        kind,
        bytes: Math.max(0, row.bytes),
        oldestAt: oldest === undefined ? null : fromMicros(oldest),
        trimmed:
          row.trimmed_at === null
            ? null
            : {
                at: fromMicros(row.trimmed_at),
                bytes: row.trimmed_bytes,
                through: fromMicros(row.trimmed_through ?? 0),
              },
      };
    }),
  };
}
