/** Entry of the reader thread: one question at a time, on its own read-only connection. */
import { parentPort, workerData } from 'node:worker_threads';
import { openReadOnly } from './database.ts';
import { Queries } from './queries.ts';
import type { StoreQueries } from './types.ts';

/** A question, and its answer or what went wrong. */
export interface Question {
  id: number;
  name: keyof StoreQueries;
  query: never;
}
export type Answer = { id: number; value: unknown } | { id: number; error: string };

const port = parentPort!;
const queries = new Queries(openReadOnly((workerData as { file: string }).file));

port.on('message', ({ id, name, query }: Question) => {
  try {
    port.postMessage({ id, value: queries[name](query) } satisfies Answer);
  } catch (error) {
    port.postMessage({ id, error: (error as Error).message } satisfies Answer);
  }
});
