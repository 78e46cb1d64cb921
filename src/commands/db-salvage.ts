/** `peerglass db salvage`: a new database from what can be read of a damaged one. */
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
    if (existsSync(target)) throw new Error(`${target} exists: move it away`);
    const result = salvage(file, target, steadyNow(), (text) => process.stderr.write(`${text}\n`));
    const kept = Object.values(result.rows).reduce((sum, count) => sum + count, 0);
    if (kept === 0) {
      rmSync(target);
      throw new Error(`no row of ${file} can be read`);
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

/** Moves the damaged files aside, and the new one into their place. */
function replace(file: string, target: string): void {
  const aside = `${file}.damaged-${new Date(steadyNow()).toISOString().replace(/[:.]/g, '-')}`;
  // the log first: a database that comes alone must not meet it
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
