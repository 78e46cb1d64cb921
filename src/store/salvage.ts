/**
 * A new database from every row of a damaged one that can be read: rows of each table by its tree, and those of pages
 * that no tree leads to by their form. What the journal lost becomes gaps, so a collector that starts on it says so.
 */
import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { records } from '../events.ts';
import { parsePrefix } from '../ip.ts';
import { changeLength } from '../rib/change-log.ts';
import { type Db, migrate, toMicros } from './database.ts';
import { Pages, type TreeRow, type Value } from './pages.ts';
import { toBatch } from './queries.ts';

export interface Salvaged {
  /** Rows that were kept, by table. */
  rows: Record<string, number>;
  /** Rows that were read but make no sense. */
  invalid: number;
  /** Pages and cells that could not be read. */
  unreadable: number;
  /** Ranges of seq that the journal lost. */
  gaps: { from: number; to: number }[];
}

interface Table {
  name: string;
  columns: { name: string; type: string; notNull: boolean; isRowid: boolean }[];
  insert: Database.Statement;
}

export const gapReason = 'database-damaged';
const rowsPerTransaction = 5_000;

/** Reads `from` and writes `to`, which must not exist. `progress` hears what is being done. @param now epoch ms. */
export function salvage(from: string, to: string, now: number, progress: (text: string) => void): Salvaged {
  const pages = new Pages(from);
  const db = new Database(to);
  try {
    db.pragma('page_size = 16384');
    db.pragma('journal_mode = OFF');
    db.pragma('synchronous = OFF');
    migrate(db);
    const result = copy(pages, db, progress);
    const gaps = mend(db, now);
    db.pragma('journal_mode = DELETE');
    db.pragma('synchronous = FULL');
    // a commit that reaches the disk, with everything before it
    db.exec('UPDATE meta SET value = value');
    return { ...result, gaps };
  } catch (error) {
    db.close();
    rmSync(to, { force: true });
    throw error;
  } finally {
    pages.close();
    if (db.open) db.close();
  }
}

function copy(pages: Pages, db: Db, progress: (text: string) => void): Omit<Salvaged, 'gaps'> {
  const tables = tablesOf(db);
  const rows: Record<string, number> = {};
  let invalid = 0;
  let pending = 0;
  db.exec('BEGIN');
  const keep = (table: Table, row: TreeRow, counts: boolean): void => {
    const values = valuesOf(table, row);
    if (!values || !isSound(table.name, values)) {
      if (counts) invalid++;
      return;
    }
    try {
      if (table.insert.run(values).changes > 0) rows[table.name] = (rows[table.name] ?? 0) + 1;
    } catch {
      if (counts) invalid++;
    }
    if (++pending % rowsPerTransaction === 0) db.exec('COMMIT; BEGIN');
  };
  const roots = new Map<string, number>();
  for (const { values } of pages.rows(1))
    if (typeof values[1] === 'string' && typeof values[3] === 'number' && values[3] > 1)
      roots.set(values[1], values[3]);
  pages.skipFree();
  for (const table of tables) {
    progress(`reading ${table.name}`);
    const root = roots.get(table.name);
    roots.delete(table.name);
    if (root === undefined) pages.unreadable++;
    else for (const row of pages.rows(root)) keep(table, row, true);
  }
  // trees of indexes: their pages are known, their rows are made again
  const { unreadable } = pages;
  for (const root of roots.values()) for (const _ of pages.rows(root));
  const indexes = pages.unreadable - unreadable;
  progress('reading pages that no table leads to');
  for (const row of pages.orphans()) {
    const fitting = tables.filter((table) => fits(table, row));
    if (fitting.length > 0) keep(fitting[0]!, row, false);
  }
  db.exec('COMMIT');
  return { rows, invalid, unreadable: unreadable + indexes };
}

function tablesOf(db: Db): Table[] {
  const names = db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rootpage")
    .pluck()
    .all() as string[];
  return names.map((name) => {
    const { wr } = db.prepare('SELECT wr FROM pragma_table_list(?)').get(name) as { wr: number };
    const all = db.prepare('SELECT name, type, "notnull", pk, hidden FROM pragma_table_xinfo(?)').all(name) as {
      name: string;
      type: string;
      notnull: number;
      pk: number;
      hidden: number;
    }[];
    const columns = all
      .filter(({ hidden }) => hidden === 0)
      .map(({ name, type, notnull, pk }) => ({
        name,
        type,
        notNull: notnull === 1,
        isRowid: wr === 0 && pk === 1 && type === 'INTEGER',
      }));
    const list = columns.map((column) => `"${column.name}"`).join(', ');
    // what migrations put into a new database gives way to what was there
    const or = name === 'meta' ? 'REPLACE' : 'IGNORE';
    const insert = db.prepare(`INSERT OR ${or} INTO ${name} (${list}) VALUES (${columns.map(() => '?').join(', ')})`);
    return { name, columns, insert };
  });
}

/** Values in the order of columns; columns that were added later are NULL. Undefined = not a row of this table. */
function valuesOf({ columns }: Table, { rowid, values }: TreeRow): Value[] | undefined {
  if (values.length > columns.length) return undefined;
  return columns.map(({ isRowid }, i) => (isRowid ? rowid : (values[i] ?? null)));
}

/** Does a row of an unknown tree have the form of this table? */
function fits(table: Table, { values }: TreeRow): boolean {
  if (values.length !== table.columns.length) return false;
  return table.columns.every(({ type, notNull, isRowid }, i) => {
    const value = values[i]!;
    if (value === null) return isRowid || !notNull;
    if (isRowid) return false;
    if (type === 'INTEGER') return typeof value === 'number';
    return type === 'TEXT' ? typeof value === 'string' : Buffer.isBuffer(value);
  });
}

/** Would a start understand the row? Values are in the order of the table's first migration. */
function isSound(table: string, values: Value[]): boolean {
  try {
    switch (table) {
      case 'journal': {
        let count = 0;
        for (const record of records(toBatch(values[4] as Buffer))) {
          if (record.end > (values[4] as Buffer).length) return false;
          count++;
        }
        return count === (values[1] as number) - (values[0] as number) + 1;
      }
      case 'changes':
        return (values[3] as Buffer).length % changeLength === 0;
      case 'neighbors':
        return typeof JSON.parse(values[14] as string).id === 'number';
      case 'sessions':
        return values[10] === null || typeof JSON.parse(values[10] as string) === 'object';
      case 'findings':
        return typeof JSON.parse(values[9] as string) === 'object';
      case 'prefixes':
        return parsePrefix(values[1] as string) !== undefined;
      default:
        return true;
    }
  } catch {
    return false;
  }
}

/** Makes the rows agree with each other, and names what the journal lacks. */
function mend(db: Db, now: number): { from: number; to: number }[] {
  const value = (sql: string): number => (db.prepare(sql).pluck().get() as number | null) ?? 0;
  db.exec('BEGIN');
  db.exec('DELETE FROM routes WHERE neighbor NOT IN (SELECT id FROM neighbors)');
  db.exec('DELETE FROM routes WHERE prefix NOT IN (SELECT id FROM prefixes)');
  db.exec('DELETE FROM routes WHERE attributes NOT IN (SELECT id FROM attributes)');
  const put = db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)');
  const hasMark = value("SELECT value FROM meta WHERE key = 'tables_seq'") > 0;
  if (!hasMark) put.run('tables_seq', value('SELECT max(seq) FROM routes'));
  const sessions = ['SELECT max(session) FROM sessions', 'SELECT max(session) FROM neighbors'].map(value);
  put.run(
    'next_session',
    Math.max(value("SELECT value FROM meta WHERE key = 'next_session'"), 1 + Math.max(...sessions)),
  );
  put.run('whole', 0);
  const known = [
    ...(db.prepare('SELECT first_seq, last_seq FROM journal').raw().all() as [number, number][]),
    ...(db.prepare('SELECT first_seq, last_seq FROM gaps').raw().all() as [number, number][]),
  ].sort((a, b) => a[0] - b[0]);
  const highest = ['tables_seq'].map(() => value("SELECT value FROM meta WHERE key = 'tables_seq'"));
  highest.push(value('SELECT max(last_seq) FROM changes'), value('SELECT max(seq) FROM sessions'));
  const gaps: { from: number; to: number }[] = [];
  let end = known[0]?.[0] === undefined ? 0 : known[0][0] - 1;
  for (const [from, to] of known) {
    if (from > end + 1) gaps.push({ from: end + 1, to: from - 1 });
    end = Math.max(end, to);
  }
  const last = Math.max(...highest);
  if (last > end) gaps.push({ from: end + 1, to: last });
  const insert = db.prepare('INSERT OR REPLACE INTO gaps VALUES (?, ?, ?, ?)');
  for (const { from, to } of gaps) insert.run(from, to, toMicros(now), gapReason);
  db.exec('COMMIT');
  return gaps;
}
