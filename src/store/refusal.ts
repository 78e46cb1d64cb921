/** What errors of SQLite and of the file system mean for the database, and what to do about them. */

/** The disk or a lock is in the way: the same write may succeed later. */
const transient = /^SQLITE_(FULL|IOERR|BUSY|LOCKED|READONLY|CANTOPEN|NOMEM|PROTOCOL|INTERRUPT)/;
/** The file contradicts itself: writing to it would make it worse. */
const damaged = /^SQLITE_(CORRUPT|NOTADB|FORMAT|IOERR_(SHORT_READ|CORRUPTFS|DATA))/;

export const isDamage = (code: string): boolean => damaged.test(code);
export const isTransient = (code: string): boolean => transient.test(code) && !isDamage(code);

/** The code of an error of SQLite or of the file system; undefined for any other error. */
export function codeOf(error: unknown): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^(SQLITE_\w+|E[A-Z]+)$/.test(code) ? code : undefined;
}

/** Thrown for rows that contradict each other; has the code that SQLite gives to a damaged page. */
export class DamageError extends Error {
  readonly code = 'SQLITE_CORRUPT';
}

const refusals: [codes: RegExp, text: string][] = [
  [/^(EEXIST|ENOTDIR)$/, 'is a file, or lies below one: set `data` to a folder'],
  [
    damaged,
    'has a damaged or foreign database: run `peerglass db salvage FOLDER`, which keeps every readable batch, or move the database away, or set `data` to another folder',
  ],
  [
    /^(EACCES|EPERM|EROFS|SQLITE_READONLY.*|SQLITE_CANTOPEN.*)$/,
    'cannot be written by this user: chown it and what is in it, or set `data` to another folder',
  ],
  [/^(ENOSPC|EDQUOT|SQLITE_FULL)$/, 'has no space left: free some, or set `data` to another folder'],
];

/** `error` is what the file system (`EACCES` …) or SQLite (`SQLITE_…`) threw when `folder` was to be used. */
export function refusalOf(folder: string, error: Error & { code?: string }): string {
  const [, text] = refusals.find(([codes]) => codes.test(error.code ?? '')) ?? [];
  return text === undefined ? error.message : `${folder} ${text.replace('FOLDER', folder)} (${error.message})`;
}
