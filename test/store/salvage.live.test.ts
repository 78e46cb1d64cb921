import { closeSync, mkdtempSync, openSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Rib } from '../../src/rib/rib.ts';
import { openDatabase } from '../../src/store/database.ts';
import { goOn } from '../../src/store/numbering.ts';
import { restore } from '../../src/store/restore.ts';
import { type Salvaged, salvage } from '../../src/store/salvage.ts';
import { Wire } from '../support/batches.ts';
import { Stored } from '../support/stored.ts';

const pageSize = 16_384;
const batches = 120;
let store: Stored;
let whole: Buffer;
const file = () => join(store.folder, 'test.db');

beforeAll(async () => {
  store = new Stored();
  const wire = new Wire().establish(1, '192.0.2.11');
  for (let i = 0; i < batches; i++) {
    const prefixes = Array.from({ length: 100 }, (_, n) => `10.${i}.${n}.0/24`);
    store.apply(
      wire.announce(1, prefixes, { med: i, communities: Array.from({ length: 40 }, (_, n) => `${i}:${n}`) }).take(),
    );
    store.settle();
  }
  store.db.pragma('wal_checkpoint(TRUNCATE)');
  const { readFileSync } = await import('node:fs');
  whole = readFileSync(file());
});
afterAll(() => store.close());

/** A copy of the database in which `harm` was done, salvaged; opened as a start would open it. */
function salvaged(harm: (path: string) => void): { result: Salvaged; db: Database.Database; rib: Rib } {
  const folder = mkdtempSync(join(tmpdir(), 'peerglass-salvage-'));
  const path = join(folder, 'damaged.db');
  const file = openSync(path, 'w');
  writeSync(file, whole);
  closeSync(file);
  harm(path);
  const result = salvage(path, join(folder, 'new.db'), 5_000, () => {});
  const db = openDatabase(join(folder, 'new.db'));
  onTestFinished(() => {
    db.close();
    rmSync(folder, { recursive: true });
  });
  const rib = new Rib();
  restore(db, rib, 6_000);
  rib.seq = goOn(db, rib.seq, 6_000).seq;
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  return { result, db, rib };
}

const zero = (path: string, page: number, octets = pageSize, junk = 0): void => {
  const fd = openSync(path, 'r+');
  writeSync(fd, Buffer.alloc(octets, junk), 0, octets, (page - 1) * pageSize);
  closeSync(fd);
};

describe('a database that is whole', () => {
  it('is copied without a loss', () => {
    const { result, rib } = salvaged(() => {});
    expect(result).toMatchObject({ invalid: 0, unreadable: 0, gaps: [] });
    expect(result.rows).toMatchObject({ journal: batches, changes: batches, neighbors: 1, prefixes: batches * 100 });
    expect(rib.routeCount).toBe(batches * 100);
  });
});

describe('a damaged database', () => {
  it.each([
    ['its first page is zero', 1, 0],
    ['its first page is junk', 1, 0xa5],
  ])('%s: every batch and route is found by the form of its rows', (_, page, junk) => {
    const { result, rib } = salvaged((path) => zero(path, page, pageSize, junk));
    expect(result.rows).toMatchObject({ journal: batches, changes: batches });
    expect(rib.routeCount).toBe(batches * 100);
  });

  it('each page in turn: a start works, and what the journal lost is a gap', () => {
    const pages = whole.length / pageSize;
    // the second is a map for vacuuming, which holds no rows
    for (let page = 3; page <= pages; page += 11) {
      const { result, db } = salvaged((path) => zero(path, page, pageSize, page % 2 ? 0 : 0xa5));
      const { journal = 0 } = result.rows;
      expect(result.unreadable).toBeGreaterThan(0);
      const lost = db.prepare("SELECT count(*) FROM gaps WHERE reason = 'database-damaged'").pluck().get() as number;
      if (journal < batches) expect(lost).toBeGreaterThan(0);
      expect(journal).toBeGreaterThanOrEqual(batches - 32);
    }
  }, 60_000);

  it('its end is cut off: what is before it is kept', () => {
    const { result } = salvaged((path) => truncateSync(path, Math.floor(statSync(path).size * 0.8)));
    expect(result.rows['journal']).toBeGreaterThan(10);
    expect(result.gaps.length).toBeGreaterThan(0);
  });

  it('is not changed', () => {
    salvaged((path) => {
      zero(path, 1);
    });
    expect(new Database(file(), { readonly: true }).pragma('integrity_check', { simple: true })).toBe('ok');
  });
});
