/** Response bodies, which may stall or be too large. */
import type { IncomingMessage } from 'node:http';

/** No data for too long: the connection is dead, even if TCP keeps it open. */
export class Silence extends Error {
  readonly code = 'silence';
}

/** The chunks of a body. @throws Silence if none comes for `silence` ms, or the connection's error. */
export async function* bytesOf(body: IncomingMessage, silence: number): AsyncGenerator<Buffer> {
  const cut = () => body.destroy(new Silence(`no data for ${silence / 1000} s`));
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

/** The whole body; undefined if it has more than `maxBytes` octets. @throws like bytesOf. */
export async function wholeBody(body: IncomingMessage, silence: number, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of bytesOf(body, silence)) {
    length += chunk.length;
    if (length > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
