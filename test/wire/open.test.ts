import { describe, expect, test } from 'vitest';
import { ourOpen } from '../../src/session/open.ts';
import { announce, softwareVersion } from '../../src/wire/capabilities.ts';
import { SessionError } from '../../src/wire/errors.ts';
import { toHex } from '../../src/wire/hex.ts';
import { notificationName } from '../../src/wire/iana.ts';
import { decodeMessage, encodeMessage } from '../../src/wire/message.ts';
import type { Open } from '../../src/wire/open.ts';
import { message } from '../support/builders.ts';
import { hex } from '../support/hex.ts';
import { ipv4, peerOpen, settings } from '../support/session.ts';

/** Version 4, AS 64512, hold time 90, identifier 10.0.0.11. */
const fixed = '04 fc00 005a 0a00000b';

function decode(body: string): Open | string {
  const bytes = message(1, hex(body));
  try {
    return decodeMessage(bytes, 0, bytes.length) as Open;
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    return `${notificationName(error.code, error.subcode)} ${toHex(error.data)}`.trim();
  }
}

describe('an OPEN that is refused', () => {
  test.each([
    ['version 3', '03 fc00 005a 0a00000b 00', 'open-message-error/unsupported-version-number 0004'],
    ['version 5', '05 fc00 005a 0a00000b 00', 'open-message-error/unsupported-version-number 0004'],
    ['parameters longer than the message', `${fixed} 04 02 00`, 'open-message-error'],
    ['octets behind the parameters', `${fixed} 00 00`, 'open-message-error'],
    ['a parameter longer than the parameters', `${fixed} 03 02 02 01`, 'open-message-error'],
    ['a parameter without length', `${fixed} 01 02`, 'open-message-error'],
    ['a capability longer than its parameter', `${fixed} 05 02 03 41 04 00`, 'open-message-error'],
    ['parameter type 1 (authentication)', `${fixed} 03 01 01 00`, 'open-message-error/unsupported-optional-parameter'],
    ['parameter type 7', `${fixed} 02 07 00`, 'open-message-error/unsupported-optional-parameter'],
    ['extended parameters longer than the message', `${fixed} ff ff 0004 02 0000`, 'open-message-error'],
    ['extended parameters without their length', `${fixed} ff ff 00`, 'open-message-error'],
  ])('%s', (_, body, expected) => {
    expect(decode(body)).toBe(expected);
  });
});

describe('an OPEN that is read', () => {
  const names = (open: Open | string) => (typeof open === 'string' ? open : open.capabilities.map(({ name }) => name));

  test.each<[string, string, string[]]>([
    ['without parameters', `${fixed} 00`, []],
    ['with an empty capabilities parameter', `${fixed} 02 02 00`, []],
    [
      'with a parameter for each capability',
      `${fixed} 08 02 02 02 00 02 02 06 00`,
      ['route-refresh', 'extended-message'],
    ],
    ['with all capabilities in one', `${fixed} 06 02 04 02 00 06 00`, ['route-refresh', 'extended-message']],
    ['in the extended form', `${fixed} ff ff 0007 02 0004 02 00 06 00`, ['route-refresh', 'extended-message']],
    ['in the extended form with another length octet', `${fixed} 01 ff 0005 02 0002 02 00`, ['route-refresh']],
    ['with unknown capabilities', `${fixed} 06 02 04 c8 02 0102`, ['capability-200']],
  ])('%s', (_, body, expected) => {
    expect(names(decode(body))).toEqual(expected);
  });

  test('takes its AS number from the capability', () => {
    expect(decode('04 5ba0 005a 0a00000b 08 02 06 41 04 fa56ea65')).toMatchObject({ myAs: 23456, asn: 4200000101 });
  });

  test('takes its AS number from the header when the capability is malformed', () => {
    expect(decode(`${fixed} 06 02 04 41 02 0001`)).toMatchObject({ asn: 64512 });
  });
});

describe('an OPEN that is written', () => {
  test.each<[string, Open]>([
    ['ours', ourOpen(settings)],
    ['without capabilities', peerOpen({ capabilities: [] })],
    ['with an AS number of four octets', peerOpen({ asn: 4200000101 })],
    ['with 252 octets of capabilities', peerOpen({ capabilities: Array<typeof ipv4>(42).fill(ipv4) })],
    ['with 258 octets of capabilities (RFC 9072)', peerOpen({ capabilities: Array<typeof ipv4>(43).fill(ipv4) })],
    [
      'with a name that is too long',
      peerOpen({ capabilities: [announce(softwareVersion, { version: 'v'.repeat(100) })] }),
    ],
  ])('%s is read back the same', (_, open) => {
    const bytes = encodeMessage(open);
    expect(decodeMessage(bytes, 0, bytes.length)).toEqual(open);
  });

  test('uses the extended form only when it must', () => {
    const form = (count: number) => encodeMessage(peerOpen({ capabilities: Array<typeof ipv4>(count).fill(ipv4) }))[28];
    expect([form(42), form(43)]).toEqual([254, 255]);
  });
});
