import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SessionError } from '../../src/wire/errors.ts';
import { Framer } from '../../src/wire/framer.ts';
import { MessageType } from '../../src/wire/iana.ts';
import { message } from '../support/builders.ts';
import { concat } from '../support/hex.ts';

const anyMessage = fc.oneof(
  fc.constant(message(MessageType.keepalive)),
  fc.uint8Array({ minLength: 4, maxLength: 300 }).map((body) => message(MessageType.update, body)),
  fc.uint8Array({ minLength: 10, maxLength: 60 }).map((body) => message(MessageType.open, body)),
  fc.uint8Array({ minLength: 2, maxLength: 2 }).map((body) => message(MessageType.notification, body)),
);

/** What a framer makes of chunks: whole messages, then how it ended. */
function framed(chunks: Uint8Array[]): string[] {
  const framer = new Framer();
  const seen: string[] = [];
  try {
    for (const chunk of chunks)
      framer.push(chunk, (bytes, start, end, type) => {
        seen.push(`${type} ${Buffer.from(bytes.subarray(start, end)).toString('hex')}`);
      });
    seen.push(`${framer.pending} pending`);
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    seen.push(`${error.code}/${error.subcode}`);
  }
  return seen;
}

function split(stream: Uint8Array, cuts: number[]): Uint8Array[] {
  const at = [...new Set(cuts.map((cut) => cut % (stream.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((start, i) => stream.subarray(start, at[i] ?? stream.length));
}

test('any chunking of a stream gives the same messages', () => {
  fc.assert(
    fc.property(fc.array(anyMessage, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 30 }), (messages, cuts) => {
      const stream = concat(...messages);
      expect(framed(split(stream, cuts))).toEqual(framed([stream]));
      expect(framed([stream])).toHaveLength(messages.length + 1);
    }),
  );
});

test('any chunking of garbage behind messages fails alike', () => {
  const garbage = fc.uint8Array({ minLength: 19, maxLength: 40 });
  fc.assert(
    fc.property(
      fc.array(anyMessage, { maxLength: 3 }),
      garbage,
      fc.array(fc.nat(), { maxLength: 30 }),
      (messages, end, cuts) => {
        const stream = concat(...messages, end);
        expect(framed(split(stream, cuts))).toEqual(framed([stream]));
      },
    ),
  );
});

test('octet by octet a message comes out once', () => {
  const stream = concat(message(MessageType.keepalive), message(MessageType.update, [0, 0, 0, 0]));
  expect(framed([...stream].map((octet) => Uint8Array.of(octet)))).toEqual(framed([stream]));
});
