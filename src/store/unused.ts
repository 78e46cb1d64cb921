/**
 * Rows of `prefixes` and `attributes` that no route uses: the RIB gave their ids up and never gives them again. They go
 * when no stored change speaks of them any more, oldest first.
 */
import type { Statement } from 'better-sqlite3';
import { ChangeReader, changeLength } from '../rib/change-log.ts';
import type { Rib } from '../rib/rib.ts';
import { type Db, exactBuffer } from './database.ts';
import type { FreedWrite } from './messages.ts';

/** Rows per slice: a few milliseconds. */
const rowsPerSlice = 500;
const kinds = ['prefixes', 'attributes'] as const;
type Kind = (typeof kinds)[number];

export class UnusedRows {
  readonly #add: Record<Kind, Statement>;
  readonly #due: Record<Kind, Statement>;
  readonly #delete: Record<Kind, Statement>;
  readonly #done: Record<Kind, Statement>;
  readonly #mark: Statement;
  readonly #oldest: Statement;

  constructor(db: Db) {
    const each = (sql: (kind: Kind) => string): Record<Kind, Statement> => ({
      prefixes: db.prepare(sql('prefixes')),
      attributes: db.prepare(sql('attributes')),
    });
    this.#add = each((kind) => `INSERT OR IGNORE INTO unused_${kind} VALUES (?, ?)`);
    this.#due = each(
      (kind) => `SELECT seq, id FROM unused_${kind} WHERE seq < ? ORDER BY seq, id LIMIT ${rowsPerSlice}`,
    );
    this.#delete = each((kind) => `DELETE FROM ${kind} WHERE id = ?`);
    this.#done = each((kind) => `DELETE FROM unused_${kind} WHERE seq = ? AND id = ?`);
    this.#mark = db.prepare("UPDATE meta SET value = max(value, ?) WHERE key = 'freed_seq'");
    this.#oldest = db.prepare('SELECT coalesce(min(first_seq), 9e15) FROM changes').pluck();
  }

  write({ seq, through, nlris, sets }: Omit<FreedWrite, 'kind'>): void {
    for (const id of nlris) this.#add.prefixes.run(seq, id);
    for (const id of sets) this.#add.attributes.run(seq, id);
    this.#mark.run(through);
  }

  /** Deletes a few rows that can go; how many. */
  sweep(): number {
    const oldest = this.#oldest.get() as number;
    let deleted = 0;
    for (const kind of kinds)
      for (const { seq, id } of this.#due[kind].all(oldest) as { seq: number; id: number }[]) {
        this.#delete[kind].run(id);
        this.#done[kind].run(seq, id);
        deleted++;
      }
    return deleted;
  }
}

/**
 * Writes down what an earlier run had stopped using without having told: what changes behind its last word speak of and
 * `rib`, as it is at `seq`, does not know.
 */
export function adoptUnused(db: Db, rib: Rib, seq: number): void {
  const since = (db.prepare("SELECT value FROM meta WHERE key = 'freed_seq'").pluck().get() ?? 0) as number;
  const nlris = new Set<number>();
  const sets = new Set<number>();
  const rows = db.prepare('SELECT entries FROM changes WHERE last_seq > ? AND first_seq <= ?').pluck();
  for (const entries of rows.iterate(since, seq) as IterableIterator<Buffer>) {
    const reader = new ChangeReader({ buffer: exactBuffer(entries), count: entries.length / changeLength });
    for (let i = 0; i < reader.count; i++) {
      if (reader.seq(i) > seq) break;
      if (!rib.nlris.has(reader.nlri(i))) nlris.add(reader.nlri(i));
      for (const set of [reader.attributes(i), reader.previous(i)])
        if (set > 0 && !rib.attributeSets.has(set - 1)) sets.add(set - 1);
    }
  }
  const unused = new UnusedRows(db);
  db.transaction(() => unused.write({ seq, through: seq, nlris: [...nlris], sets: [...sets] }))();
}
