import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../src/store/refusal.ts';

describe('a data folder that cannot be used', () => {
  it.each([
    ['EEXIST', 'file already exists, mkdir', '/d is a file, or lies below one: set `data`'],
    ['ENOTDIR', 'not a directory, mkdir', '/d is a file, or lies below one: set `data`'],
    ['EACCES', 'permission denied, mkdir', '/d cannot be written by this user: chown it'],
    ['SQLITE_READONLY', 'attempt to write a readonly database', '/d cannot be written by this user: chown it'],
    ['SQLITE_CANTOPEN_ISDIR', 'unable to open database file', '/d cannot be written by this user: chown it'],
    ['SQLITE_NOTADB', 'file is not a database', '/d has a damaged or foreign database: run `peerglass db salvage /d`'],
    ['SQLITE_FULL', 'database or disk is full', '/d has no space left: free some'],
  ])('%s says what to do, and what it was', (code, message, text) => {
    const refusal = refusalOf('/d', Object.assign(new Error(message), { code }));
    expect(refusal).toContain(text);
    expect(refusal).toContain(`(${message})`);
  });

  it('keeps words that are ours', () => {
    expect(refusalOf('/d', new Error('the database has schema 9'))).toBe('the database has schema 9');
  });
});
