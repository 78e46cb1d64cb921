import { afterEach, describe, expect, it } from 'vitest';
import { bytesInUse } from '../../src/store/database.ts';
import type { HistoryKind } from '../../src/store/database-size.ts';
import { packNews } from '../../src/store/messages.ts';
import { Retention, usageOf } from '../../src/store/retention.ts';
import { Wire } from '../support/batches.ts';
import { finding, Stored } from '../support/stored.ts';

let store: Stored;
afterEach(() => store.close());

const prefixes = Array.from({ length: 250 }, (_, i) => `10.0.${i}.0/24`);

/** Batches that change every route each: about 10 KiB of journal and changes a batch. */
function flap(batches: number, from = 0): void {
  for (let i = from; i < from + batches; i++)
    store.apply(new Wire(2_000 + i).announce(1, prefixes, { med: i % 7 }).take());
}

/** Batches of 100 KiB for the journal, that are never restored. */
function fillJournal(batches: number): void {
  for (let i = 0; i < batches; i++) {
    const seq = ++store.rib.seq;
    const batch = { bytes: new Uint8Array(100 * 1024).fill(i), length: 100 * 1024, count: 1 };
    const changes = { buffer: new ArrayBuffer(0), count: 0 };
    const none = { nlris: undefined, attributes: undefined, news: undefined };
    store.command({ kind: 'append', firstSeq: seq, lastSeq: seq, at: 1_000, batch, changes, ...none });
  }
}

function history(batches = 100, maxBytes?: number): void {
  store = new Stored(maxBytes);
  store.apply(new Wire().establish(1, '192.0.2.11').take());
  flap(batches);
  store.settle();
}

/** Session events that say much. */
function storm(events: number): void {
  const event = { seq: 1, at: 1, neighbor: 1, session: 1, kind: 'malformed', from: null, to: null, code: null };
  const text = 'x'.repeat(500);
  const news = packNews({
    neighbors: [],
    forgotten: [],
    events: Array.from({ length: events }, () => ({ ...event, text, detail: null })),
  });
  const changes = { buffer: new ArrayBuffer(0), count: 0 };
  const common = { batch: undefined, changes, nlris: undefined, attributes: undefined, news };
  store.command({ kind: 'append', firstSeq: store.rib.seq + 1, lastSeq: store.rib.seq, at: 1, ...common });
  store.settle();
}

/** Rows of the history of an object, or findings, 500 octets each. */
function fill(kind: 'findings' | 'objects', rows: number): void {
  const ids = Array.from({ length: rows }, (_, i) => i + 1);
  if (kind === 'findings')
    store.command({ kind, findings: ids.map((id) => finding(id, { verdict: `"${'x'.repeat(500)}"` })) });
  else
    store.command({
      kind,
      changes: ids.map((id) => ({
        ...{ id, at: id, lastAt: id, times: 1, occasion: 'change', action: 'changed', moreFields: 0 },
        ...{ object: { kind: 'Service', name: 'web' }, key: 'default/web', source: 'manifests' },
        ...{ resourceVersion: null, manager: null, addresses: [`10.0.0.${id % 250}`] },
        fields: [{ path: 'spec', from: null, to: 'x'.repeat(500) }],
      })),
      states: [],
    });
  store.settle();
}

/** Cleans up until there is nothing more to do, with a bound of `share` of what is in use now. */
function clean(share: number): Retention {
  const maxBytes = (bytesInUse(store.db) * share) / 0.85;
  const retention = new Retention(store.db, { maxAgeMs: Number.POSITIVE_INFINITY, maxBytes }, () => 1e12);
  while (retention.slice());
  return retention;
}

const count = (table: string) => store.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
const bytesOf = (kind: HistoryKind) => usageOf(store.db, 1).history.find((one) => one.kind === kind)!;

describe('history that is too large', () => {
  it('goes from its beginning, and what is left can be resumed from without a hole', () => {
    history();
    clean(0.5);
    const { changes, oldest } = store.queries.changes({ since: 0, limit: 100_000 });
    expect(oldest).toBeGreaterThan(20);
    expect(oldest).toBeLessThan(100);
    expect(changes.filter(({ seq }) => seq >= oldest)).toHaveLength(250 * (store.rib.seq - oldest + 1));
  });

  it('when all of it is gone, nothing older than now can be resumed from', () => {
    history(10);
    const retention = clean(0);
    expect(store.queries.changes({ since: 5, limit: 10 }).oldest).toBe(store.rib.seq + 1);
    expect(retention.usage().isOverBound).toBe(true);
    store.crash();
    expect(store.inMemory()).toHaveLength(250);
  });

  it('stays while there is room', () => {
    history(10);
    expect(clean(1.1).usage()).toMatchObject({ isOverBound: false, history: [{ trimmed: null }, {}, {}, {}] });
    expect(store.queries.changes({ since: 0, limit: 10_000 }).oldest).toBe(1);
  });

  it.each<[HistoryKind, string, () => void]>([
    ['sessions', 'sessions', () => storm(6_000)],
    ['findings', 'findings', () => fill('findings', 6_000)],
    ['objects', 'object_changes', () => fill('objects', 6_000)],
  ])('of %s does not drive out the others, and says what went', (kind, table, make) => {
    history(60);
    make();
    clean(0.7);
    expect(store.queries.changes({ since: 0, limit: 1 }).oldest).toBe(1);
    expect(count(table)).toBeLessThan(6_000);
    expect(bytesOf(kind).trimmed).toMatchObject({ at: 1e12, bytes: expect.any(Number), through: expect.any(Number) });
    expect(bytesOf('routes').trimmed).toBeNull();
  });

  it('is counted exactly: nothing is left when all is gone', () => {
    history(10);
    storm(10);
    fill('findings', 10);
    fill('objects', 10);
    expect(usageOf(store.db, 1).history.every(({ bytes }) => bytes > 0)).toBe(true);
    for (const table of ['journal', 'changes', 'sessions', 'findings', 'object_changes', 'object_addresses'])
      store.db.exec(`DELETE FROM ${table}`);
    expect(usageOf(store.db, 1).history.map(({ bytes, oldestAt }) => [bytes, oldestAt])).toEqual(
      Array(4).fill([0, null]),
    );
  });

  it('gives its pages back to the file system', () => {
    history(1);
    fillJournal(100);
    store.settle();
    store.db.pragma('wal_checkpoint(TRUNCATE)');
    const before = store.bytesOnDisk;
    clean(0.2);
    store.db.pragma('wal_checkpoint(TRUNCATE)');
    expect(store.bytesOnDisk).toBeLessThan(0.7 * before);
  });
});

describe('the bound on disk', () => {
  it('holds while more comes than the tables keep up with', () => {
    const maxBytes = 8 * 1024 * 1024;
    history(1, maxBytes);
    let largest = 0;
    for (let i = 0; i < 40; i++) {
      // the queue is never empty: the tables must get their turn all the same
      fillJournal(20);
      flap(1, i);
      for (let turn = 0; turn < 4; turn++) store.turn();
      largest = Math.max(largest, store.bytesOnDisk);
    }
    store.settle();
    expect(Math.max(largest, store.bytesOnDisk) / maxBytes).toBeLessThan(1.2);
    expect(store.inTables()).toEqual(store.inMemory());
  });
});

describe('findings of an earlier run', () => {
  it('are over at once, and are closed in slices', () => {
    store = new Stored();
    fill('findings', 1_000);
    store.crash();
    expect(store.queries.findings({ open: true, limit: 10 })).toEqual([]);
    expect(store.queries.findings({ open: false, limit: 10_000 })).toHaveLength(1_000);
    store.settle();
    expect(store.db.prepare("SELECT count(*) FROM findings WHERE to_word = 'restart'").pluck().get()).toBe(1_000);
  });
});
