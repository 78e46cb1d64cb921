/** Entry point of the layer-2 thread: commands in, messages out. */
import { parentPort } from 'node:worker_threads';
import { libc } from '../libc.ts';
import { L2Listener } from './listener.ts';
import type { WatchCommand } from './messages.ts';

const port = parentPort!;
const listener = new L2Listener(libc, (message) => port.postMessage(message));

port.on('message', (command: WatchCommand) => {
  listener.command(command);
  // only this port is still open: closing it ends the thread
  if (command.kind === 'stop') port.close();
});
