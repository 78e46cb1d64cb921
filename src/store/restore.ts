/**
 * Coming back: the RIB is filled with what routes in the readable tables use, then the journal behind them is applied
 * through the same code as live batches. What that gives ids to may get others than in the run before, which had given
 * up less; stored changes follow.
 */
import type { Negotiated } from '../events.ts';
import { parsePrefix } from '../ip.ts';
import type { Rib } from '../rib/rib.ts';
import type { Neighbor } from '../rib/types.ts';
import { type Db, fromMicros } from './database.ts';
import type { Append } from './messages.ts';
import { toBatch } from './queries.ts';
import { DamageError } from './refusal.ts';
import { adoptUnused } from './unused.ts';

export interface Restored {
  /** Next session number. */
  firstSession: number;
  /** Next finding id. */
  firstFinding: number;
  /** What the journal had beyond the tables, for the store to write there. */
  behind: Append[];
}

/**
 * Fills `rib`. `now`: epoch ms, just before the start of this run. Throws when the tables contradict themselves, which
 * only damage can cause.
 */
export function restore(db: Db, rib: Rib, now: number): Restored {
  const tablesSeq = db.prepare("SELECT value FROM meta WHERE key = 'tables_seq'").pluck().get() as number;
  for (const row of db.prepare('SELECT detail FROM neighbors ORDER BY id').iterate() as IterableIterator<{
    detail: string;
  }>)
    rib.neighbors.restore(JSON.parse(row.detail) as Neighbor);
  rib.neighbors.reserve(db.prepare('SELECT coalesce(max(neighbor), 0) FROM sessions').pluck().get() as number);
  restorePrefixes(db, rib);
  restoreAttributes(db, rib);
  restoreRoutes(db, rib);
  restoreSessions(db, rib, tablesSeq);
  rib.seq = tablesSeq;
  rib.freeUnheld();
  rib.nlris.next = nextId(db, 'next_prefix', 'prefixes');
  rib.attributeSets.next = nextId(db, 'next_attributes', 'attributes');
  adoptUnused(db, rib, tablesSeq);
  // stored neighbors are as of the end of the journal: what they count must not be counted again
  const counted = [...rib.neighbors.byId.values()].map(({ id, flaps, counters }) => ({
    id,
    flaps,
    counters: { ...counters },
  }));
  const behind = replay(db, rib, tablesSeq);
  for (const { id, ...counts } of counted) Object.assign(rib.neighbors.byId.get(id) ?? {}, counts);
  for (const neighbor of rib.neighbors.byId.values()) Object.assign(neighbor, notAfter(neighbor, now));
  const lastSeq = db
    .prepare(
      'SELECT max(coalesce((SELECT max(last_seq) FROM journal), 0), coalesce((SELECT max(last_seq) FROM gaps), 0))',
    )
    .pluck()
    .get() as number;
  rib.seq = Math.max(rib.seq, lastSeq);
  return {
    firstSession: db.prepare("SELECT value FROM meta WHERE key = 'next_session'").pluck().get() as number,
    firstFinding: nextFinding(db),
    behind,
  };
}

/** Next finding id. Ids are never used again, even when the rows that had them were deleted. */
export function nextFinding(db: Db): number {
  return db
    .prepare(
      "SELECT max(coalesce((SELECT max(id) + 1 FROM findings), 1), (SELECT value FROM meta WHERE key = 'first_finding'))",
    )
    .pluck()
    .get() as number;
}

/** The clock may have been set back between the runs: what is stored happened before this one all the same. */
function notAfter(neighbor: Neighbor, now: number): Partial<Neighbor> {
  const earlier = (at: number | null): number | null => (at === null ? null : Math.min(at, now));
  const { stateSince, establishedAt, lastUpdateAt, lastDown } = neighbor;
  return {
    stateSince: Math.min(stateSince, now),
    establishedAt: earlier(establishedAt),
    lastUpdateAt: earlier(lastUpdateAt),
    lastDown: lastDown && { ...lastDown, at: Math.min(lastDown.at, now) },
  };
}

function restorePrefixes(db: Db, rib: Rib): void {
  const rows = db
    .prepare('SELECT id, prefix, path_id FROM prefixes WHERE id IN (SELECT prefix FROM routes) ORDER BY id')
    .raw()
    .iterate() as IterableIterator<[number, string, number]>;
  for (const [id, text, pathId] of rows) {
    const prefix = parsePrefix4(text) ?? parsePrefix(text);
    if (prefix === undefined) throw new DamageError(`prefixes.${id}: invalid prefix "${text}"`);
    rib.nlris.restore(id, prefix, pathId);
  }
}

function restoreAttributes(db: Db, rib: Rib): void {
  const rows = db
    .prepare('SELECT id, block FROM attributes WHERE id IN (SELECT attributes FROM routes) ORDER BY id')
    .raw()
    .iterate() as IterableIterator<[number, Buffer]>;
  for (const [id, block] of rows) rib.attributeSets.restore(id, block);
}

function restoreRoutes(db: Db, rib: Rib): void {
  const rows = db
    .prepare('SELECT neighbor, prefix, attributes, first_seen, last_changed, seq, stale FROM routes ORDER BY id')
    .raw()
    .iterate() as IterableIterator<[number, number, number, number, number, number, 0 | 1]>;
  for (const [id, nlri, attributes, firstSeen, changed, seq, stale] of rows) {
    const neighbor = rib.neighbors.byId.get(id);
    // without its neighbor a route cannot be shown; an interrupted rewrite or damage may leave out more
    if (neighbor === undefined || !rib.nlris.has(nlri) || !rib.attributeSets.has(attributes)) continue;
    rib.restoreRoute(neighbor, nlri, attributes + 1, fromMicros(firstSeen), fromMicros(changed), seq, stale === 1);
  }
}

/** Sessions that were established at `seq`: the journal behind it may start in the middle of their lives. */
function restoreSessions(db: Db, rib: Rib, seq: number): void {
  const rows = db
    .prepare(
      "SELECT neighbor, session, detail FROM sessions WHERE id IN (SELECT max(id) FROM sessions WHERE kind = 'established' AND seq <= ? GROUP BY neighbor)",
    )
    .iterate(seq) as IterableIterator<{ neighbor: number; session: number; detail: string }>;
  for (const { neighbor, session, detail } of rows)
    rib.neighbors.restoreSession(session, neighbor, (JSON.parse(detail) as { negotiated: Negotiated }).negotiated);
}

/** Applies what the journal has behind the tables; the store already has the raw record, the tables need the rest. */
function replay(db: Db, rib: Rib, since: number): Append[] {
  const behind: Append[] = [];
  const rows = db
    .prepare('SELECT first_seq, at, records FROM journal WHERE first_seq > ? ORDER BY first_seq')
    .iterate(since) as IterableIterator<{
    first_seq: number;
    at: number;
    records: Buffer;
  }>;
  for (const row of rows) {
    rib.seq = row.first_seq - 1;
    const nlrisBefore = rib.nlris.next;
    const setsBefore = rib.attributeSets.next;
    const applied = rib.apply(toBatch(row.records));
    behind.push({
      kind: 'append',
      firstSeq: applied.firstSeq,
      lastSeq: applied.lastSeq,
      at: fromMicros(row.at),
      batch: undefined,
      changes: applied.changes,
      nlris: rib.nlris.next > nlrisBefore ? rib.nlris.slice(nlrisBefore) : undefined,
      attributes: rib.attributeSets.next > setsBefore ? rib.attributeSets.slice(setsBefore) : undefined,
      news: undefined,
    });
  }
  followIds(db, behind);
  return behind;
}

/** Makes the stored changes of a replayed part of the journal those of the replay. */
function followIds(db: Db, behind: readonly Append[]): void {
  const stored = db.prepare('SELECT entries FROM changes WHERE first_seq = ?').pluck();
  const update = db.prepare('UPDATE changes SET entries = ? WHERE first_seq = ?');
  db.transaction(() => {
    for (const { firstSeq, changes } of behind) {
      const entries = Buffer.from(changes.buffer);
      const before = stored.get(firstSeq) as Buffer | undefined;
      if (before && !before.equals(entries)) update.run(entries, firstSeq);
    }
  })();
}

/** The first id that no NLRI, or no attribute set, ever had. */
function nextId(db: Db, key: string, table: 'prefixes' | 'attributes'): number {
  const sql = `SELECT max(coalesce((SELECT value FROM meta WHERE key = ?), 0), coalesce((SELECT max(id) + 1 FROM ${table}), 0))`;
  return db.prepare(sql).pluck().get(key) as number;
}

/** The common case of parsePrefix without its generality: a full table is restored in a second or two. */
function parsePrefix4(text: string): { family: 4; bytes: Uint8Array; length: number } | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(text);
  if (!match) return undefined;
  return {
    family: 4,
    bytes: Uint8Array.of(Number(match[1]), Number(match[2]), Number(match[3]), Number(match[4])),
    length: Number(match[5]),
  };
}
