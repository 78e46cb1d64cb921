import { describe, expect, test } from 'vitest';
import {
  addPath,
  announce,
  as4,
  type CapabilityRow,
  decodeCapability,
  extendedNextHop,
  fqdn,
  gracefulRestart,
  longLivedGracefulRestart,
  multiprotocol,
  pathsLimit,
  role,
  routeRefresh,
  softwareVersion,
} from '../../src/wire/capabilities.ts';
import { Reader } from '../../src/wire/reader.ts';
import { hex } from '../support/hex.ts';
import { family } from '../support/session.ts';

const read = (code: number, content: string) => decodeCapability(code, new Reader(hex(content)));

/** A row with a value and the octets that stand for it. */
function entry<T>(row: CapabilityRow<T>, value: T, octets: string) {
  return { row: row as CapabilityRow<unknown>, name: row.name, value: value as unknown, octets };
}

const ipv4 = family(1);
const vpn = family(1, 128);

describe.each([
  entry(multiprotocol, vpn, '00010080'),
  entry(routeRefresh, undefined, ''),
  entry(extendedNextHop, [{ ...ipv4, nextHopAfi: 2 }], '000100010002'),
  entry(role, 'customer', '03'),
  entry(gracefulRestart, { restartTime: 4095, restarting: true, notification: true, families: [] }, 'cfff'),
  entry(
    gracefulRestart,
    { restartTime: 0, restarting: false, notification: false, families: [{ ...ipv4, forwarding: true }] },
    '000000010180',
  ),
  entry(as4, { asn: 4294967295 }, 'ffffffff'),
  entry(
    addPath,
    [
      { ...ipv4, mode: 'both' },
      { ...vpn, mode: 'send' },
    ],
    '0001010300018002',
  ),
  entry(longLivedGracefulRestart, [{ ...ipv4, forwarding: false, staleTime: 0x123456 }], '00010100123456'),
  entry(fqdn, { hostname: 'node-a', domain: 'example' }, '066e6f64652d61076578616d706c65'),
  entry(softwareVersion, { version: 'FRR 10' }, '06465252203130'),
  entry(pathsLimit, [{ ...ipv4, limit: 16 }], '0001010010'),
])('$name', ({ row, value, octets }) => {
  test('octets are read', () => {
    const capability = read(row.code, octets);
    expect([capability.value, capability.raw, capability.error]).toEqual([value, octets, undefined]);
  });

  test('a value is written', () => {
    expect(announce(row, value).raw).toBe(octets);
  });
});

describe('content that does not fit negotiates nothing', () => {
  test.each([
    ['four-octet AS of 3 octets', 65, 'fc0001', 'ends before what it announces'],
    ['four-octet AS of 5 octets', 65, '0000fc0001', '1 octets too many'],
    ['multiprotocol of 3 octets', 1, '000100', 'ends before what it announces'],
    ['route refresh with content', 2, '00', '1 octets too many'],
    ['graceful restart of 1 octet', 64, '40', 'ends before what it announces'],
    ['graceful restart with half a family', 64, '40780001', 'ends before what it announces'],
    ['ADD-PATH with half a family', 69, '000101', 'ends before what it announces'],
    ['a software version beyond its end', 75, '0546', 'ends before what it announces'],
    ['a role that does not exist', 9, '07', 'role 7 is not assigned'],
    ['an empty role', 9, '', 'ends before what it announces'],
    ['FQDN whose host name is cut', 73, '0a6e6f', 'ends before what it announces'],
  ])('%s', (_, code, content, error) => {
    expect(read(code, content)).toMatchObject({ code, raw: content, error });
    expect(read(code, content)).not.toHaveProperty('value');
  });
});

test.each([
  ['an ADD-PATH mode that does not exist is left out', 69, '0001010400020101', [{ ...family(2), mode: 'receive' }]],
  ['an FQDN without a domain is one', 73, '026e31', { hostname: 'n1', domain: '' }],
  ['a host name with a zero-width space shows it', 73, '0461e2808b00', { hostname: 'a\ufffd', domain: '' }],
  ['a host name for a terminal is made harmless', 73, '041b5b326a00', { hostname: '\ufffd[2j', domain: '' }],
  ['an empty software version is one', 75, '00', { version: '' }],
])('%s', (_, code, content, value) => {
  expect(read(code, content).value).toEqual(value);
});

test('an unknown capability is kept as octets', () => {
  expect(read(200, '0102')).toEqual({ code: 200, name: 'capability-200', raw: '0102' });
});
