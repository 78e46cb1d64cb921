/** What we say, octet by octet, and the short messages that we hear. */
import { describe, expect, test } from 'vitest';
import { ourOpen } from '../../src/session/open.ts';
import { SessionError } from '../../src/wire/errors.ts';
import { fromHex, toHex } from '../../src/wire/hex.ts';
import { notificationName } from '../../src/wire/iana.ts';
import { decodeMessage, encodeMessage, type Outgoing } from '../../src/wire/message.ts';
import { cease, shutdownText } from '../../src/wire/notification.ts';
import { message } from '../support/builders.ts';
import { hex } from '../support/hex.ts';
import { settings } from '../support/session.ts';

const open = [
  '04 fbf4 005a c0000201 4b 02 49', // version, AS 64500, 90 s, 192.0.2.1, one parameter
  '01 04 0001 00 01  01 04 0002 00 01', // multiprotocol IPv4, IPv6
  '02 00', // route refresh
  '05 06 0001 0001 0002', // extended next hop
  '06 00', // extended message
  '40 02 4000', // graceful restart: N, no families
  '41 04 0000fbf4', // AS 64500
  '45 08 0001 01 01 0002 01 01', // ADD-PATH: receive
  '46 00', // enhanced route refresh
  '49 0b 09 7065657267 6c617373 00', // peerglass
  '4b 0c 0b 7065657267 6c617373 2f31', // peerglass/1
].join(' ');

describe('what is sent', () => {
  test.each<[string, Outgoing, string]>([
    ['OPEN', ourOpen(settings), `0068 01 ${open}`],
    ['KEEPALIVE', { kind: 'keepalive' }, '0013 04'],
    ['Cease / Administrative Shutdown', cease(2), '0015 03 06 02'],
    ['Cease / Administrative Reset with a text', cease(4, 'näh'), '001a 03 06 04 04 6e c3a4 68'],
    ['Cease / Connection Rejected has no place for a text', cease(5, 'no'), '0015 03 06 05'],
    ['ROUTE-REFRESH', { kind: 'route-refresh', afi: 2, safi: 1, subtype: 'request' }, '0017 05 0002 00 01'],
    ['Beginning of a refresh', { kind: 'route-refresh', afi: 1, safi: 1, subtype: 'begin' }, '0017 05 0001 01 01'],
    ['End of a refresh', { kind: 'route-refresh', afi: 1, safi: 1, subtype: 'end' }, '0017 05 0001 02 01'],
    ['End-of-RIB, IPv4', { kind: 'end-of-rib', family: 4 }, '0017 02 0000 0000'],
    ['End-of-RIB, IPv6', { kind: 'end-of-rib', family: 6 }, '001d 02 0000 0006 80 0f 03 0002 01'],
  ])('%s', (_, outgoing, expected) => {
    expect(toHex(encodeMessage(outgoing))).toBe('ff'.repeat(16) + toHex(hex(expected)));
  });

  test('a NOTIFICATION never has more than 4,096 octets', () => {
    const data = new Uint8Array(60_000);
    expect(encodeMessage({ kind: 'notification', code: 3, subcode: 9, data })).toHaveLength(4096);
  });

  test('a text that is too long is cut at a character', () => {
    const { data } = cease(2, 'é'.repeat(200));
    expect([data[0], data.length, shutdownText(cease(2, 'é'.repeat(200)))]).toEqual([254, 255, 'é'.repeat(127)]);
  });
});

describe('the text of a NOTIFICATION (RFC 9003)', () => {
  test.each([
    ['is read', 6, 4, '0b 626f756e63652074657374', 'bounce test'],
    ['may be empty', 6, 2, '00', undefined],
    ['may be missing', 6, 2, '', undefined],
    ['whose length is too great is taken as it is', 6, 2, '80 6869', 'hi'],
    ['that is no UTF-8 is replaced', 6, 2, '03 68ff69', 'h\ufffdi'],
    ['with bidirectional controls is made harmless', 6, 2, '04 e280ae6a', '\ufffdj'],
    ['with control characters is made harmless', 6, 2, '04 1b5b326a', '\ufffd[2j'],
    ['is found in a Hard Reset', 6, 9, '06 02 02 6869', 'hi'],
    ['is not looked for elsewhere', 3, 1, '02 6869', undefined],
    ['is not looked for in other Cease subcodes', 6, 5, '02 6869', undefined],
  ])('%s', (_, code, subcode, data, expected) => {
    expect(shutdownText({ kind: 'notification', code, subcode, data: hex(data) })).toBe(expected);
  });
});

describe('ROUTE-REFRESH that is heard', () => {
  test.each([
    ['a request', '0001 00 01', { afi: 1, safi: 1, subtype: 'request' }],
    ['a request with ORF behind it', '0001 00 01 01 80 0000', { subtype: 'request' }],
    ['of a family unknown here', '4004 00 47', { afi: 16388, safi: 71 }],
    ['of a subtype that does not exist', '0001 07 01', { subtype: 'unknown' }],
    ['the beginning', '0001 01 01', { subtype: 'begin' }],
  ])('%s', (_, body, expected) => {
    const bytes = message(5, hex(body));
    expect(decodeMessage(bytes, 0, bytes.length)).toMatchObject(expected);
  });

  test('a beginning with more behind it is answered with 7/1 and the whole message', () => {
    const bytes = message(5, hex('0001 01 01 00'));
    const read = () => decodeMessage(bytes, 0, bytes.length);
    expect(read).toThrow(SessionError);
    expect(read).toThrow(expect.objectContaining({ code: 7, subcode: 1, data: bytes }));
  });
});

test.each([
  [1, 1, 'message-header-error/connection-not-synchronized'],
  [4, 0, 'hold-timer-expired'],
  [6, 2, 'cease/administrative-shutdown'],
  [6, 0, 'cease'],
  [6, 99, 'cease/99'],
  [8, 0, 'send-hold-timer-expired'],
  [99, 3, 'error-99/3'],
])('NOTIFICATION %i/%i is called %s', (code, subcode, name) => {
  expect(notificationName(code, subcode)).toBe(name);
});

test('hex is read as it is written', () => {
  expect(fromHex(toHex(Uint8Array.of(0, 15, 16, 255)))).toEqual(Uint8Array.of(0, 15, 16, 255));
});
