/** Bodies of answers: they may stop coming without an end, and be larger than anything sensible. */
import type { IncomingMessage } from 'node:http';

/** Nothing came for too long: the connection is dead, whatever TCP thinks. */
export class Silence extends Error {
  readonly code = 'silence';
}

/** The chunks of a body. @throws Silence when none comes for `silence` ms, and what the connection throws. */
export async function* bytesOf(body: IncomingMessage, silence: number): AsyncGenerator<Buffer> {
  const cut = () => body.destroy(new Silence(`nothing came for ${silence / 1000} s`));
  let timer = setTimeout(cut, silence);
  try {
    for await (const chunk of body) {
      clearTimeout(timer);
      yield chunk as Buffer;
      timer = setTimeout(cut, silence);
    }
  } finally {
    clearTimeout(timer);
  }
}

/** The whole body; undefined when it has more than `most` octets. @throws as bytesOf. */
export async function wholeBody(body: IncomingMessage, silence: number, most: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of bytesOf(body, silence)) {
    length += chunk.length;
    if (length > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
