/** The collector's end of the store thread. */
import { Worker } from 'node:worker_threads';
import type { StoreCommand, StoreMessage } from './messages.ts';
import { transferables } from './messages.ts';
import type { RetentionLimits } from './retention.ts';

export interface StoreClient {
  post(command: StoreCommand): void;
  /** Everything posted before is stored, the readable tables included; the thread has ended. */
  stop(): Promise<void>;
}

/** Heap of the store thread: it holds buffers, not objects. A small young generation costs nothing and saves 30 MB. */
const resourceLimits = { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 12 };

/**
 * Starts the thread. A store that dies (a bug, not a full disk) is reported as `failed`; the caller decides to end the
 * process rather than to run on without a memory.
 */
export function startStore(options: {
  file: string;
  collector: string;
  retention: RetentionLimits;
  onMessage: (message: StoreMessage) => void;
}): StoreClient {
  const { file, collector, retention, onMessage } = options;
  const worker = new Worker(new URL('./thread.ts', import.meta.url), {
    name: 'store',
    workerData: { file, collector, retention },
    resourceLimits,
  });
  let isStopping = false;
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.on('message', onMessage);
  worker.on('error', (error) => onMessage({ kind: 'failed', text: error.stack ?? error.message }));
  worker.on('exit', (code) => {
    if (!isStopping) onMessage({ kind: 'failed', text: `the store thread ended with code ${code}` });
  });
  return {
    post: (command) => worker.postMessage(command, transferables(command)),
    async stop() {
      isStopping = true;
      worker.postMessage({ kind: 'stop' } satisfies StoreCommand);
      await ended;
    },
  };
}
