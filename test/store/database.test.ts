import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerglass-database-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a database made without auto_vacuum', () => {
  it('is converted while it is small, so that its file can shrink', () => {
    const file = join(folder, 'old.db');
    const old = new Database(file);
    old.exec('CREATE TABLE other (value TEXT)');
    expect(old.pragma('auto_vacuum', { simple: true })).toBe(0);
    old.close();
    const db = openDatabase(file);
    expect(db.pragma('auto_vacuum', { simple: true })).toBe(2);
    db.close();
  });
});
