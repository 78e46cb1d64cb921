/** Entry of the store thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { steadyNow } from '../clock.ts';
import { openDatabase } from './database.ts';
import type { StoreCommand, StoreMessage } from './messages.ts';
import type { RetentionLimits } from './retention.ts';
import { Store } from './store.ts';

const { file, collector, retention } = workerData as { file: string; collector: string; retention: RetentionLimits };
const port = parentPort!;
const store = new Store(openDatabase(file), {
  collector,
  retention,
  now: steadyNow,
  post(message: StoreMessage) {
    port.postMessage(message);
    if (message.kind === 'stopped') port.close();
  },
  // unref: the open port keeps the thread, not a clean-up that is due in an hour
  schedule: (work, delayMs) => (delayMs === undefined ? setImmediate(work) : setTimeout(work, delayMs).unref()),
});
port.on('message', (command: StoreCommand) => store.handle(command));
