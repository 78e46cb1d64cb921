/** Attribute blocks as JSON and as columns. */
import { describe, expect, test } from 'vitest';
import { attributeColumns } from '../../../src/wire/attributes/columns.ts';
import { decodeAttributes, type PathAttributes } from '../../../src/wire/attributes/index.ts';
import * as build from '../../support/builders.ts';
import { concat, hex } from '../../support/hex.ts';

const nothing: PathAttributes = {
  nextHop: null,
  nextHopLinkLocal: null,
  asPath: [],
  origin: null,
  med: null,
  localPref: null,
  atomicAggregate: null,
  aggregator: null,
  originatorId: null,
  otc: null,
  communities: [],
  largeCommunities: [],
  extCommunities: [],
  clusterList: [],
  unknown: [],
};
const empty = {
  nextHop: null,
  asPath: null,
  origin: null,
  localPref: null,
  med: null,
  communities: null,
  largeCommunities: null,
  extCommunities: null,
  other: null,
};

test('an empty block says that nothing was on the wire', () => {
  expect(decodeAttributes(new Uint8Array(0))).toEqual(nothing);
  expect(attributeColumns(new Uint8Array(0))).toEqual(empty);
});

type Columns = ReturnType<typeof attributeColumns>;

describe('an attribute is read', () => {
  test.each<[string, Uint8Array, Partial<PathAttributes>, Partial<Columns>]>([
    ['ORIGIN', build.origin('incomplete'), { origin: 'incomplete' }, { origin: 'incomplete' }],
    ['AS_PATH, empty', build.asPath([]), { asPath: [] }, { asPath: '' }],
    ['AS_PATH', build.asPath([64512, 4200000000]), { asPath: [64512, 4200000000] }, { asPath: '64512 4200000000' }],
    ['AS_PATH with a set', build.asPath([1, [2, 3], 4]), { asPath: [1, [2, 3], 4] }, { asPath: '1 {2,3} 4' }],
    [
      'AS_PATH in a confederation',
      build.asPath([
        { type: 'confed-sequence', asns: [65001, 65002] },
        { type: 'confed-set', asns: [65003, 65004] },
        { type: 'sequence', asns: [64512] },
      ]),
      {
        asPath: [64512],
        asPathSegments: [
          { type: 'confed-sequence', asns: [65001, 65002] },
          { type: 'confed-set', asns: [65003, 65004] },
          { type: 'sequence', asns: [64512] },
        ],
      },
      { asPath: '(65001 65002) [65003,65004] 64512' },
    ],
    ['NEXT_HOP', build.nextHop('192.0.2.11'), { nextHop: '192.0.2.11' }, { nextHop: '192.0.2.11' }],
    [
      'next hop of MP_REACH_NLRI, IPv6',
      hex('80 0e 14 0002 01 10 20010db8000000000000000000000011'),
      { nextHop: '2001:db8::11' },
      { nextHop: '2001:db8::11' },
    ],
    [
      'next hops of MP_REACH_NLRI, IPv4 over IPv6',
      hex('80 0e 24 0001 01 20 20010db8000000000000000000000011 fe800000000000000000000000000011'),
      { nextHop: '2001:db8::11', nextHopLinkLocal: 'fe80::11' },
      { nextHop: '2001:db8::11', other: 'LINK_LOCAL_NEXT_HOP=fe80::11' },
    ],
    [
      'next hop of MP_REACH_NLRI, IPv4',
      hex('80 0e 08 0001 01 04 c000020b'),
      { nextHop: '192.0.2.11' },
      { nextHop: '192.0.2.11' },
    ],
    ['MULTI_EXIT_DISC', hex('80 04 04 ffffffff'), { med: 4294967295 }, { med: 4294967295 }],
    ['LOCAL_PREF', hex('40 05 04 00000000'), { localPref: 0 }, { localPref: 0 }],
    ['ATOMIC_AGGREGATE', hex('40 06 00'), { atomicAggregate: true }, { other: 'ATOMIC_AGGREGATE=true' }],
    [
      'AGGREGATOR',
      build.aggregator({ asn: 4200000000, routerId: '10.0.0.1' }),
      { aggregator: { asn: 4200000000, routerId: '10.0.0.1' } },
      { other: 'AGGREGATOR=4200000000:10.0.0.1' },
    ],
    [
      'COMMUNITIES, as received',
      build.communities(['65535:65281', '64512:100', '64512:100']),
      { communities: ['65535:65281', '64512:100', '64512:100'] },
      { communities: '65535:65281 64512:100 64512:100' },
    ],
    ['ORIGINATOR_ID', hex('80 09 04 0a000001'), { originatorId: '10.0.0.1' }, { other: 'ORIGINATOR_ID=10.0.0.1' }],
    [
      'CLUSTER_LIST',
      hex('80 0a 08 0a000001 0a000002'),
      { clusterList: ['10.0.0.1', '10.0.0.2'] },
      { other: 'CLUSTER_LIST=10.0.0.1 10.0.0.2' },
    ],
    [
      'LARGE_COMMUNITY',
      build.largeCommunities(['64512:1:4294967295']),
      { largeCommunities: ['64512:1:4294967295'] },
      { largeCommunities: '64512:1:4294967295' },
    ],
    ['AIGP', hex('80 1a 0b 01 000b 0000000100000002'), {}, { other: 'AIGP=4294967298' }],
    ['AIGP behind another TLV', hex('80 1a 0f 02 0004 07 01 000b 0000000000000009'), {}, { other: 'AIGP=9' }],
    ['ONLY_TO_CUSTOMER', hex('c0 23 04 0000fc00'), { otc: 64512 }, { other: 'ONLY_TO_CUSTOMER=64512' }],
    [
      'PREFIX_SID, kept raw',
      hex('c0 28 03 010203'),
      { unknown: [{ code: 40, flags: 0xc0, raw: '010203' }] },
      { other: 'PREFIX_SID=c0:010203' },
    ],
    [
      'one that nobody knows',
      hex('f0 63 0001 aa'),
      { unknown: [{ code: 99, flags: 0xf0, raw: 'aa' }] },
      { other: 'attribute 99=f0:aa' },
    ],
  ])('%s', (_, block, json, columns) => {
    expect(decodeAttributes(block)).toEqual({ ...nothing, ...json });
    expect(attributeColumns(block)).toEqual({ ...empty, ...columns });
  });
});

describe('an extended community is named', () => {
  test.each([
    ['route target, two-octet AS', '0002 fde8 00000001', 'rt:65000:1'],
    ['route target, address', '0102 c0000201 0005', 'rt:192.0.2.1:5'],
    ['route target, four-octet AS', '0202 fa56ea00 0007', 'rt:4200000000:7'],
    ['site of origin', '0003 fde8 00000002', 'soo:65000:2'],
    ['link bandwidth, non-transitive', '4004 fde8 49989680', 'bandwidth:65000:1250000'],
    ['colour', '030b 0000 00000064', 'color:100'],
    ['of another type', '8006 0000 00000000', '0x8006000000000000'],
  ])('%s', (_, octets, expected) => {
    const block = build.attribute(16, 0xc0, hex(octets));
    expect(decodeAttributes(block).extCommunities).toEqual([expected]);
    expect(attributeColumns(block).extCommunities).toBe(expected);
  });

  test.each([
    ['route target', `0002 20010db8000000000000000000000001 0005`, 'rt:2001:db8::1:5'],
    ['of another type', `4002 ${'00'.repeat(18)}`, `0x4002${'00'.repeat(18)}`],
  ])('IPv6 %s', (_, octets, expected) => {
    expect(attributeColumns(build.attribute(25, 0xc0, hex(octets))).other).toBe(
      `IPV6_EXTENDED_COMMUNITIES=${expected}`,
    );
  });
});

test('a large community that is repeated counts once (RFC 8092 §2)', () => {
  expect(decodeAttributes(build.largeCommunities(['1:2:3', '4:5:6', '1:2:3'])).largeCommunities).toEqual([
    '1:2:3',
    '4:5:6',
  ]);
});

test('a block is read within a larger buffer', () => {
  const block = concat(build.origin('egp'), build.asPath([64512]));
  const buffer = concat([9, 9, 9], block, [9, 9]);
  expect(decodeAttributes(buffer, 3, 3 + block.length)).toEqual(decodeAttributes(block));
  expect(attributeColumns(buffer, 3, 3 + block.length)).toEqual(attributeColumns(block));
});

test('the other attributes share a column', () => {
  const block = concat(hex('40 06 00'), hex('c0 23 04 0000fc00'));
  expect(attributeColumns(block).other).toBe('ATOMIC_AGGREGATE=true; ONLY_TO_CUSTOMER=64512');
});
