/** Entry point of the speaker thread: commands in, messages out. Batches are transferred, not copied. */
import { parentPort, workerData } from 'node:worker_threads';
import type { SpeakerCommand, SpeakerConfig, SpeakerMessage } from '../events.ts';
import type { SessionRecord } from './outbox.ts';
import { Speaker } from './speaker.ts';

/** A message of the thread; `events`: the session events inside a batch, for client.ts. */
export interface ThreadMessage {
  message: SpeakerMessage;
  events: SessionRecord[];
}

const port = parentPort!;

function post(message: SpeakerMessage, events: SessionRecord[]): void {
  const transfer = message.kind === 'batch' ? [message.batch.bytes.buffer as ArrayBuffer] : [];
  port.postMessage({ message, events } satisfies ThreadMessage, transfer);
  // only this port is still open: closing it ends the thread
  if (message.kind === 'stopped' || message.kind === 'failed') port.close();
}

try {
  const speaker = await Speaker.start({ config: workerData as SpeakerConfig, post });
  port.on('message', (command: SpeakerCommand) => speaker.command(command));
} catch (error) {
  post({ kind: 'failed', text: (error as Error).message, restarting: false }, []);
}
