/** Takes history away by age and size, in slices, when the writer has nothing better to do. */
import type { Statement } from 'better-sqlite3';
import { type Db, toMicros } from './database.ts';

export interface RetentionLimits {
  /** Journal, changes, session events, closed findings and the history of objects older than this go; Infinity = never. */
  maxAgeMs: number;
  /** Oldest journal goes first when the database is larger; Infinity = never. */
  maxBytes: number;
}

/** Changes of objects, and of expectations, that are kept at most; the oldest go first. */
export const maxHistoryRows = 500_000;
/** Rows per slice: a few milliseconds. */
const rowsPerSlice = 200;

export class Retention {
  static readonly intervalMs = 60_000;
  readonly isEnabled: boolean;
  readonly #db: Db;
  readonly #limits: RetentionLimits;
  readonly #now: () => number;
  readonly #byAge: Statement[];
  readonly #orphans: Statement[];
  readonly #byCount: Statement[];
  readonly #journalByAge: Statement;
  readonly #journalBySize: Statement;
  readonly #changes: Statement;
  #nextRun = 0;

  constructor(db: Db, limits: RetentionLimits, now: () => number) {
    this.#db = db;
    this.#limits = limits;
    this.#now = now;
    this.isEnabled = Number.isFinite(limits.maxAgeMs) || Number.isFinite(limits.maxBytes);
    // Nothing that a restart needs: the tables must be past what goes, and a live session keeps what it negotiated.
    const past = "last_seq <= (SELECT value FROM meta WHERE key = 'tables_seq')";
    const oldest = `ORDER BY first_seq LIMIT ${rowsPerSlice}`;
    this.#journalByAge = db.prepare(
      `DELETE FROM journal WHERE first_seq IN (SELECT first_seq FROM journal WHERE at < ? AND ${past} ${oldest})`,
    );
    this.#journalBySize = db.prepare(
      `DELETE FROM journal WHERE first_seq IN (SELECT first_seq FROM journal WHERE ${past} ${oldest})`,
    );
    // What a resume may ask for is in `changes` as long as its seq is in the journal: never the other way round.
    this.#changes = db.prepare(
      `DELETE FROM changes WHERE first_seq IN (SELECT first_seq FROM changes WHERE ${past}
       AND first_seq < coalesce((SELECT min(first_seq) FROM journal), 9e15) ${oldest})`,
    );
    this.#byAge = [
      db.prepare(
        `DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE at < ? AND NOT (kind = 'established' AND session IN (SELECT session FROM neighbors)) ORDER BY id LIMIT ${rowsPerSlice})`,
      ),
      db.prepare(
        `DELETE FROM findings WHERE id IN (SELECT id FROM findings WHERE until < ? ORDER BY id LIMIT ${rowsPerSlice})`,
      ),
      db.prepare(
        `DELETE FROM object_changes WHERE id IN (SELECT id FROM object_changes WHERE last_at < ? ORDER BY id LIMIT ${rowsPerSlice})`,
      ),
      db.prepare(
        `DELETE FROM expectation_changes WHERE id IN (SELECT id FROM expectation_changes WHERE at < ? ORDER BY id LIMIT ${rowsPerSlice})`,
      ),
      db.prepare(
        `DELETE FROM change_sets WHERE id IN (SELECT id FROM change_sets WHERE at < ? ORDER BY id LIMIT ${rowsPerSlice})`,
      ),
    ];
    this.#byCount = ['object_changes', 'expectation_changes'].map((table) =>
      db.prepare(
        `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE id <= (SELECT max(id) FROM ${table}) - ${maxHistoryRows} ORDER BY id LIMIT ${rowsPerSlice})`,
      ),
    );
    // What rows of the above were the last to speak of. Changes go from the oldest on, so that the first id tells.
    const gone = 'coalesce((SELECT min(id) FROM object_changes), 9e15)';
    this.#orphans = [
      `DELETE FROM object_addresses WHERE object_change IN (SELECT object_change FROM object_addresses WHERE object_change < ${gone} LIMIT ${rowsPerSlice})`,
      `DELETE FROM prefix_set_members WHERE prefix_set = (SELECT id FROM prefix_sets WHERE id NOT IN (SELECT prefix_set FROM expectation_changes) LIMIT 1)`,
      `DELETE FROM prefix_sets WHERE id NOT IN (SELECT prefix_set FROM expectation_changes) AND id NOT IN (SELECT prefix_set FROM prefix_set_members)`,
      `DELETE FROM session_sets WHERE id IN (SELECT id FROM session_sets WHERE id NOT IN (SELECT session_set FROM expectation_changes) LIMIT ${rowsPerSlice})`,
    ].map((sql) => db.prepare(sql));
  }

  /** Octets in use (free pages not counted). */
  databaseBytes(): number {
    const pages = this.#db.pragma('page_count', { simple: true }) as number;
    const free = this.#db.pragma('freelist_count', { simple: true }) as number;
    return (pages - free) * (this.#db.pragma('page_size', { simple: true }) as number);
  }

  /** Does one slice when it is time; true when there is more to do at once. */
  slice(): boolean {
    const now = this.#now();
    if (!this.isEnabled || now < this.#nextRun) return false;
    if (this.#deleteSlice(now) > 0) return true;
    this.#nextRun = now + Retention.intervalMs;
    return false;
  }

  #deleteSlice(now: number): number {
    let deleted = 0;
    try {
      this.#db.transaction(() => {
        if (Number.isFinite(this.#limits.maxAgeMs)) {
          const before = toMicros(now - this.#limits.maxAgeMs);
          for (const statement of [this.#journalByAge, ...this.#byAge]) deleted += statement.run(before).changes;
        }
        for (const statement of this.#byCount) deleted += statement.run().changes;
        if (deleted === 0) for (const statement of this.#orphans) deleted += statement.run().changes;
        if (this.databaseBytes() > this.#limits.maxBytes) deleted += this.#journalBySize.run().changes;
        deleted += this.#changes.run().changes;
      })();
    } catch {
      // a full or locked disk is reported where routes are written; the next round tries again
      return 0;
    }
    return deleted;
  }
}
