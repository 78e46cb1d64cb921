/**
 * The readable tables, kept right behind the journal: changes are coalesced per (neighbor, prefix), sorted by key and
 * written many to a transaction. Order of keys and size of transaction decide the speed (random keys rewrite most
 * pages of the tree each time), so nothing else is attempted.
 */
import type { Statement } from 'better-sqlite3';
import type { AttributeSlice } from '../rib/attribute-table.ts';
import { type NlriSlice, sliceText } from '../rib/nlri-table.ts';
import { attributeColumns } from '../wire/attributes/columns.ts';
import { coalesce, compact, type Net } from './coalesce.ts';
import { type Db, toMicros } from './database.ts';
import { type Append, lastKey } from './messages.ts';

/** Changes per transaction; a batch is never split. */
export const changesPerTransaction = 65_536;
/** Octets of new prefixes and attribute sets per transaction. */
export const bytesPerTransaction = 4 * 1024 * 1024;
/** Changes that wait before they are compacted. */
export const maxPendingChanges = 2_000_000;
/** Octets of new prefixes and attribute sets that may wait; beyond it the tables come before the journal. */
export const maxPendingBytes = 16 * 1024 * 1024;
/** Rows per INSERT statement, and octets of attribute sets. */
const rowsPerInsert = 100;
const bytesPerInsert = 256 * 1024;

type Value = string | number | null | Uint8Array;

export class Tables {
  readonly #db: Db;
  readonly #pending: Append[] = [];
  #pendingChanges = 0;
  #pendingBytes = 0;
  readonly #maxChanges: number;
  #compactAt: number;
  readonly #prefixes: Inserter;
  readonly #attributes: Inserter;
  readonly #routes: Inserter;
  readonly #update: Statement;
  readonly #delete: Statement;
  readonly #stale: Statement;
  readonly #clear: Statement;
  readonly #mark: Statement;
  /** The whole table is still coming: until it is there a restart must apply the journal from the last mark on. */
  #isPartial: boolean;
  readonly #next: Statement;

  /** @param isPartial all routes will come again, in pieces that replace what is there. */
  constructor(db: Db, isPartial = false, maxChanges = maxPendingChanges) {
    this.#maxChanges = this.#compactAt = maxChanges;
    this.#db = db;
    this.#isPartial = isPartial;
    this.#prefixes = new Inserter(db, 'INSERT OR REPLACE INTO prefixes VALUES', 4);
    this.#attributes = new Inserter(db, 'INSERT OR REPLACE INTO attributes VALUES', 11);
    this.#routes = new Inserter(
      db,
      'INSERT OR REPLACE INTO routes (id, attributes, first_seen, last_changed, seq, stale) VALUES',
      6,
    );
    this.#update = db.prepare('UPDATE routes SET attributes = ?, last_changed = ?, seq = ?, stale = ? WHERE id = ?');
    this.#delete = db.prepare('DELETE FROM routes WHERE id = ?');
    this.#stale = db.prepare('UPDATE routes SET stale = ? WHERE id = ?');
    this.#clear = db.prepare('DELETE FROM routes WHERE id BETWEEN ? AND ?');
    this.#next = db.prepare('UPDATE meta SET value = max(value, ?) WHERE key = ?');
    this.#mark = db.prepare("UPDATE meta SET value = ? WHERE key = 'tables_seq'");
  }

  get pendingChanges(): number {
    return this.#pendingChanges;
  }

  get isBehind(): boolean {
    return this.#pending.length > 0;
  }

  /** So much waits that the tables come before the journal. */
  get isFull(): boolean {
    return this.#pendingBytes > maxPendingBytes;
  }

  push(append: Append): void {
    this.#pending.push(append);
    this.#pendingChanges += append.changes.count;
    this.#pendingBytes += definitionBytes(append);
    if (this.#pendingChanges > this.#compactAt) this.#compact();
  }

  /** Writing does not keep up, or the disk refuses: what waits is bounded by the number of routes, not of changes. */
  #compact(): void {
    // a piece of the whole table stays what it is, and so does what came before it
    const first = this.#pending.findLastIndex(({ replaces }) => replaces) + 1;
    if (first === this.#pending.length) return;
    const rest = this.#pending.splice(first);
    this.#pending.push(...compact(rest));
    this.#pendingChanges = this.#pending.reduce((sum, { changes }) => sum + changes.count, 0);
    this.#compactAt = Math.max(this.#maxChanges, 2 * this.#pendingChanges);
  }

  /**
   * Writes one slice in one transaction and answers the seq that the tables are up to (0: not whole yet); undefined when
   * up to date.
   * @param makeRoom called in the transaction with the octets that it will add, roughly.
   */
  flush(makeRoom: (bytes: number) => void = () => {}): number | undefined {
    if (this.#pending.length === 0) return undefined;
    let count = 0;
    let bytes = 0;
    let taken = 0;
    while (
      taken < this.#pending.length &&
      (taken === 0 || (count < changesPerTransaction && bytes < bytesPerTransaction))
    ) {
      const append = this.#pending[taken]!;
      if (taken > 0 && append.replaces) break;
      taken++;
      count += append.changes.count;
      bytes += definitionBytes(append);
      if (append.replaces) break;
    }
    const slice = this.#pending.slice(0, taken);
    const replaces = slice[0]!.replaces;
    const isPartial = this.#isPartial && replaces?.last !== lastKey;
    // rows of a transaction that failed are still there
    for (const inserter of [this.#prefixes, this.#attributes, this.#routes]) inserter.clear();
    const seq = slice.at(-1)!.lastSeq;
    this.#db
      .transaction(() => {
        makeRoom(2 * bytes);
        for (const append of slice) {
          const { nlris, attributes } = append;
          if (nlris) this.#insertPrefixes(nlris);
          if (attributes) this.#insertAttributes(attributes);
          if (nlris) this.#next.run(behind(nlris, nlris.count), 'next_prefix');
          if (attributes) this.#next.run(behind(attributes, attributes.lengths.length), 'next_attributes');
        }
        this.#prefixes.finish();
        this.#attributes.finish();
        if (replaces) this.#clear.run(replaces.first, replaces.last);
        coalesce(slice, (net) => this.#writeRoute(net));
        this.#routes.finish();
        if (!isPartial) this.#mark.run(seq);
      })
      .immediate();
    this.#isPartial = isPartial;
    // only now: a transaction that failed is tried again
    this.#pending.splice(0, taken);
    this.#pendingChanges -= count;
    this.#pendingBytes -= bytes;
    return isPartial ? 0 : seq;
  }

  #insertPrefixes(slice: NlriSlice): void {
    for (let i = 0; i < slice.count; i++) {
      const { prefix, family, pathId } = sliceText(slice, i);
      const { values } = this.#prefixes;
      const at = this.#prefixes.add();
      values[at] = slice.ids?.[i] ?? slice.first + i;
      values[at + 1] = prefix;
      values[at + 2] = family;
      values[at + 3] = pathId;
    }
  }

  #insertAttributes({ first, lengths, bytes, ids }: AttributeSlice): void {
    for (let i = 0, start = 0; i < lengths.length; i++) {
      const end = start + lengths[i]!;
      const c = attributeColumns(bytes, start, end);
      const block = Buffer.from(bytes.buffer, start, end - start);
      const { values } = this.#attributes;
      const at = this.#attributes.add(block.length);
      values[at] = ids?.[i] ?? first + i;
      values[at + 1] = c.nextHop;
      values[at + 2] = c.asPath;
      values[at + 3] = c.origin;
      values[at + 4] = c.localPref;
      values[at + 5] = c.med;
      values[at + 6] = c.communities;
      values[at + 7] = c.largeCommunities;
      values[at + 8] = c.extCommunities;
      values[at + 9] = c.other;
      values[at + 10] = block;
      start = end;
    }
  }

  #writeRoute(net: Net): void {
    if (net.attributes === 0) this.#delete.run(net.key);
    else if (net.fresh) {
      const { values } = this.#routes;
      const at = this.#routes.add();
      values[at] = net.key;
      values[at + 1] = net.attributes - 1;
      values[at + 2] = toMicros(net.firstSeen);
      values[at + 3] = toMicros(net.changed);
      values[at + 4] = net.seq;
      values[at + 5] = net.stale;
    } else if (net.changed === 0) this.#stale.run(net.stale, net.key);
    else this.#update.run(net.attributes - 1, toMicros(net.changed), net.seq, net.stale, net.key);
  }
}

/** The id behind those of a slice of `count`. */
const behind = ({ first, ids }: NlriSlice | AttributeSlice, count: number): number =>
  (ids?.at(-1) ?? first + count - 1) + 1;

/** Collects rows and inserts them many to a statement. Values are written in place: a million rows make no garbage. */
class Inserter {
  /** Where `add` says the next row's values go. */
  readonly values: Value[];
  readonly #width: number;
  readonly #many: Statement;
  readonly #one: Statement;
  #used = 0;
  #bytes = 0;

  constructor(db: Db, insert: string, width: number) {
    const row = `(${Array(width).fill('?').join(',')})`;
    this.#width = width;
    this.values = Array(width * rowsPerInsert).fill(null);
    this.#many = db.prepare(`${insert} ${Array(rowsPerInsert).fill(row).join(',')}`);
    this.#one = db.prepare(`${insert} ${row}`);
  }

  /**
   * Makes room for a row and answers the index of its first value; all its values must be set before the next call.
   * @param bytes what the row holds, where that may be much.
   */
  add(bytes = 0): number {
    if (this.#used === this.values.length || this.#bytes > bytesPerInsert) this.finish();
    const at = this.#used;
    this.#used += this.#width;
    this.#bytes += bytes;
    return at;
  }

  clear(): void {
    this.#used = this.#bytes = 0;
  }

  finish(): void {
    if (this.#used === this.values.length) this.#many.run(this.values);
    else for (let i = 0; i < this.#used; i += this.#width) this.#one.run(this.values.slice(i, i + this.#width));
    this.clear();
  }
}

function definitionBytes({ nlris, attributes }: Append): number {
  return (attributes?.bytes.length ?? 0) + 32 * (nlris?.count ?? 0);
}
