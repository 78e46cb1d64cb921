import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { maxConvertedBytes, openDatabase } from '../../src/store/database.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerglass-database-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a database made without auto_vacuum', () => {
  it.each([
    ['is converted up to maxConvertedBytes, so that its file can shrink', maxConvertedBytes, 2],
    ['stays the same when it is larger', 1_000, 0],
  ])('%s', (_, maxBytes, mode) => {
    const file = join(mkdtempSync(join(folder, 'one-')), 'old.db');
    const old = new Database(file);
    old.exec('CREATE TABLE other (value TEXT)');
    expect(old.pragma('auto_vacuum', { simple: true })).toBe(0);
    old.close();
    const db = openDatabase(file, maxBytes);
    expect(db.pragma('auto_vacuum', { simple: true })).toBe(mode);
    db.close();
  });
});
