/** Entry of the reader thread: one question at a time, on its own read-only connection. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Db, openReadOnly } from './database.ts';
import { Queries } from './queries.ts';
import { codeOf } from './refusal.ts';
import type { StoreQueries } from './types.ts';

/** A question, and its answer or what went wrong. */
export interface ReaderRequest {
  id: number;
  name: keyof StoreQueries;
  query: never;
}
export type ReaderReply =
  | { id: number; value: unknown }
  /** `code`: of SQLite, or what the rows cannot be made of; null = a bug. */
  | { id: number; error: string; code: string | null };

const port = parentPort!;
const { file } = workerData as { file: string };
let open: { db: Db; queries: Queries } | undefined;

port.on('message', ({ id, name, query }: ReaderRequest) => {
  try {
    open ??= connect();
    port.postMessage({ id, value: open.queries[name](query) } satisfies ReaderReply);
  } catch (error) {
    const code = codeOfRead(error);
    port.postMessage({ id, error: (error as Error).message, code } satisfies ReaderReply);
    // the next question opens what is there by then
    if (code !== null) open?.db.close();
    if (code !== null) open = undefined;
  }
});

function connect(): { db: Db; queries: Queries } {
  let db: Db;
  try {
    db = openReadOnly(file);
  } catch (error) {
    throw Object.assign(error as Error, { code: codeOf(error) ?? 'SQLITE_CANTOPEN' });
  }
  try {
    return { db, queries: new Queries(db) };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Text that is not JSON and octets that are not records come from a damaged page as well. */
function codeOfRead(error: unknown): string | null {
  if (error instanceof SyntaxError || error instanceof RangeError) return 'SQLITE_CORRUPT';
  return codeOf(error) ?? null;
}
