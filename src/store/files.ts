/** The files of an open database, and whether their paths still lead to them: somebody may delete or replace them. */
import { constants, type Stats, statSync, unlinkSync } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';

/** Device and inode of each file; null = missing. */
export interface DatabaseFiles {
  main: string | null;
  wal: string | null;
  shm: string | null;
}

export interface DatabaseProblem {
  code: string;
  /** What happened, and what to do. */
  text: string;
}

const suffixes = { main: '', wal: '-wal', shm: '-shm' } as const;
const identityOf = ({ dev, ino }: Stats): string => `${dev}:${ino}`;

/** Device and inode of the file at `path`; null = missing. */
export function fileIdentity(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? identityOf(found) : null;
}

/** Identities right after the database was opened. */
export function openedFiles(file: string): DatabaseFiles {
  return {
    main: fileIdentity(file),
    wal: fileIdentity(`${file}-wal`),
    shm: fileIdentity(`${file}-shm`),
  };
}

/** The files at these paths now. Throws what the file system says, but for a missing file or folder. */
export async function lookAtFiles(file: string): Promise<DatabaseFiles> {
  const found = { main: null, wal: null, shm: null } as DatabaseFiles;
  for (const [name, suffix] of Object.entries(suffixes) as [keyof DatabaseFiles, string][])
    found[name] = await stat(file + suffix).then(identityOf, (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
      throw error;
    });
  return found;
}

/** What became of the files that were `opened`; undefined = they are in place. */
export function whatHappened(file: string, opened: DatabaseFiles, now: DatabaseFiles): DatabaseProblem | undefined {
  if (now.main === null)
    return { code: 'database-deleted', text: `${file} was deleted or renamed: writing a new one from memory` };
  if (now.main !== opened.main) return replaced(file);
  if (now.wal === opened.wal && now.shm === opened.shm) return undefined;
  return {
    code: 'database-files-deleted',
    text: `${file}-wal or ${file}-shm was deleted or replaced: opening the database again`,
  };
}

/** Another file is where ours was: it may be what somebody else writes, or a backup that was put back. */
export const replaced = (file: string): DatabaseProblem => ({
  code: 'database-replaced',
  text: `another file took the place of ${file} and is left untouched: move it away, and a new database is written from memory; or restart Peerglass to use it`,
});

export const damaged = (file: string, folder: string, what: string): DatabaseProblem => ({
  code: 'database-damaged',
  text: `${file} is damaged (${what}): stop Peerglass and run \`peerglass db salvage ${folder}\`, which keeps every readable batch; or move the database away, and a new one is written from memory`,
});

const magic = 'SQLite format 3\0';
const headerLength = 100;

/** Why the file on disk cannot be what SQLite wrote; undefined = its header and length fit. */
export async function headerProblem(file: string): Promise<string | undefined> {
  const handle = await open(file, 'r');
  try {
    const header = Buffer.alloc(headerLength);
    await handle.read(header, 0, headerLength, 0);
    const { size } = await handle.stat();
    // a new database lives in its write-ahead log until the first checkpoint
    if (size === 0) return undefined;
    if (header.toString('latin1', 0, magic.length) !== magic) return 'its header is overwritten';
    const octets = header.readUInt32BE(28) * pageSizeOf(header);
    return size < octets ? `it has ${size} octets of ${octets}` : undefined;
  } finally {
    await handle.close();
  }
}

/** A page of 65,536 octets is written as 1. */
export const pageSizeOf = (header: Buffer): number => {
  const size = header.readUInt16BE(16);
  return size === 1 ? 65_536 : size;
};

/** Whether the next start could read and write the database. @throws what the file system says. */
export const checkAccess = (file: string): Promise<void> => access(file, constants.R_OK | constants.W_OK);

/** Deletes the log and index of a database that is no longer at `file`: they would be read as those of the next one. */
export function deleteOrphans(file: string, opened: DatabaseFiles): void {
  for (const name of ['wal', 'shm'] as const) {
    const path = file + suffixes[name];
    if (opened[name] !== null && fileIdentity(path) === opened[name]) unlinkSync(path);
  }
}
