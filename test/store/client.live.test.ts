import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { startStore } from '../../src/store/client.ts';
import { openDatabase } from '../../src/store/database.ts';
import type { Append, StoreMessage } from '../../src/store/messages.ts';
import { Wire } from '../support/batches.ts';

const append = (seq: number, session: number): Append => ({
  kind: 'append',
  firstSeq: seq,
  lastSeq: seq,
  at: 1_000,
  batch: new Wire().establish(session, '192.0.2.11').take(),
  changes: { buffer: new ArrayBuffer(0), count: 0 },
  nlris: undefined,
  attributes: undefined,
  news: undefined,
});

/** A store that crashes on demand; `next` waits for a message of a kind. */
function start() {
  const folder = mkdtempSync(join(tmpdir(), 'peerglass-client-'));
  const file = join(folder, 'test.db');
  openDatabase(file).close();
  const said: StoreMessage[] = [];
  let wake = (): void => {};
  const store = startStore({
    file,
    collector: 'test',
    retention: { maxAgeMs: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY },
    seq: 0,
    now: () => 5_000,
    prepare: async () => {},
    thread: new URL('./crashing-thread.ts', import.meta.url),
    times: { watchMs: 60_000, firstRestartMs: 200 },
    onMessage(message) {
      said.push(message);
      wake();
    },
  });
  onTestFinished(async () => {
    await store.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const next = async <K extends StoreMessage['kind']>(kind: K): Promise<Extract<StoreMessage, { kind: K }>> => {
    for (;;) {
      const at = said.findIndex((message) => message.kind === kind);
      if (at >= 0) return said.splice(0, at + 1).at(-1) as Extract<StoreMessage, { kind: K }>;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return { store, next, file };
}

it.each([
  ['throws', 666, 'a flaw'],
  ['runs out of memory', 667, 'memory'],
])('a thread that %s is started again; what it had not stored is a gap', async (_, session, text) => {
  const { store, next, file } = start();
  store.post(append(1, 1));
  await next('committed');
  store.post(append(2, session));
  const degraded = await next('degraded');
  expect(degraded).toMatchObject({ code: 'store-thread-ended', firstSeq: 2, lastSeq: 2, batches: 1 });
  expect(degraded.text).toContain(text);
  // while no thread runs, a batch is answered and lost
  store.post(append(3, 1));
  expect(await next('degraded')).toMatchObject({ firstSeq: 3, lastSeq: 3, batches: 1 });
  await next('opened');
  expect(await next('recovered')).toMatchObject({ gap: { from: 2, to: 3, reason: 'store-thread-ended' } });
  store.post(append(4, 1));
  await next('committed');
  const db = new Database(file, { readonly: true });
  expect(db.prepare('SELECT first_seq FROM journal').pluck().all()).toEqual([1, 4]);
  expect(db.prepare('SELECT first_seq, last_seq, reason FROM gaps').raw().all()).toEqual([
    [2, 3, 'store-thread-ended'],
  ]);
  db.close();
});
