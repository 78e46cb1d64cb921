/** The thread that watches layer 2: a Listener, commands in, messages out. */
import { parentPort } from 'node:worker_threads';
import { libc } from '../libc.ts';
import { L2Listener } from './listener.ts';
import type { WatchCommand } from './messages.ts';

const port = parentPort!;
const listener = new L2Listener(libc, (message) => port.postMessage(message));

port.on('message', (command: WatchCommand) => {
  listener.command(command);
  // nothing is open any more but this port: without it the thread ends by itself
  if (command.kind === 'stop') port.close();
});
