/** Opens the database of an earlier run and fills the RIB from it. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Rib } from '../rib/rib.ts';
import { type Db, openDatabase } from '../store/database.ts';
import { type RestoredHistory, restoreHistory } from '../store/history.ts';
import { type FolderLock, lockFolder } from '../store/lock.ts';
import { goOn, type Numbering } from '../store/numbering.ts';
import { codeOf, DamageError, refusalOf } from '../store/refusal.ts';
import { endFindings } from '../store/reopen.ts';
import { type Restored, restore } from '../store/restore.ts';
import { usageOf } from '../store/retention.ts';
import { type Epochs, startRun } from '../store/runs.ts';
import type { DatabaseUsage } from '../store/types.ts';

/** It cannot run like this: a port that is taken, a folder that cannot be written, a database that is not ours. */
export class StartError extends Error {
  readonly code = 'cannot-start';
}

/** Takes the data folder and fills the RIB from its database; what was found wrong in the last run is closed, and judged anew. */
export function comeBack(
  file: string,
  rib: Rib,
  now: number,
  maxBytes: number,
): {
  restored: Restored;
  numbering: Numbering;
  epochs: Epochs;
  past: RestoredHistory;
  lock: FolderLock;
  database: DatabaseUsage;
} {
  let lock: FolderLock | undefined;
  try {
    mkdirSync(dirname(file), { recursive: true });
    lock = lockFolder(dirname(file));
    const db = openDatabase(file);
    try {
      return { ...readBack(db, rib, now), lock, database: usageOf(db, maxBytes) };
    } finally {
      db.close();
    }
  } catch (error) {
    lock?.release();
    throw new StartError(`data: ${refusalOf(dirname(file), error as Error)}`);
  }
}

/** What cannot be made sense of is damage: SQLite itself sees only broken pages. */
function readBack(
  db: Db,
  rib: Rib,
  now: number,
): { restored: Restored; numbering: Numbering; epochs: Epochs; past: RestoredHistory } {
  try {
    endFindings(db, now);
    const restored = restore(db, rib, now - 1);
    const numbering = goOn(db, rib.seq, now);
    rib.seq = numbering.seq;
    const epochs = startRun(db, rib.seq, now);
    return { restored, numbering, epochs, past: restoreHistory(db) };
  } catch (error) {
    if (codeOf(error) !== undefined) throw error;
    throw new DamageError((error as Error).message, { cause: error });
  }
}
