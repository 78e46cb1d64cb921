/** The speaker's thread: a Speaker, commands in, messages out. Batches are handed over, not copied. */
import { parentPort, workerData } from 'node:worker_threads';
import type { SpeakerCommand, SpeakerConfig, SpeakerMessage } from '../events.ts';
import type { SessionRecord } from './outbox.ts';
import { Speaker } from './speaker.ts';

/** What the thread says; `events` are the session events inside a batch, for client.ts. */
export interface ThreadMessage {
  message: SpeakerMessage;
  events: SessionRecord[];
}

const port = parentPort!;

function post(message: SpeakerMessage, events: SessionRecord[]): void {
  const transfer = message.kind === 'batch' ? [message.batch.bytes.buffer as ArrayBuffer] : [];
  port.postMessage({ message, events } satisfies ThreadMessage, transfer);
  // nothing is open any more but this port: without it the thread ends by itself
  if (message.kind === 'stopped' || message.kind === 'failed') port.close();
}

try {
  const speaker = await Speaker.start({ config: workerData as SpeakerConfig, post });
  port.on('message', (command: SpeakerCommand) => speaker.command(command));
} catch (error) {
  post({ kind: 'failed', text: (error as Error).message, restarting: false }, []);
}
