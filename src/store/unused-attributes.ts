/**
 * Attribute sets that nothing on disk speaks of any more. While a collector runs it may meet one of them again and
 * knows it by its id, so they go before it starts: ids stay what they are, and those that went are left out.
 */
import { ChangeReader, changeLength } from '../rib/change-log.ts';
import type { Db } from './database.ts';
import { exactBuffer } from './queries.ts';

/** Octets of changes that are looked through: a third of a second. With more of them sets stay where they are. */
export const maxScannedBytes = 256 * 1024 * 1024;
/** It is worth it from so many sets on that are in no route. */
export const worthwhile = 10_000;

/** Deletes them, and answers how many there were. */
export function dropUnusedAttributes(db: Db, least = worthwhile): number {
  const value = (sql: string): number => db.prepare(sql).pluck().get() as number;
  // the newest one stays: behind it ids go on
  const size = value('SELECT coalesce(max(id), 0) FROM attributes');
  const inRoutes = db.prepare('SELECT DISTINCT attributes FROM routes').pluck().all() as number[];
  if (value('SELECT count(*) FROM attributes') - inRoutes.length < least) return 0;
  if (value('SELECT coalesce(sum(length(entries)), 0) FROM changes') > maxScannedBytes) return 0;

  const used = new Uint8Array(size + 1);
  used[size] = 1;
  for (const id of inRoutes) used[id] = 1;
  const blobs = db.prepare('SELECT entries FROM changes').pluck().iterate() as IterableIterator<Buffer>;
  for (const blob of blobs) {
    const reader = new ChangeReader({ buffer: exactBuffer(blob), count: blob.length / changeLength });
    for (let i = 0; i < reader.count; i++)
      for (const set of [reader.attributes(i), reader.previous(i)])
        if (set > 0 && set <= used.length) used[set - 1] = 1;
  }
  const drop = db.prepare('DELETE FROM attributes WHERE id = ?');
  return db.transaction(() => {
    let dropped = 0;
    for (let id = 0; id < size; id++) if (used[id] === 0) dropped += drop.run(id).changes;
    return dropped;
  })();
}
