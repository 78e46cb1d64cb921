/** Why a data folder cannot be used, in words that say what to do about it. */

const refusals: [codes: RegExp, text: string][] = [
  [/^(EEXIST|ENOTDIR)$/, 'is a file, or lies below one: set `data` to a folder'],
  [
    /^(EACCES|EPERM|EROFS|SQLITE_READONLY.*|SQLITE_CANTOPEN.*)$/,
    'cannot be written by this user: chown it and what is in it, or set `data` to another folder',
  ],
  [
    /^(SQLITE_NOTADB|SQLITE_CORRUPT.*)$/,
    'has a database that is none, or is damaged: move it away, or set `data` to another folder',
  ],
  [/^(ENOSPC|EDQUOT|SQLITE_FULL)$/, 'has no space left: free some, or set `data` to another folder'],
];

/** `error` is what the file system (`EACCES` …) or SQLite (`SQLITE_…`) threw when `folder` was to be used. */
export function refusalOf(folder: string, error: Error & { code?: string }): string {
  const [, text] = refusals.find(([codes]) => codes.test(error.code ?? '')) ?? [];
  return text === undefined ? error.message : `${folder} ${text} (${error.message})`;
}
