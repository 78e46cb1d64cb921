/** A database that is opened while the collector runs: one that a thread left behind, or a new and empty one. */
import { type Db, toMicros } from './database.ts';
import type { Gap } from './messages.ts';
import { setWhole } from './numbering.ts';
import { nextFinding } from './restore.ts';

/** Prepares it for what comes from memory. @param gap what its journal lacks. @param now epoch ms. */
export function reopen(db: Db, gap: Gap | null, now: number): void {
  db.transaction(() => {
    setWhole(db, 0);
    endFindings(db, now);
    // in a new database the routes as of the gap's end take the place of the journal before it
    if (gap && isEmpty(db)) db.prepare("UPDATE meta SET value = ? WHERE key = 'tables_seq'").run(gap.to);
  })();
}

const isEmpty = (db: Db): boolean =>
  (db.prepare("SELECT value FROM meta WHERE key = 'tables_seq'").pluck().get() as number) === 0;

/**
 * Begins a new run of findings. Those before it that are still open are over from `now` (epoch ms) on: the view `finding_lives` shows
 * them so at once, and the store closes them in slices.
 */
export function endFindings(db: Db, now: number): void {
  const set = db.prepare('UPDATE meta SET value = ? WHERE key = ?');
  db.transaction(() => {
    set.run(nextFinding(db), 'first_finding');
    set.run(toMicros(now), 'started_at');
  })();
}
