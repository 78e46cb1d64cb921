/** The speaker's thread with a flaw: a reset whose text is `crash` brings it down. */
import { parentPort } from 'node:worker_threads';
import type { SpeakerCommand } from '../../src/events.ts';
import '../../src/speaker/thread.ts';

parentPort!.on('message', (command: SpeakerCommand) => {
  if (command.kind === 'reset' && command.text === 'crash') throw new Error('a flaw');
});
