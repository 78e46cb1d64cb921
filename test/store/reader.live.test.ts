/** The thread that reads the database: questions fail with a reason while it cannot start. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';
import { maxWaitingQueries, ReaderBusyError, startReader } from '../../src/store/reader.ts';

const throwing = (): Worker => {
  throw new Error('too many open files');
};
const ending = (): Worker => new Worker("throw new Error('too many open files')", { eval: true });

test.each([
  ['cannot be created', throwing],
  ['ends as it starts', ending],
])('questions to a thread that %s fail with a reason, and leave nothing behind', async (_name, create) => {
  const folder = mkdtempSync(join(tmpdir(), 'peerglass-reader-'));
  const file = join(folder, 'test.db');
  openDatabase(file).close();
  let isShort = true;
  const started = (): Worker =>
    new Worker(new URL('../../src/store/reader-thread.ts', import.meta.url), { workerData: { file } });
  const reader = startReader(file, undefined, () => (isShort ? create() : started()));
  onTestFinished(async () => {
    await reader.stop();
    rmSync(folder, { recursive: true });
  });
  const asked = Array.from({ length: maxWaitingQueries }, () => reader.findings({ limit: 1 }));
  for (const { reason } of (await Promise.allSettled(asked)) as PromiseRejectedResult[]) {
    expect(reason).toMatchObject({ code: 'database-unavailable' });
    expect(String(reason)).toContain('too many open files');
  }
  isShort = false;
  expect(await reader.findings({ limit: 1 })).toEqual([]);
});

test('beyond maxWaitingQueries questions are rejected, and those before are answered', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'peerglass-reader-'));
  const file = join(folder, 'test.db');
  openDatabase(file).close();
  const reader = startReader(file);
  onTestFinished(async () => {
    await reader.stop();
    rmSync(folder, { recursive: true });
  });
  const ask = () => reader.changes({ since: 0, limit: 1 });
  const answers = await Promise.allSettled(Array.from({ length: maxWaitingQueries + 2 }, ask));
  const rejected = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
  expect(rejected).toEqual([expect.any(ReaderBusyError), expect.any(ReaderBusyError)]);
  await expect(ask()).resolves.toMatchObject({ complete: true });
});
