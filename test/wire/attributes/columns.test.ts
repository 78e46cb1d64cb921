import { describe, expect, it } from 'vitest';
import { attributeColumns, maxOtherLength, maxTextOctets } from '../../../src/wire/attributes/columns.ts';
import { decodeAttributes } from '../../../src/wire/attributes/index.ts';

/** An attribute with a two-octet length. */
const attribute = (code: number, value: Uint8Array, flags = 0xc0): number[] => [
  flags | 0x10,
  code,
  value.length >> 8,
  value.length & 255,
  ...value,
];
const zeros = (length: number): Uint8Array => new Uint8Array(length);
/** Sequences of 255 AS numbers each. */
const path = (segments: number): Uint8Array =>
  Uint8Array.from({ length: segments * 1_022 }, (_, i) => (i % 1_022 === 0 ? 2 : i % 1_022 === 1 ? 255 : 1));

describe('columns of attributes of any size', () => {
  it.each<[string, keyof ReturnType<typeof attributeColumns>, number[]]>([
    ['AS_PATH', 'asPath', attribute(2, path(64), 0x40)],
    ['communities', 'communities', attribute(8, zeros(60_000))],
    ['extended communities', 'extCommunities', attribute(16, zeros(60_000))],
    ['large communities', 'largeCommunities', attribute(32, zeros(60_000))],
    ['IPv6 extended communities', 'other', attribute(25, zeros(60_000))],
    ['CLUSTER_LIST', 'other', attribute(10, zeros(60_000), 0x80)],
    ['unknown', 'other', attribute(99, zeros(60_000))],
  ])('%s: bounded, and the cut is visible', (_, column, block) => {
    const text = String(attributeColumns(Uint8Array.from(block))[column]);
    expect(text).toMatch(/ … \(\d+ octets\)$/);
    expect(text.length).toBeLessThan(8 * maxTextOctets);
  });

  it('hundreds of unknown attributes: bounded in sum, and the cut is visible', () => {
    const codes = Array.from({ length: 155 }, (_, i) => 100 + i);
    const { other } = attributeColumns(Uint8Array.from(codes.flatMap((code) => attribute(code, zeros(400)))));
    expect(other).toMatch(/; …$/);
    expect(other!.length).toBeLessThan(maxOtherLength + 100);
  });

  it('short ones are whole', () => {
    const { communities, other } = attributeColumns(
      Uint8Array.from([...attribute(8, zeros(maxTextOctets)), ...attribute(99, Uint8Array.of(1, 255))]),
    );
    expect(communities!.split(' ')).toHaveLength(maxTextOctets / 4);
    expect(other).toBe('attribute 99=d0:01ff');
  });

  it('the decoded attributes are whole', () => {
    const { unknown, communities } = decodeAttributes(
      Uint8Array.from([...attribute(8, zeros(4_000)), ...attribute(99, zeros(60_000))]),
    );
    expect([communities.length, unknown[0]!.raw.length]).toEqual([1_000, 120_000]);
  });
});
