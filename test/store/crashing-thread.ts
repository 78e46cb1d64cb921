/** The store thread with flaws: batches of session 666 make it throw, those of session 667 fill its heap. */
import { parentPort } from 'node:worker_threads';
import { records } from '../../src/events.ts';
import type { StoreCommand } from '../../src/store/messages.ts';

parentPort!.on('message', (command: StoreCommand) => {
  if (command.kind !== 'append' || !command.batch) return;
  for (const { session } of records(command.batch)) {
    if (session === 666) throw new Error('a flaw');
    const heap: unknown[] = [];
    while (session === 667) heap.push(Array(1e5).fill(heap.length));
  }
});
await import('../../src/store/thread.ts');
