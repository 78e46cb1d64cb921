import { readdirSync, readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { migrate } from '../../src/store/database.ts';

const folder = new URL('../../migrations/', import.meta.url);
const files = readdirSync(folder).sort();

/** A database as a Peerglass with the first `count` migrations left it, with a finding that was open. */
function left(count: number): Database.Database {
  const db = new Database(':memory:');
  for (const name of files.slice(0, count)) db.exec(readFileSync(new URL(name, folder), 'utf8'));
  db.pragma(`user_version = ${count}`);
  db.exec(
    "INSERT INTO findings (id, prefix, neighbor, node, bgp_peer, word, reason, since, verdict) VALUES (7, '203.0.113.1/32', 1, 'node-1', 'tor-1', 'missing', 'route-missing', 1, '{}')",
  );
  return db;
}

it.each(files.map((name, i) => [name, i + 1] as const))(
  'a database of %s is taken over with what is in it',
  (_, count) => {
    const db = left(count);
    migrate(db);
    expect(db.pragma('user_version', { simple: true })).toBe(files.length);
    expect(db.prepare('SELECT id, until, from_word, to_word FROM findings').all()).toEqual([
      { id: 7, until: null, from_word: null, to_word: null },
    ]);
    const schema = (one: Database.Database): unknown =>
      one.prepare('SELECT name, sql FROM sqlite_master ORDER BY name').all();
    const fresh = new Database(':memory:');
    migrate(fresh);
    expect(schema(db)).toEqual(schema(fresh));
  },
);

it('rows of addresses that never had a session are gone, with their events', () => {
  const db = new Database(':memory:');
  for (const name of files.slice(0, 3)) db.exec(readFileSync(new URL(name, folder), 'utf8'));
  db.pragma('user_version = 3');
  const neighbor = db.prepare(
    "INSERT INTO neighbors VALUES (?, 'a', ?, '192.0.2.1', 179, NULL, NULL, NULL, NULL, NULL, 'idle', 1, 1, NULL, ?)",
  );
  const event = db.prepare('INSERT INTO sessions (seq, at, neighbor, session, kind) VALUES (1, 1, ?, 1, ?)');
  neighbor.run(1, '192.0.2.11', JSON.stringify({ establishedAt: 1 }));
  event.run(1, 'established');
  for (let id = 2; id < 1_000; id++) {
    neighbor.run(id, `10.0.0.${id}`, JSON.stringify({ establishedAt: null }));
    event.run(id, 'refused');
  }
  // its row made room for another one's
  event.run(2_097_151, 'refused');
  migrate(db);
  expect(db.prepare('SELECT id FROM neighbors').pluck().all()).toEqual([1]);
  expect(db.prepare('SELECT neighbor, kind FROM sessions').all()).toEqual([{ neighbor: 1, kind: 'established' }]);
});
