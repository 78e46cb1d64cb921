/** `peerglass db salvage`: copies the readable rows of a damaged database into a new one. */
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { steadyNow } from '../clock.ts';
import { lockFolder } from '../store/lock.ts';
import { type Salvaged, salvage } from '../store/salvage.ts';
import { ExitCode } from './exit-code.ts';
import { fail } from './fail.ts';

export function dbSalvage(data: string, { output }: { output?: string }): void {
  let lock: { release(): void } | undefined;
  try {
    const file = statSync(data).isDirectory() ? join(data, 'peerglass.db') : data;
    statSync(file);
    if (output === undefined) lock = lockFolder(dirname(file));
    const target = output ?? `${file}.salvaged`;
    if (existsSync(target)) throw new Error(`${target} already exists; move or delete it`);
    const result = salvage(file, target, steadyNow(), (text) => process.stderr.write(`${text}\n`));
    const kept = Object.values(result.rows).reduce((sum, count) => sum + count, 0);
    if (kept === 0) {
      rmSync(target);
      throw new Error(`${file} has no readable row`);
    }
    if (output === undefined) replace(file, target);
    report(result, output ?? file);
    const isWhole = result.gaps.length + result.unreadable + result.invalid === 0;
    process.exitCode = isWhole ? ExitCode.ok : ExitCode.findings;
  } catch (error) {
    fail(ExitCode.cannotTell, `cannot salvage ${data}: ${(error as Error).message}`);
  } finally {
    lock?.release();
  }
}

/** Renames the damaged files and puts the new one in their place. */
function replace(file: string, target: string): void {
  const aside = `${file}.damaged-${new Date(steadyNow()).toISOString().replace(/[:.]/g, '-')}`;
  // the write-ahead log first: the new database must not find it
  for (const suffix of ['-wal', '-shm', '']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
  renameSync(target, file);
  process.stdout.write(`moved the damaged database to ${aside}\n`);
}

function report({ rows, unreadable, invalid, gaps }: Salvaged, file: string): void {
  for (const [table, count] of Object.entries(rows)) process.stdout.write(`${table}: ${count} rows\n`);
  process.stdout.write(`unreadable: ${unreadable} pages or rows, ${invalid} invalid rows\n`);
  for (const { from, to } of gaps) process.stdout.write(`lost from the journal: seq ${from} to ${to}\n`);
  process.stdout.write(`wrote ${file}\n`);
}
