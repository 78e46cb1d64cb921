import { describe, expect, test } from 'vitest';
import { Reader, Truncated } from '../../src/wire/reader.ts';
import { Writer } from '../../src/wire/writer.ts';
import { hex } from '../support/hex.ts';

describe('a reader', () => {
  test.each<[string, (reader: Reader) => unknown]>([
    ['an octet behind the end', (reader) => reader.block(0).u8()],
    ['half of two octets', (reader) => reader.block(1).u16()],
    ['three quarters of four octets', (reader) => reader.block(3).u32()],
    ['a block longer than what is left', (reader) => reader.block(5)],
    ['octets of the outer block from the inner one', (reader) => reader.block(2).take(3)],
  ])('does not read %s', (_, read) => {
    expect(() => read(new Reader(hex('01 02 03 04')))).toThrow(Truncated);
  });

  test('stays where it is when there is not enough', () => {
    const reader = new Reader(hex('01 02 03'), 1);
    expect(() => reader.u32()).toThrow(Truncated);
    expect([reader.offset, reader.remaining, reader.u16()]).toEqual([1, 2, 0x0203]);
  });

  test('reads integers without sign', () => {
    const reader = new Reader(hex('ff fffe fffffffd'));
    expect([reader.u8(), reader.u16(), reader.u32()]).toEqual([255, 65534, 4294967293]);
  });
});

test('a writer grows, whatever it is given next', () => {
  const writer = new Writer(1).u8(1).u16(0x0203).u32(0x04050607).octets(new Uint8Array(100).fill(8)).patch16(1, 0xabcd);
  expect(writer.done()).toEqual(Uint8Array.of(1, 0xab, 0xcd, 4, 5, 6, 7, ...new Uint8Array(100).fill(8)));
});
