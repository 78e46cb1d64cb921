/** Entry of the store thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { steadyNow } from '../clock.ts';
import { openDatabase } from './database.ts';
import { openedFiles } from './files.ts';
import type { Gap, StoreCommand, StoreMessage } from './messages.ts';
import { codeOf } from './refusal.ts';
import { reopen } from './reopen.ts';
import type { RetentionLimits } from './retention.ts';
import { Store } from './store.ts';

const { file, collector, retention, reopened } = workerData as {
  file: string;
  collector: string;
  retention: RetentionLimits;
  reopened?: { gap: Gap | null };
};
const port = parentPort!;
const post = (message: StoreMessage): void => port.postMessage(message);

/** Errors of SQLite end the thread with their code; any other one is a bug and ends it as such. */
function guarded(work: () => void): void {
  try {
    work();
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    post({ kind: 'failed', code, text: (error as Error).message });
    port.close();
  }
}

guarded(() => {
  const db = openDatabase(file);
  if (reopened) reopen(db, reopened.gap, steadyNow());
  const store = new Store(db, {
    collector,
    retention,
    ...(reopened && { reopened }),
    now: steadyNow,
    post(message: StoreMessage) {
      post(message);
      if (message.kind === 'stopped') port.close();
    },
    schedule(work, delayMs) {
      // unref: the open port keeps the thread, not a clean-up that is due in an hour
      if (delayMs === undefined) setImmediate(() => guarded(work));
      else setTimeout(() => guarded(work), delayMs).unref();
    },
  });
  port.on('message', (command: StoreCommand) => guarded(() => store.handle(command)));
  post({ kind: 'opened', files: openedFiles(file) });
});
