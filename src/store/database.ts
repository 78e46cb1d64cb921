/** Opening the database: pragmas, and migrations forward from `migrations/NNN-name.sql`, each in one transaction. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { fromWall, toWall } from '../clock.ts';

export type Db = Database.Database;

/** How long a lock held by somebody else (a backup, a curious person's shell) is waited for; sessions do not notice. */
export const busyTimeoutMs = 60_000;

/** A database of an earlier version with more in use than this is not converted at the start: it would take too long. */
export const maxConvertedBytes = 256 * 1024 * 1024;

const migrationsFolder = new URL('../../migrations/', import.meta.url);

/**
 * Opens `file` for the one writer, creating and migrating it. `synchronous=FULL`: what is committed survives power
 * loss. Throws when the file was made by a newer Peerglass, or is no database.
 */
export function openDatabase(file: string, maxConverted = maxConvertedBytes): Db {
  // temporary files beside the database: a container may have no other folder to write to
  process.env['SQLITE_TMPDIR'] ??= dirname(file);
  const db = new Database(file, { timeout: busyTimeoutMs });
  // before the first table; larger pages mean fewer checksums and fewer steps down a tree
  db.pragma('page_size = 16384');
  // so that the file shrinks when history goes; a database made without it is converted while it is small
  db.pragma('auto_vacuum = INCREMENTAL');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('cache_size = -16384');
  // INSERT OR REPLACE counts as a deletion for the triggers that keep `usage`
  db.pragma('recursive_triggers = ON');
  migrate(db);
  if (db.pragma('auto_vacuum', { simple: true }) === 0 && bytesInUse(db) <= maxConverted) convert(db);
  return db;
}

/** Rewrites the database so that its file can shrink. Needs as much free space again; without it all stays as it was. */
function convert(db: Db): void {
  try {
    db.exec('VACUUM');
  } catch {
    // the file keeps its free pages and uses them again
  }
}

/** Opens for reading only; the file must exist and be migrated. */
export function openReadOnly(file: string): Db {
  const db = new Database(file, { readonly: true, timeout: busyTimeoutMs });
  db.pragma('cache_size = -8192');
  return db;
}

/** Applies what is missing. `PRAGMA user_version` holds the number of the last migration applied. */
export function migrate(db: Db, folder: URL = migrationsFolder): void {
  const files = readdirSync(folder)
    .filter((name) => /^\d{3}-.*\.sql$/.test(name))
    .sort();
  const current = db.pragma('user_version', { simple: true }) as number;
  const newest = Number(files.at(-1)?.slice(0, 3) ?? 0);
  if (current > newest)
    throw new Error(
      `the database has schema ${current}, this Peerglass knows up to ${newest}: run a newer version, or another data folder`,
    );
  for (const name of files) {
    const number = Number(name.slice(0, 3));
    if (number <= current) continue;
    db.transaction(() => {
      db.exec(readFileSync(new URL(name, folder), 'utf8'));
      db.pragma(`user_version = ${number}`);
    })();
  }
}

/** Octets of the pages in use. */
export function bytesInUse(db: Db): number {
  const [pages, free, size] = ['page_count', 'freelist_count', 'page_size'].map(
    (name) => db.pragma(name, { simple: true }) as number,
  ) as [number, number, number];
  return (pages - free) * size;
}

/** Steady time (epoch ms with a fraction) → integer µs of wall time, as the database keeps it. */
export const toMicros = (at: number): number => Math.round(toWall(at) * 1000);
export const fromMicros = (micros: number): number => fromWall(micros / 1000);

/** Typed arrays over a stored blob need their own, aligned buffer. */
export function exactBuffer(blob: Buffer): ArrayBuffer {
  return blob.buffer.slice(blob.byteOffset, blob.byteOffset + blob.length) as ArrayBuffer;
}
