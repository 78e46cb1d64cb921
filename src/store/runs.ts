/**
 * Which positions of the live feed belong to this database. Each start of a collector is a run with a random epoch, and
 * a position is an epoch and a seq. A replaced database knows none of the old epochs. A restored copy knows only the
 * runs until it was made, and where the last of them ended.
 */
import { randomBytes } from 'node:crypto';
import { type Db, toMicros } from './database.ts';

/** Runs that are remembered; a client that resumes from an older one gets a gap and a snapshot. */
export const maxRuns = 1_000;

export interface Epochs {
  /** Epoch of this run: 16 hexadecimal digits. */
  current: string;
  /** Highest valid seq of each earlier run, by epoch. */
  earlier: ReadonlyMap<string, number>;
}

export const newEpoch = (): string => randomBytes(8).toString('hex');

/** Records a run that continues after `seq`. @param now epoch ms. */
export function startRun(db: Db, seq: number, now: number, keep = maxRuns): Epochs {
  const current = newEpoch();
  const insert = db.prepare('INSERT INTO runs (epoch, first_seq, started_at) VALUES (?, ?, ?)');
  const forget = db.prepare('DELETE FROM runs WHERE id <= (SELECT max(id) FROM runs) - ?');
  db.transaction(() => {
    insert.run(current, seq, toMicros(now));
    forget.run(keep);
  })();
  const runs = db.prepare('SELECT epoch, first_seq AS "from" FROM runs ORDER BY id').all() as Run[];
  return { current, earlier: new Map(runs.slice(0, -1).map(({ epoch }, i) => [epoch, runs[i + 1]!.from])) };
}

interface Run {
  epoch: string;
  from: number;
}
