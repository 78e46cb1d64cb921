import { describe, expect, test } from 'vitest';
import { SessionError } from '../../src/wire/errors.ts';
import { Framer, maxExtendedMessageLength } from '../../src/wire/framer.ts';
import { MessageType } from '../../src/wire/iana.ts';
import { message } from '../support/builders.ts';
import { concat, hex } from '../support/hex.ts';

const marker = 'ff'.repeat(16);
const keepalive = message(MessageType.keepalive);

function push(octets: Uint8Array, framer = new Framer()): string {
  const seen: string[] = [];
  try {
    framer.push(octets, (_, start, end, type) => {
      seen.push(`${type}:${end - start}`);
    });
    if (framer.pending > 0) seen.push(`${framer.pending} pending`);
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    seen.push(`${error.code}/${error.subcode} ${Buffer.from(error.data).toString('hex')}`.trim());
  }
  return seen.join(' ');
}

describe('a header', () => {
  test.each<[string, Uint8Array, string]>([
    ['of a KEEPALIVE is enough', keepalive, '4:19'],
    ['with a marker that is not all ones', hex(`${'ff'.repeat(15)}fe 0013 04`), '1/1'],
    ['that is an HTTP request, before it is complete', new TextEncoder().encode('GET / HTTP/1.1'), '1/1'],
    ['that is a TLS hello', hex('16 03 01 02 00 01'), '1/1'],
    ['of length 0', hex(`${marker} 0000 04`), '1/2 0000'],
    ['of length 18', hex(`${marker} 0012 04`), '1/2 0012'],
    ['of a KEEPALIVE with a body', hex(`${marker} 0014 04 00`), '1/2 0014'],
    ['of an OPEN of 28 octets', hex(`${marker} 001c 01`), '1/2 001c'],
    ['of an UPDATE of 22 octets', hex(`${marker} 0016 02`), '1/2 0016'],
    ['of a NOTIFICATION of 20 octets', hex(`${marker} 0014 03`), '1/2 0014'],
    ['of a ROUTE-REFRESH of 22 octets', hex(`${marker} 0016 05`), '1/2 0016'],
    ['of an UPDATE of 4097 octets (maxMessageLength)', hex(`${marker} 1001 02`), '1/2 1001'],
    ['of type 0', hex(`${marker} 0013 00`), '1/3 00'],
    ['of type 6', hex(`${marker} 0013 06`), '1/3 06'],
    ['of type 255', hex(`${marker} 0013 ff`), '1/3 ff'],
    ['cut short waits', hex(marker), '16 pending'],
    ['of a second message that is garbage', concat(keepalive, hex('00'.repeat(19))), '4:19 1/1'],
  ])('%s', (_, octets, expected) => {
    expect(push(octets)).toBe(expected);
  });
});

describe('with extended messages (RFC 8654)', () => {
  const framer = () => Object.assign(new Framer(), { extendedMessage: true });

  test('an UPDATE of 65,535 octets is whole', () => {
    expect(push(message(MessageType.update, new Uint8Array(maxExtendedMessageLength - 19)), framer())).toBe('2:65535');
  });

  test('an OPEN stays within 4,096', () => {
    expect(push(hex(`${marker} 1001 01`), framer())).toBe('1/2 1001');
  });
});

test('a message that lies in one chunk is handed out in place', () => {
  const chunk = concat(keepalive, keepalive);
  new Framer().push(chunk, (bytes) => expect(bytes).toBe(chunk));
  expect.assertions(2);
});

test('reading stops when the receiver says so', () => {
  const types: number[] = [];
  new Framer().push(
    concat(keepalive, message(MessageType.notification, [6, 4]), keepalive),
    (_bytes, _start, _end, type) => {
      types.push(type);
      return type !== MessageType.notification;
    },
  );
  expect(types).toEqual([4, 3]);
});
