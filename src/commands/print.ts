/** Writes any amount of text to standard output at the reader's speed, without growing memory. */
import type { Writable } from 'node:stream';

/** Characters per write. */
const chunk = 64 * 1024;
/** ms between two lines of progress. */
const progressEvery = 1_000;

export interface PrintOptions {
  out?: Writable;
  /** Stream for progress; default: standard error if it is a terminal and standard output is not. */
  progress?: Pick<NodeJS.WriteStream, 'write'> | undefined;
}

const terminal = () => (process.stderr.isTTY && !process.stdout.isTTY ? process.stderr : undefined);

/** Writes the pieces in order. Resolves early if the reader closes the pipe (`| head`); that is not an error. */
export async function print(
  pieces: Iterable<string>,
  { out = process.stdout, progress = terminal() }: PrintOptions = {},
): Promise<void> {
  let isClosed = false;
  let failure: Error | undefined;
  const onError = (error: NodeJS.ErrnoException) => {
    isClosed = true;
    if (error.code !== 'EPIPE') failure = error;
  };
  out.on('error', onError);
  let written = 0;
  let told = performance.now();
  const write = async (text: string): Promise<void> => {
    if (!out.write(text) && !isClosed) await drained(out);
    written += text.length;
    if (!progress || performance.now() - told < progressEvery) return;
    told = performance.now();
    progress.write(`\r${Math.round(written / 1e6)} MB written`);
  };
  let pending = '';
  for (const piece of pieces) {
    pending += piece;
    if (pending.length < chunk) continue;
    await write(pending);
    pending = '';
    if (isClosed) break;
  }
  if (pending !== '' && !isClosed) await write(pending);
  if (progress && written > 0) progress.write('\r\x1b[K');
  out.off('error', onError);
  if (failure) throw failure;
}

/** Resolves when the stream accepts more, or has ended. */
const drained = (out: Writable): Promise<void> =>
  new Promise((resolve) => {
    const events = ['drain', 'error', 'close'];
    const done = () => {
      for (const event of events) out.off(event, done);
      resolve();
    };
    for (const event of events) out.on(event, done);
  });
