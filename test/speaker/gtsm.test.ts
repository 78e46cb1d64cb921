/** Runs the filter in a small interpreter against test packets; protection.live.test.ts runs it in the kernel. */
import { expect, test } from 'vitest';
import { type Family, parseAddress, parsePrefix } from '../../src/ip.ts';
import { gtsmFilter, maxInstructions, minTtlFor } from '../../src/speaker/gtsm.ts';
import type { FilterInstruction } from '../../src/speaker/libc.ts';

const netOffset = 0xfff00000;

function run(program: FilterInstruction[], packet: Uint8Array): boolean {
  const view = new DataView(packet.buffer);
  let accumulator = 0;
  for (let at = 0; ; at++) {
    const { code, jt, jf, k } = program[at]!;
    if (code === 0x20) accumulator = view.getUint32(k - netOffset);
    else if (code === 0x30) accumulator = view.getUint8(k - netOffset);
    else if (code === 0x54) accumulator = (accumulator & k) >>> 0;
    else if (code === 0x15) at += accumulator === k ? jt : jf;
    else if (code === 0x35) at += accumulator >= k ? jt : jf;
    else if (code === 0x06) return k !== 0;
    else throw new Error(`code ${code}`);
  }
}

function packet(family: Family, source: string, ttl: number): Uint8Array {
  const bytes = new Uint8Array(40);
  bytes[family === 4 ? 8 : 7] = ttl;
  bytes.set(parseAddress(source)!, family === 4 ? 12 : 8);
  return bytes;
}

const rules = [
  { range: '192.0.2.0/24', minTtl: 255 },
  { range: '192.0.2.7/32', minTtl: 254 },
  { range: '192.0.2.64/26', minTtl: undefined },
  { range: '2001:db8:1::/48', minTtl: 255 },
  { range: '2001:db8:1::7/128', minTtl: undefined },
].map(({ range, minTtl }) => ({ range: parsePrefix(range)!, minTtl }));

test.each<[Family, string, number, boolean]>([
  [4, '192.0.2.1', 255, true],
  [4, '192.0.2.1', 254, false],
  [4, '192.0.2.7', 254, true],
  [4, '192.0.2.7', 253, false],
  [4, '192.0.2.65', 1, true],
  [4, '198.51.100.1', 1, true],
  [6, '2001:db8:1::1', 255, true],
  [6, '2001:db8:1:ffff::1', 64, false],
  [6, '2001:db8:1::7', 64, true],
  [6, '2001:db8:2::1', 64, true],
])('IPv%i from %s with TTL %i passes: %s', (family, source, ttl, passes) => {
  const mine = rules.filter(({ range }) => range.family === family);
  expect(run(gtsmFilter(family, mine)!, packet(family, source, ttl))).toBe(passes);
});

test('rules without a minimum TTL need no filter', () => {
  expect(gtsmFilter(4, [{ range: parsePrefix('192.0.2.0/24')!, minTtl: undefined }])).toBeUndefined();
});

test('rules that exceed one filter are an error, not a shorter filter', () => {
  const many = Array.from({ length: maxInstructions / 4 }, (_, i) => ({
    range: parsePrefix(`10.0.${i >> 8}.${i & 255}/32`)!,
    minTtl: 255,
  }));
  expect(() => gtsmFilter(4, many)).toThrow('too many neighbors');
});

test('one hop needs TTL 255', () => {
  expect([1, 2, 254].map(minTtlFor)).toEqual([255, 254, 2]);
});
