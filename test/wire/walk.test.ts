/** The calls that a well-formed UPDATE makes, in order. */
import { describe, expect, test } from 'vitest';
import { toHex } from '../../src/wire/hex.ts';
import { formatNlri } from '../../src/wire/nlri.ts';
import { walkUpdate } from '../../src/wire/walk.ts';
import * as build from '../support/builders.ts';
import { concat, hex } from '../support/hex.ts';

function calls(update: Uint8Array, addPath = false): string[] {
  const log: string[] = [];
  const quad = (address: number): string => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
  // in the middle of a larger buffer, as a framer hands it out
  const buffer = concat([1, 2, 3], update, [4, 5]);
  walkUpdate(buffer, 3, 3 + update.length, addPath, addPath, {
    withdraw4: (address, length, pathId) => log.push(`withdraw ${quad(address)}/${length} ${pathId}`),
    withdraw6: (bytes, at, length, pathId) => log.push(`withdraw ${formatNlri(6, bytes, at, length)} ${pathId}`),
    attributes: (bytes, start, end) => log.push(`attributes ${toHex(bytes.subarray(start, end))}`),
    announce4: (address, length, pathId) => log.push(`announce ${quad(address)}/${length} ${pathId}`),
    announce6: (bytes, at, length, pathId) => log.push(`announce ${formatNlri(6, bytes, at, length)} ${pathId}`),
    endOfRib: (family) => log.push(`end of IPv${family}`),
  });
  return log;
}

const origin = build.origin('igp');
const asPath = build.asPath([64512]);
const nextHop = build.nextHop('192.0.2.11');
const reach6 = build.mpReach(6, { nextHop: '2001:db8::11' }, build.nlri(['2001:db8::/32', '::/0']));
const unreach6 = build.mpUnreach(6, build.nlri(['2001:db8:1::/48']));
const text = (...attributes: Uint8Array[]): string => `attributes ${toHex(concat(...attributes))}`;
const short6 = hex('80 0e 14 0002 01 10 20010db8000000000000000000000011');

describe('routes', () => {
  test.each<[string, Uint8Array, string[]]>([
    [
      'withdrawn come first',
      build.update({
        withdrawn: build.nlri(['10.0.0.0/8']),
        attributes: [origin, asPath, nextHop],
        nlri: build.nlri(['10.1.0.0/16', '0.0.0.0/0']),
      }),
      ['withdraw 10.0.0.0/8 0', text(origin, asPath, nextHop), 'announce 10.1.0.0/16 0', 'announce 0.0.0.0/0 0'],
    ],
    [
      'lose their host bits',
      build.update({ withdrawn: hex('09 0aff 11 ffffff 1f ffffffff 20 ffffffff') }),
      [
        'withdraw 10.128.0.0/9 0',
        'withdraw 255.255.128.0/17 0',
        'withdraw 255.255.255.254/31 0',
        'withdraw 255.255.255.255/32 0',
      ],
    ],
    [
      'in MP_REACH_NLRI',
      build.update({ attributes: [reach6, origin, asPath] }),
      [text(short6, origin, asPath), 'announce 2001:db8::/32 0', 'announce ::/0 0'],
    ],
    [
      'in MP_REACH_NLRI beside a NEXT_HOP',
      build.update({ attributes: [origin, asPath, nextHop, reach6] }),
      [text(origin, asPath, short6), 'announce 2001:db8::/32 0', 'announce ::/0 0'],
    ],
    ['in MP_UNREACH_NLRI', build.update({ attributes: [unreach6] }), ['withdraw 2001:db8:1::/48 0']],
    [
      'of both families',
      build.update({ attributes: [reach6, origin, asPath, nextHop, unreach6], nlri: build.nlri(['192.0.2.0/24']) }),
      [
        'withdraw 2001:db8:1::/48 0',
        text(origin, asPath, nextHop),
        'announce 192.0.2.0/24 0',
        text(short6, origin, asPath),
        'announce 2001:db8::/32 0',
        'announce ::/0 0',
      ],
    ],
    [
      'of IPv4 in MP_REACH_NLRI (RFC 8950)',
      build.update({
        attributes: [build.mpReach(4, { nextHop: '2001:db8::11' }, build.nlri(['192.0.2.0/24'])), origin, asPath],
      }),
      [text(hex('80 0e 14 0001 01 10 20010db8000000000000000000000011'), origin, asPath), 'announce 192.0.2.0/24 0'],
    ],
    [
      'of IPv4 in MP_UNREACH_NLRI',
      build.update({ attributes: [build.mpUnreach(4, build.nlri(['192.0.2.0/24']))] }),
      ['withdraw 192.0.2.0/24 0'],
    ],
    ['are none in attributes alone', build.update({ attributes: [origin, asPath, nextHop] }), []],
    ['are none in nothing', new Uint8Array(0), []],
  ])('%s', (_, update, expected) => {
    expect(calls(update)).toEqual(expected);
  });

  test('carry their path identifiers', () => {
    const update = build.update({
      withdrawn: build.nlri([{ prefix: '10.0.0.0/8', pathId: 4294967295 }], true),
      attributes: [
        build.mpReach(6, { nextHop: '2001:db8::11' }, build.nlri([{ prefix: '2001:db8::/32', pathId: 7 }], true)),
        origin,
        asPath,
      ],
    });
    expect(calls(update, true)).toEqual([
      'withdraw 10.0.0.0/8 4294967295',
      text(short6, origin, asPath),
      'announce 2001:db8::/32 7',
    ]);
  });

  test('of equal attributes have equal blocks, however their NLRI were encoded', () => {
    const block = (reach: Uint8Array) => calls(build.update({ attributes: [reach, origin, asPath] }))[0];
    const nlri = build.nlri(['2001:db8::/32']);
    const long = hex(`90 0e ${toHex(build.u16(reach6.length - 3))} ${toHex(reach6.subarray(3))}`);
    expect(block(long)).toBe(block(build.mpReach(6, { nextHop: '2001:db8::11' }, nlri)));
  });
});

describe('End-of-RIB (RFC 4724 §2)', () => {
  test.each<[string, Uint8Array, string[]]>([
    ['IPv4', build.update({}), ['end of IPv4']],
    ['IPv6', build.update({ attributes: [build.mpUnreach(6, hex(''))] }), ['end of IPv6']],
    ['IPv6 with the Extended Length flag', build.update({ attributes: [hex('90 0f 0003 0002 01')] }), ['end of IPv6']],
    ['IPv4 by MP_UNREACH_NLRI', build.update({ attributes: [build.mpUnreach(4, hex(''))] }), ['end of IPv4']],
    ['is none with another attribute', build.update({ attributes: [build.mpUnreach(6, hex('')), origin] }), []],
    [
      'is none with a withdrawn route',
      build.update({ withdrawn: build.nlri(['10.0.0.0/8']), attributes: [build.mpUnreach(6, hex(''))] }),
      ['withdraw 10.0.0.0/8 0'],
    ],
  ])('%s', (_, update, expected) => {
    expect(calls(update)).toEqual(expected);
  });
});
