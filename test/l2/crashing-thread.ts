/** The thread that watches layer 2 with a flaw: it ends when it is told to watch an interface called `crash`. */
import { parentPort } from 'node:worker_threads';
import type { WatchCommand } from '../../src/l2/messages.ts';
import '../../src/l2/thread.ts';

parentPort!.on('message', (command: WatchCommand) => {
  if (command.kind === 'watch' && command.interfaces.includes('crash')) throw new Error('a flaw');
});
