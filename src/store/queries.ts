/** Answers about the past, from a read-only connection. Every answer is bounded, in rows and in what is scanned for it. */

import type { Statement } from 'better-sqlite3';
import { fromWall, toWall } from '../clock.ts';
import { type Batch, type BatchRecord, RecordKind, records, treatedUpdate } from '../events.ts';
import { ChangeReader, changeLength } from '../rib/change-log.ts';
import type { AttributesJson, ChangeNames, StoredChange } from '../rib/types.ts';
import type { Verdict } from '../verdicts/types.ts';
import { decodeAttributes } from '../wire/attributes/index.ts';
import { type Db, exactBuffer, fromMicros } from './database.ts';
import { timeline } from './timeline.ts';
import type {
  ChangeAnswer,
  ChangeQuery,
  FindingRow,
  NeighborEventRow,
  StoredMessage,
  StoreQueries,
  TimelineAnswer,
  TimelineQuery,
} from './types.ts';

/** Entries looked at for one answer; the caller continues from `through`. */
export const maxScannedChanges = 2_000_000;
/** Journal octets looked at for one answer. */
export const maxScannedBytes = 64 * 1024 * 1024;

type Sync<T> = { [K in keyof T]: T[K] extends (...args: infer A) => Promise<infer R> ? (...args: A) => R : never };

/** Sessions whose neighbor is remembered; beyond it the database is asked again. */
export const maxKnownSessions = 10_000;

const queryBounds = { changes: maxScannedChanges, bytes: maxScannedBytes, sessions: maxKnownSessions };

const headerLength = 19;

export class Queries implements Sync<StoreQueries> {
  readonly #db: Db;
  readonly #bounds: typeof queryBounds;
  readonly #neighborOfSession = new Map<number, number>();
  readonly #sessionNeighbor: Statement;
  readonly #oldestChange: Statement;
  readonly #prefixIds: Statement;
  readonly #prefix: Statement;
  readonly #block: Statement;

  constructor(db: Db, bounds: Partial<typeof queryBounds> = {}) {
    this.#bounds = { ...queryBounds, ...bounds };
    this.#db = db;
    this.#prefixIds = db.prepare('SELECT id FROM prefixes WHERE prefix = ?').pluck();
    this.#prefix = db.prepare('SELECT prefix, family, path_id AS pathId FROM prefixes WHERE id = ?');
    this.#block = db.prepare('SELECT block FROM attributes WHERE id = ?').pluck();
    this.#sessionNeighbor = db.prepare('SELECT neighbor FROM sessions WHERE session = ? LIMIT 1').pluck();
    this.#oldestChange = db
      .prepare(
        "SELECT coalesce((SELECT min(first_seq) FROM journal), (SELECT value + 1 FROM meta WHERE key = 'tables_seq'))",
      )
      .pluck();
  }

  changes(query: ChangeQuery): ChangeAnswer {
    const answer = this.#changes(query);
    this.#name(answer.changes);
    return answer;
  }

  #changes(query: ChangeQuery): ChangeAnswer {
    const until = query.until ?? Number.MAX_SAFE_INTEGER;
    const nlris = this.#nlris(query);
    const from = query.from === undefined ? Number.NEGATIVE_INFINITY : toWall(query.from);
    const to = query.to === undefined ? Number.POSITIVE_INFINITY : toWall(query.to);
    const found: StoredChange[] = [];
    let scanned = 0;
    let toSkip = query.skip ?? 0;
    let through = query.reverse ? until : query.since;
    for (const row of this.#changeRows(query.since, until, query.reverse ?? false)) {
      const reader = new ChangeReader({ buffer: exactBuffer(row.entries), count: row.entries.length / changeLength });
      const block: StoredChange[] = [];
      for (let i = 0; i < reader.count; i++) {
        const seq = reader.seq(i);
        if (seq <= query.since || seq > until) continue;
        if (nlris && !nlris.has(reader.nlri(i))) continue;
        if (query.neighbor !== undefined && reader.neighbor(i) !== query.neighbor) continue;
        const at = reader.at(i);
        if (at < from || at > to) continue;
        block.push({ ...reader.get(i), at: fromWall(at) });
      }
      if (query.reverse) block.reverse();
      for (const change of block) {
        if (toSkip > 0) {
          toSkip--;
          continue;
        }
        if (found.length >= query.limit) {
          const last = found.at(-1)!.seq;
          const rest = { oldest: this.#oldest(), complete: false };
          if (change.seq !== last)
            return { changes: found, through: query.reverse ? last - 1 : last, skip: 0, ...rest };
          if (query.skip === undefined) {
            found.push(change);
            continue;
          }
          const inSeq = found.filter(({ seq }) => seq === last).length;
          const skip = inSeq === found.length ? inSeq + query.skip : inSeq;
          return { changes: found, through: query.reverse ? last : last - 1, skip, ...rest };
        }
        found.push(change);
      }
      through = query.reverse ? row.first_seq - 1 : row.last_seq;
      scanned += reader.count;
      if (scanned >= this.#bounds.changes)
        return { changes: found, through, skip: toSkip, oldest: this.#oldest(), complete: false };
    }
    return { changes: found, through, skip: 0, oldest: this.#oldest(), complete: true };
  }

  neighborEvents(query: { neighbor?: number; before?: number; limit: number }): NeighborEventRow[] {
    const where = query.neighbor === undefined ? '' : 'neighbor = @neighbor AND';
    const rows = this.#db
      .prepare(`SELECT * FROM sessions WHERE ${where} id < @before ORDER BY id DESC LIMIT @limit`)
      .all({ before: Number.MAX_SAFE_INTEGER, ...query }) as EventRow[];
    return rows.map(({ from_state, to_state, at, detail, ...row }) => ({
      ...row,
      at: fromMicros(at),
      from: from_state,
      to: to_state,
      detail: detail === null ? null : JSON.parse(detail),
    }));
  }

  messages(query: { since: number; until?: number; neighbor?: number; malformed?: boolean; limit: number }): {
    messages: StoredMessage[];
    through: number;
    complete: boolean;
  } {
    const until = query.until ?? Number.MAX_SAFE_INTEGER;
    const messages: StoredMessage[] = [];
    let bytes = 0;
    let through = query.since;
    for (const row of this.#journalRows(query.since, until)) {
      let seq = row.first_seq - 1;
      for (const record of records(toBatch(row.records))) {
        seq++;
        if (seq <= query.since || seq > until || record.kind === RecordKind.session) continue;
        const message = this.#message(seq, record);
        if (query.malformed && message.problems.length === 0) continue;
        if (query.neighbor !== undefined && message.neighbor !== query.neighbor) continue;
        if (messages.length >= query.limit) return { messages, through: messages.at(-1)!.seq, complete: false };
        messages.push(message);
      }
      through = Math.min(until, row.last_seq);
      bytes += row.records.length;
      if (bytes >= this.#bounds.bytes) return { messages, through, complete: false };
    }
    return { messages, through, complete: true };
  }

  findings(query: { open?: boolean; before?: number; prefix?: string; limit: number }): FindingRow[] {
    const conditions = ['id < @before'];
    if (query.open !== undefined) conditions.push(query.open ? 'until IS NULL' : 'until IS NOT NULL');
    if (query.prefix !== undefined) conditions.push('prefix = @prefix');
    const { open: _, ...parameters } = query;
    const rows = this.#db
      .prepare(
        `SELECT id, since, until, verdict FROM finding_lives WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT @limit`,
      )
      .all({ before: Number.MAX_SAFE_INTEGER, ...parameters }) as {
      id: number;
      since: number;
      until: number | null;
      verdict: string;
    }[];
    return rows.map((row) => ({
      id: row.id,
      since: fromMicros(row.since),
      until: row.until === null ? null : fromMicros(row.until),
      verdict: JSON.parse(row.verdict) as Verdict,
    }));
  }

  timeline(query: TimelineQuery): TimelineAnswer {
    return timeline(this.#db, this, query);
  }

  /** Ids of the prefix that is asked for: those of the RIB, and those that it gave up. A scan, since an index would cost more. */
  #nlris({ nlris, prefix }: ChangeQuery): ReadonlySet<number> | undefined {
    if (prefix === undefined) return nlris && new Set(nlris);
    return new Set([...(nlris ?? []), ...(this.#prefixIds.all(prefix) as number[])]);
  }

  /** Tells what the ids stand for, as far as the tables have them: the RIB has the rest. */
  #name(changes: readonly StoredChange[]): void {
    const prefixes = new Map<number, PrefixRow | undefined>();
    const sets = new Map<number, AttributesJson | null | undefined>([[0, null]]);
    for (const change of changes) {
      const { nlri } = change;
      if (!prefixes.has(nlri)) prefixes.set(nlri, this.#prefix.get(nlri) as PrefixRow | undefined);
      for (const id of [change.attributes, change.previous]) {
        if (sets.has(id)) continue;
        const block = this.#block.get(id - 1) as Buffer | undefined;
        sets.set(id, block && decodeAttributes(block));
      }
      const row = prefixes.get(nlri);
      const [attributes, previous] = [sets.get(change.attributes), sets.get(change.previous)];
      if (row && attributes !== undefined && previous !== undefined) change.names = { ...row, attributes, previous };
    }
  }

  #changeRows(
    since: number,
    until: number,
    reverse: boolean,
  ): IterableIterator<{ first_seq: number; last_seq: number; entries: Buffer }> {
    const first = this.#firstRow('changes', since);
    const order = reverse ? 'DESC' : 'ASC';
    return this.#db
      .prepare(
        `SELECT first_seq, last_seq, entries FROM changes WHERE first_seq >= ? AND last_seq > ? AND first_seq <= ? ORDER BY first_seq ${order}`,
      )
      .iterate(first, since, until) as IterableIterator<{ first_seq: number; last_seq: number; entries: Buffer }>;
  }

  #journalRows(
    since: number,
    until: number,
  ): IterableIterator<{ first_seq: number; last_seq: number; records: Buffer }> {
    const first = this.#firstRow('journal', since);
    return this.#db
      .prepare(
        'SELECT first_seq, last_seq, records FROM journal WHERE first_seq >= ? AND last_seq > ? AND first_seq <= ? ORDER BY first_seq',
      )
      .iterate(first, since, until) as IterableIterator<{ first_seq: number; last_seq: number; records: Buffer }>;
  }

  /** Key of the row that holds seq `since + 1`, or the next one. */
  #firstRow(table: 'changes' | 'journal', since: number): number {
    return (
      (this.#db
        .prepare(`SELECT coalesce(max(first_seq), 0) FROM ${table} WHERE first_seq <= ?`)
        .pluck()
        .get(since + 1) as number) ?? 0
    );
  }

  #oldest(): number {
    return this.#oldestChange.get() as number;
  }

  #message(seq: number, record: BatchRecord): StoredMessage {
    const treated = record.kind === RecordKind.treated ? treatedUpdate(record) : undefined;
    const raw = Uint8Array.from(treated?.raw ?? record.bytes.subarray(record.start, record.end));
    return {
      seq,
      at: fromWall(record.at),
      session: record.session,
      neighbor: this.#neighborOf(record.session),
      type: raw[headerLength - 1]!,
      raw,
      problems: treated?.problems ?? [],
    };
  }

  get knownSessions(): number {
    return this.#neighborOfSession.size;
  }

  #neighborOf(session: number): number | null {
    const known = this.#neighborOfSession.get(session);
    if (known !== undefined) return known;
    const neighbor = this.#sessionNeighbor.get(session) as number | undefined;
    if (neighbor === undefined) return null;
    if (this.knownSessions >= this.#bounds.sessions) this.#neighborOfSession.clear();
    this.#neighborOfSession.set(session, neighbor);
    return neighbor;
  }
}

type PrefixRow = Pick<ChangeNames, 'prefix' | 'family' | 'pathId'>;

interface EventRow extends Omit<NeighborEventRow, 'from' | 'to' | 'detail'> {
  from_state: string | null;
  to_state: string | null;
  detail: string | null;
}

/** A stored blob as a batch; typed arrays over it need their own, aligned buffer. */
export function toBatch(blob: Buffer): Batch {
  return { bytes: new Uint8Array(exactBuffer(blob)), length: blob.length, count: -1 };
}
