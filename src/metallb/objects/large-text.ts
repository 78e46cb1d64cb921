/** Texts are parsed in a thread of their own where that takes more than a few milliseconds. */
import { Worker } from 'node:worker_threads';
import type { ReadResult } from './read.ts';
import type { ParsedPiece, Text } from './yaml-thread.ts';

/** From this length on, octets; less takes some ten milliseconds at most. */
export const largeFrom = 64 * 1024;
/** ms for one text. */
export const maxParseTime = 60_000;
/** MiB of the thread's heap; the text itself is outside it. */
export const maxParseHeap = 512;

export interface Bounds {
  time: number;
  heap: number;
}

/** What `readObjects` says of the text, whose memory moves to the thread. Rejects beyond the bounds. */
export async function readLargeText(
  bytes: Uint8Array<ArrayBuffer>,
  file: string,
  { time, heap }: Bounds = { time: maxParseTime, heap: maxParseHeap },
): Promise<ReadResult[]> {
  const results: ReadResult[] = [];
  const worker = new Worker(new URL('./yaml-thread.ts', import.meta.url), {
    name: 'yaml',
    workerData: { bytes, file } satisfies Text,
    transferList: [bytes.buffer],
    resourceLimits: { maxOldGenerationSizeMb: heap },
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  worker.on('message', (piece: ParsedPiece) => {
    if (piece === null) resolve();
    else for (const result of piece) results.push(result);
  });
  worker.once('error', (error) =>
    reject(isOutOfMemory(error) ? new Error(`parsing takes more than ${heap} MiB`) : error),
  );
  worker.once('exit', () => reject(new Error('the parsing thread ended')));
  const timer = setTimeout(() => reject(new Error(`parsing takes longer than ${time / 1_000} s`)), time);
  try {
    await promise;
    return results;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

const isOutOfMemory = (error: unknown): boolean => (error as { code?: unknown }).code === 'ERR_WORKER_OUT_OF_MEMORY';
