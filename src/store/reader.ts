/** The reader thread as an object: StoreQueries with promises. */
import { Worker } from 'node:worker_threads';
import type { ReaderReply, ReaderRequest } from './reader-thread.ts';
import { isDamage } from './refusal.ts';
import type { StoreQueries } from './types.ts';

/** Questions that may wait; more are refused at once rather than piled up behind a slow disk. */
export const maxWaitingQueries = 256;
const heapMb = 512;

export class ReaderBusyError extends Error {
  readonly code = 'reader-busy';
  constructor() {
    super(`${maxWaitingQueries} questions about history wait already; try again in a moment`);
  }
}

/** The database cannot be read: deleted, damaged, or its thread ended or cannot start, for example without descriptors. */
export class UnreadableError extends Error {
  readonly code = 'database-unavailable';
}

export interface DatabaseReader extends StoreQueries {
  /** Ends the thread; questions that wait fail. The next question starts another one. */
  stop(): Promise<void>;
}

const createThread = (file: string): Worker =>
  new Worker(new URL('./reader-thread.ts', import.meta.url), {
    name: 'reader',
    workerData: { file },
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
  });

/** The thread starts with the first question, and again after it died; the questions that it had then fail. */
export function startReader(
  file: string,
  onDamage: (code: string, text: string) => void = () => {},
  create = createThread,
): DatabaseReader {
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let nextId = 1;
  let worker: Worker | undefined;

  function spawn(): Worker {
    const thread = create(file);
    let why = 'the thread that reads the database ended';
    thread.on('message', (answer: ReaderReply) => {
      const question = waiting.get(answer.id);
      waiting.delete(answer.id);
      if ('error' in answer) {
        const { code, error } = answer;
        question?.reject(
          code === null ? new Error(error) : new UnreadableError(`the database cannot be read: ${error}`),
        );
        if (code !== null && isDamage(code)) onDamage(code, error);
      } else question?.resolve(answer.value as never);
    });
    thread.on('error', (error: Error) => {
      why += `: ${error.message}`;
    });
    thread.on('exit', () => {
      if (worker !== thread) return;
      for (const { reject } of waiting.values()) reject(new UnreadableError(why));
      waiting.clear();
      worker = undefined;
    });
    return thread;
  }

  function ask<K extends keyof StoreQueries>(
    name: K,
    query: Parameters<StoreQueries[K]>[0],
  ): ReturnType<StoreQueries[K]> {
    if (waiting.size >= maxWaitingQueries) return Promise.reject(new ReaderBusyError()) as ReturnType<StoreQueries[K]>;
    try {
      worker ??= spawn();
    } catch (error) {
      const text = `the thread that reads the database cannot start: ${(error as Error).message}`;
      return Promise.reject(new UnreadableError(text)) as ReturnType<StoreQueries[K]>;
    }
    const thread = worker;
    const id = nextId++;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      thread.postMessage({ id, name, query: query as never } satisfies ReaderRequest);
    }) as ReturnType<StoreQueries[K]>;
  }

  return {
    changes: (query) => ask('changes', query),
    neighborEvents: (query) => ask('neighborEvents', query),
    messages: (query) => ask('messages', query),
    findings: (query) => ask('findings', query),
    timeline: (query) => ask('timeline', query),
    async stop() {
      const ending = worker;
      await ending?.terminate();
    },
  };
}
