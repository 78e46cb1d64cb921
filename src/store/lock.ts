/**
 * One Peerglass per data folder. The lock is a write transaction that stays open on a file of its own, so that the
 * kernel gives it back whatever happens to the process; the file says whose it is.
 */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { fileIdentity } from './files.ts';

export interface FolderLock {
  release(): void;
  /** Takes the folder again where the file of the lock was deleted or replaced. Throws like `lockFolder`. */
  renew(): void;
}

/** Takes the folder, which must exist. Throws an Error that names the owner when another process has it. */
export function lockFolder(folder: string, pid: number = process.pid): FolderLock {
  const file = join(folder, 'peerglass.lock');
  let db = lock(folder, file, pid);
  let identity = fileIdentity(file);
  return {
    release: () => db.close(),
    renew() {
      if (identity !== null && fileIdentity(file) === identity) return;
      const next = lock(folder, file, pid);
      db.close();
      db = next;
      identity = fileIdentity(file);
    },
  };
}

function lock(folder: string, file: string, pid: number): Database.Database {
  const db = new Database(file, { timeout: 0 });
  try {
    db.exec('BEGIN IMMEDIATE');
    db.exec('CREATE TABLE IF NOT EXISTS owner (pid INTEGER NOT NULL); DELETE FROM owner');
    db.prepare('INSERT INTO owner VALUES (?)').run(pid);
    // committed to be read by others, and taken again to be kept
    db.exec('COMMIT; BEGIN IMMEDIATE');
    return db;
  } catch (error) {
    const owner = (error as { code?: string }).code === 'SQLITE_BUSY' ? ownerOf(db) : undefined;
    db.close();
    if (owner === undefined) throw error;
    throw new Error(`${folder} is in use by another Peerglass (pid ${owner}): stop it, or set another data folder`);
  }
}

function ownerOf(db: Database.Database): number | 'unknown' {
  try {
    return db.prepare('SELECT pid FROM owner').pluck().get() as number;
  } catch {
    return 'unknown';
  }
}
