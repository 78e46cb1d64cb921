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
const post = (message: SpeakerMessage, events: SessionRecord[]): void =>
  port.postMessage(
    { message, events } satisfies ThreadMessage,
    message.kind === 'batch' ? [message.batch.bytes.buffer as ArrayBuffer] : [],
  );

try {
  const speaker = await Speaker.start({ config: workerData as SpeakerConfig, post });
  port.on('message', (command: SpeakerCommand) => speaker.command(command));
} catch (error) {
  post({ kind: 'failed', text: (error as Error).message, restarting: false }, []);
}
