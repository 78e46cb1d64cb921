/** A layer-2 thread with a fault: it dies on an interface named `crash`. */
import { parentPort } from 'node:worker_threads';
import type { WatchCommand } from '../../src/l2/messages.ts';
import '../../src/l2/thread.ts';

parentPort!.on('message', (command: WatchCommand) => {
  if (command.kind === 'watch' && command.interfaces.includes('crash')) throw new Error('a fault');
});
