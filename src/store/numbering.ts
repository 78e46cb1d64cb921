/**
 * Where seq goes on after a start. What was published has a seq, and a seq means one thing for ever: a client that saw
 * it may ask for what came behind it. While the disk refuses, more is published than is stored, so after a run that
 * did not end well nobody knows how far its numbers went; the next run leaves a wide range out.
 */
import { type Db, fromMicros, toMicros } from './database.ts';

/** Numbers left out after a run that did not end well: days of changes while the disk refuses. */
export const numbersLeftOut = 10_000_000_000;

/** In `gaps`, but nothing that the journal lacks: numbers that stand for nothing any more. */
const unknownEnd = 'unclean-stop';

export interface Numbering {
  /** What `rib.seq` goes on from. */
  seq: number;
  /** Ranges whose numbers may have been published and then lost: nothing is known of what came behind them. */
  leftOut: { from: number; to: number }[];
  /** What the journal lacks since earlier runs, oldest first. */
  gaps: { from: number; to: number; at: number; reason: string }[];
}

/** @param seq the highest that the database knows. @param now epoch ms. */
export function goOn(db: Db, seq: number, now: number): Numbering {
  const wasWhole = db.prepare("SELECT value FROM meta WHERE key = 'whole'").pluck().get() === 1;
  const isLost = !wasWhole && seq > 0;
  const next = isLost ? seq + numbersLeftOut : seq;
  db.transaction(() => {
    if (isLost) db.prepare('INSERT INTO gaps VALUES (?, ?, ?, ?)').run(seq + 1, next, toMicros(now), unknownEnd);
    setWhole(db, 0);
  })();
  // what is older than the journal cannot be resumed from; a gap right before it says why the journal begins there
  const rows = db
    .prepare(
      `SELECT first_seq AS "from", last_seq AS "to", at, reason FROM gaps
       WHERE last_seq + 1 >= coalesce((SELECT min(first_seq) FROM journal), 0) ORDER BY first_seq`,
    )
    .all() as Numbering['gaps'];
  const ranges = rows.map((row) => ({ ...row, at: fromMicros(row.at) }));
  return {
    seq: next,
    leftOut: ranges.filter(({ reason }) => reason === unknownEnd).map(({ from, to }) => ({ from, to })),
    gaps: ranges.filter(({ reason }) => reason !== unknownEnd),
  };
}

/** 1: all that was published is stored, so the next run continues with the next number; 0 as long as a run lasts. */
export function setWhole(db: Db, value: 0 | 1): void {
  db.prepare("INSERT OR REPLACE INTO meta VALUES ('whole', ?)").run(value);
}
