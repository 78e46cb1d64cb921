import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  blockOf,
  covers,
  formatCidr,
  formatNumber,
  lastOf,
  parseAddresses,
  parseNumber,
} from '../../../src/metallb/relations/cidr.ts';

describe('an entry of spec.addresses', () => {
  it.each([
    ['a CIDR is itself', '203.0.113.200/30', ['203.0.113.200/30']],
    ['host bits are dropped', '10.0.0.5/24', ['10.0.0.0/24']],
    ['an IPv6 CIDR loses leading zeros', 'fc00:f853:0ccd:e799::/124', ['fc00:f853:ccd:e799::/124']],
    [
      'a range is cut into the fewest CIDRs',
      '4.4.4.100-4.4.4.200',
      ['4.4.4.100/30', '4.4.4.104/29', '4.4.4.112/28', '4.4.4.128/26', '4.4.4.192/29', '4.4.4.200/32'],
    ],
    ['an IPv6 range too', '2001:100:4::200-2001:100:4::400', ['2001:100:4::200/119', '2001:100:4::400/128']],
    ['spaces around the dash do not count', '10.0.0.0 - 10.0.0.255', ['10.0.0.0/24']],
    ['a range of one address is one address', '10.0.0.9-10.0.0.9', ['10.0.0.9/32']],
    ['a range may be everything', '0.0.0.0-255.255.255.255', ['0.0.0.0/0']],
    ['a range from IPv4 to IPv6 has no CIDR', '10.0.0.1-2001:db8::1', []],
    ['an IPv4-mapped CIDR is an IPv4 one', '::ffff:203.0.113.0/120', ['203.0.113.0/24']],
    ['an IPv4-mapped CIDR of less than 96 bits is an IPv6 one', '::ffff:203.0.113.0/64', ['::/64']],
  ])('%s', (_, text, cidrs) => expect(parseAddresses(text).map(formatCidr)).toEqual(cidrs));

  it.each([
    ['a bare address', '198.51.100.5', 'invalid CIDR "198.51.100.5"'],
    ['a length that is too long', '198.51.100.0/33', 'invalid CIDR'],
    ['a length that is no number', '198.51.100.0/x', 'invalid CIDR'],
    ['nothing', '', 'invalid CIDR'],
    ['a start that is no address', 'x-10.0.0.1', 'invalid start IP "x"'],
    ['an end that is no address', '10.0.0.1-10.0.0', 'invalid end IP "10.0.0"'],
    ['a range that runs backwards', '10.0.0.9-10.0.0.1', 'is after the end IP'],
    ['a range from IPv6 to IPv4', '2001:db8::1-10.0.0.1', 'is after the end IP'],
    ['a zone', 'fe80::%eth0/64', 'invalid CIDR'],
  ])('%s is refused', (_, text, error) => expect(() => parseAddresses(text)).toThrow(error));

  it('covers a range exactly, with blocks that could not be fewer', () => {
    const address = fc.integer({ min: 0, max: 0xffff }).map((low) => BigInt(low) + 0x0a000000n);
    fc.assert(
      fc.property(address, address, (a, b) => {
        const [first, last] = a < b ? [a, b] : [b, a];
        const text = `${formatNumber({ family: 4, value: first })}-${formatNumber({ family: 4, value: last })}`;
        const blocks = parseAddresses(text);
        let next = first;
        for (const block of blocks) {
          expect(block.first).toBe(next);
          next = lastOf(block) + 1n;
        }
        expect(next).toBe(last + 1n);
        // two neighbours that made one block would be one
        for (const [i, block] of blocks.slice(1).entries()) {
          const before = blocks[i]!;
          const joined =
            before.length === block.length &&
            blockOf({ family: 4, value: block.first }, block.length - 1).first === before.first;
          expect(joined).toBe(false);
        }
      }),
    );
  });
});

describe('a block', () => {
  it.each([
    ['10.0.0.0/24', '10.0.0.255', true],
    ['10.0.0.0/24', '10.0.1.0', false],
    ['0.0.0.0/0', '255.1.2.3', true],
    ['::/0', '10.0.0.1', false],
    ['2001:db8::/127', '2001:db8::1', true],
  ])('%s covers %s: %s', (cidr, address, covered) =>
    expect(covers(parseAddresses(cidr)[0]!, parseNumber(address)!)).toBe(covered),
  );

  it('reads an IPv4-mapped address as IPv4, as Go does', () => {
    expect(formatNumber(parseNumber('::ffff:192.0.2.1')!)).toBe('192.0.2.1');
  });
});
