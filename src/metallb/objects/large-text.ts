/** Large texts are parsed in a thread of their own: the parser does a document at a stretch, megabytes of it for seconds. */
import { Worker } from 'node:worker_threads';
import type { ReadResult } from './resources.ts';
import type { Piece, Text } from './yaml-thread.ts';

/** From this length on, characters; less takes some ten milliseconds at most. */
export const largeFrom = 128 * 1024;

export interface Bounds {
  /** ms */
  time: number;
  /** MiB; the parser's tree is some fifty times the text. */
  heap: number;
}
export const bounds: Bounds = { time: 60_000, heap: 2_048 };

/** What `readText` says of the text. Rejects when that takes more than the bounds. */
export async function readLargeText(text: string, file: string, { time, heap } = bounds): Promise<ReadResult[]> {
  const results: ReadResult[] = [];
  const worker = new Worker(new URL('./yaml-thread.ts', import.meta.url), {
    name: 'yaml',
    workerData: { text, file } satisfies Text,
    resourceLimits: { maxOldGenerationSizeMb: heap },
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  worker.on('message', (piece: Piece) => {
    if (piece === null) resolve();
    else for (const result of piece) results.push(result);
  });
  worker.once('error', (error) =>
    reject(isOutOfMemory(error) ? new Error(`parsing it takes more than ${heap} MiB`) : error),
  );
  worker.once('exit', () => reject(new Error('the thread that parsed it ended')));
  const timer = setTimeout(() => reject(new Error(`parsing it takes longer than ${time / 1_000} s`)), time);
  try {
    await promise;
    return results;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

const isOutOfMemory = (error: unknown): boolean => (error as { code?: unknown }).code === 'ERR_WORKER_OUT_OF_MEMORY';
