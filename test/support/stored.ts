/** A RIB with its store in this thread: every turn of the store is taken by hand. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Batch } from '../../src/events.ts';
import { Rib } from '../../src/rib/rib.ts';
import { LiveRib } from '../../src/rib/view.ts';
import { type Db, openDatabase } from '../../src/store/database.ts';
import { bytesOnDisk } from '../../src/store/database-size.ts';
import {
  type FindingColumns,
  type FindingWrite,
  packNews,
  type StoreCommand,
  type StoreMessage,
} from '../../src/store/messages.ts';
import { Queries } from '../../src/store/queries.ts';
import { endFindings } from '../../src/store/reopen.ts';
import { restore } from '../../src/store/restore.ts';
import { Store } from '../../src/store/store.ts';

/** Thousands of commits that nobody will miss need no disk. */
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** epoch ms; times of tests are a few seconds in 1970. */
export const startOfRun = 86_400_000;

export class Stored {
  readonly folder = mkdtempSync(join(memory, 'peerglass-store-'));
  readonly messages: StoreMessage[] = [];
  rib!: Rib;
  view!: LiveRib;
  db!: Db;
  queries!: Queries;
  #store!: Store;
  #work: (() => void)[] = [];
  #stored = { nlris: 0, sets: 0 };

  readonly #maxBytes: number;

  /** @param maxBytes `retention.maxBytes` */
  constructor(maxBytes = Number.POSITIVE_INFINITY) {
    this.#maxBytes = maxBytes;
    this.start();
  }

  /** Opens the database as a new process would: tables, then what the journal has behind them. */
  start(): void {
    this.db = openDatabase(join(this.folder, 'test.db'));
    this.rib = new Rib();
    this.view = new LiveRib(this.rib);
    endFindings(this.db, 4_000);
    const { behind } = restore(this.db, this.rib, startOfRun);
    this.#stored = { nlris: this.rib.nlris.next, sets: this.rib.attributeSets.next };
    this.#work = [];
    this.#store = new Store(this.db, {
      collector: 'test',
      retention: { maxAgeMs: Number.POSITIVE_INFINITY, maxBytes: this.#maxBytes },
      post: (message) => void (message.kind !== 'usage' && this.messages.push(message)),
      // house-keeping (seconds away) is left out
      schedule: (work, delayMs = 0) => void (delayMs < 2_000 && this.#work.push(work)),
      now: () => 5_000,
    });
    this.queries = new Queries(this.db);
    for (const append of behind) this.command(append);
  }

  /** Applies a batch and gives it to the store, which has not written it yet. */
  apply(batch: Batch): void {
    const applied = this.rib.apply(batch);
    const { nlris, attributeSets } = this.rib;
    this.command({
      kind: 'append',
      firstSeq: applied.firstSeq,
      lastSeq: applied.lastSeq,
      at: 1_000,
      batch,
      changes: applied.changes,
      nlris: nlris.next > this.#stored.nlris ? nlris.slice(this.#stored.nlris) : undefined,
      attributes: attributeSets.next > this.#stored.sets ? attributeSets.slice(this.#stored.sets) : undefined,
      news: packNews({ neighbors: [...applied.sessions], forgotten: applied.forgotten, events: applied.events }),
    });
    this.#stored = { nlris: nlris.next, sets: attributeSets.next };
  }

  /** Frees what nothing uses any more. */
  free(): void {
    this.command({ kind: 'freed', ...this.rib.free(this.rib.seq, true, 1_000_000) });
  }

  command(command: StoreCommand): void {
    this.#store.handle(command);
  }

  /** One turn of the store: the journal first, then a slice of the tables. False: nothing to do. */
  turn(): boolean {
    const work = this.#work.shift();
    work?.();
    return work !== undefined;
  }

  settle(): void {
    while (this.turn());
  }

  /** kill -9: what was not committed is gone. */
  crash(): void {
    this.db.close();
    this.start();
  }

  /** Octets of the file and its write-ahead log. */
  get bytesOnDisk(): number {
    return bytesOnDisk(this.db.name);
  }

  /** Routes as `neighbor prefix med`, from memory. */
  inMemory(): string[] {
    const rows: string[] = [];
    this.view.walk({}, (handle) => {
      const { prefix, neighbor, med, pathId } = this.view.json(handle);
      rows.push(`${neighbor.address} ${prefix} ${pathId} ${med ?? 0}`);
      return true;
    });
    return rows.sort();
  }

  /** The same from the view that people select from. */
  inTables(): string[] {
    const rows = this.db
      .prepare('SELECT neighbor, prefix, path_id, coalesce(med, 0) AS med FROM received_routes')
      .all() as Record<string, string>[];
    return rows.map((row) => `${row['neighbor']} ${row['prefix']} ${row['path_id']} ${row['med']}`).sort();
  }

  close(): void {
    this.db.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A finding as it opens. */
export const finding = (id: number, row: Partial<FindingColumns> = {}): FindingWrite => ({
  id,
  until: null,
  to: null,
  row: {
    since: 1,
    prefix: '203.0.113.1/32',
    neighbor: 1,
    node: 'node-1',
    bgpPeer: 'tor-1',
    word: 'missing',
    reason: 'route-missing',
    verdict: '{}',
    from: null,
    ...row,
  },
});
