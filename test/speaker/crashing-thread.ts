/** A speaker thread with a fault: a reset with the text `crash` kills it. */
import { parentPort } from 'node:worker_threads';
import type { SpeakerCommand } from '../../src/events.ts';
import '../../src/speaker/thread.ts';

parentPort!.on('message', (command: SpeakerCommand) => {
  if (command.kind === 'reset' && command.text === 'crash') throw new Error('a fault');
});
