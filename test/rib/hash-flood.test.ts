import { describe, expect, it } from 'vitest';
import { AttributeTable } from '../../src/rib/attribute-table.ts';
import { HashIndex, maxProbes } from '../../src/rib/hash-index.ts';
import { BlockHash, type NewKey, NlriHash, randomKey } from '../../src/rib/keyed-hash.ts';
import { NlriTable } from '../../src/rib/nlri-table.ts';

/** A key that the attacker knows; all later ones are random. */
function leakedKey(): { newKey: NewKey; keys: () => number } {
  let keys = 0;
  const newKey: NewKey = (words) =>
    keys++ === 0 ? Uint32Array.from({ length: words }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 7) : randomKey(words);
  return { newKey, keys: () => keys };
}

/** The mixing of earlier versions, for which colliding prefixes are easy to write down. */
function oldMix(value: number): number {
  let h = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35);
  return h ^ (h >>> 13);
}

type Key = [address: number[], pathId: number];
const word = (value: number): number[] => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
const count = 10_000;
const floods: [string, (i: number) => Key][] = [
  [
    'IPv6 hosts with equal hashes in earlier versions',
    (i) => [
      [
        ...word(0x20010db8),
        ...word(i),
        ...word(0),
        ...word((oldMix(oldMix(oldMix(0x20010db8) ^ i)) ^ 0xdeadbeef) >>> 0),
      ],
      0,
    ],
  ],
  ['path identifiers of one prefix', (i) => [word(0xc0000201), i + 1]],
  ['path identifiers that differ in their high bits', (i) => [word(0xc0000201), (i << 16) >>> 0]],
  ['hosts in order', (i) => [word(0x0a000000 + i), 0]],
  ['hosts that differ in their high bits', (i) => [word((i << 16) >>> 0), 0]],
  ['IPv6 hosts that differ in their first word', (i) => [[...word(i), ...word(0), ...word(0), ...word(1)], 0]],
];

function internAll(table: NlriTable, keys: readonly Key[]): number[] {
  return keys.map(([octets, pathId]) =>
    octets.length === 4
      ? table.ipv4(new DataView(Uint8Array.from(octets).buffer).getUint32(0), 32, pathId, true)
      : table.ipv6(Uint8Array.from(octets), 0, 128, pathId, true),
  );
}

describe('chosen prefixes', () => {
  it.each(floods)('%s: probes stay short, so the key is never changed', (_, key) => {
    let keys = 0;
    const table = new NlriTable((words) => {
      keys++;
      return randomKey(words);
    });
    const flood = Array.from({ length: count }, (_, i) => key(i));
    const ids = internAll(table, flood);
    expect(ids).toEqual(Array.from({ length: count }, (_, i) => i));
    expect(internAll(table, flood)).toEqual(ids);
    expect(keys).toBe(1);
  });

  it('with equal hashes under a key that leaked: the table takes another key and knows them all', () => {
    const { newKey, keys } = leakedKey();
    const table = new NlriTable(newKey);
    const hash = new NlriHash(leakedKey().newKey);
    const bucket = 1 << 10;
    const flood: Key[] = [];
    for (let i = 0; flood.length < maxProbes * 2; i++)
      if (hash.ofIpv4(i, 32, 0) % bucket === 7) flood.push([word(i), 0]);
    const ids = internAll(table, flood);
    expect(keys()).toBe(2);
    expect(internAll(table, flood)).toEqual(ids);
    expect(new Set(ids).size).toBe(flood.length);
  });
});

describe('chosen attribute sets', () => {
  const blockOf = (i: number): Uint8Array => Uint8Array.of(64, 1, 1, 0, 0x80, 4, 4, ...word(i));

  it('with equal hashes under a key that leaked: the table takes another key and knows them all', () => {
    const { newKey, keys } = leakedKey();
    const table = new AttributeTable(newKey);
    const hash = new BlockHash(leakedKey().newKey);
    const flood: Uint8Array[] = [];
    for (let i = 0; flood.length < maxProbes + 50; i++)
      if (hash.of(blockOf(i), 0, 11) % 1024 === 7) flood.push(blockOf(i));
    const intern = () => flood.map((block) => table.intern(block, 0, block.length));
    const ids = intern();
    expect(keys()).toBe(2);
    expect(intern()).toEqual(ids);
    expect(flood.map((block, i) => Buffer.compare(table.bytes(ids[i]!), block))).toEqual(flood.map(() => 0));
  });

  it('hash as HalfSipHash-1-3 does, whatever their place in a buffer', () => {
    const hash = new BlockHash(() => Uint32Array.of(0x03020100, 0x07060504));
    const octets = Uint8Array.from({ length: 64 }, (_, i) => i);
    const padded = Uint8Array.of(9, 9, 9, ...octets);
    for (const length of [0, 1, 3, 4, 5, 8, 63])
      expect(hash.of(padded, 3, 3 + length)).toBe(hash.of(octets.slice(0, length), 0, length));
    expect(new Set([0, 1, 3, 4, 5, 8, 63].map((length) => hash.of(octets, 0, length))).size).toBe(7);
  });
});

it('an index from which most was deleted still finds the rest, and is smaller', () => {
  const index = new HashIndex();
  const hashOf = (id: number): number => Math.imul(id, 0x9e3779b1) >>> (id % 3);
  for (let id = 0; id < 5_000; id++) index.add(hashOf(id), id);
  for (let id = 0; id < 5_000; id++) if (id % 50 !== 0) index.delete(hashOf(id), id);
  const found: number[] = [];
  for (let id = 0; id < 5_000; id++) {
    const hash = hashOf(id);
    for (let slot = index.find(hash); slot >= 0; slot = index.find(hash, slot))
      if (index.id(slot) === id) found.push(id);
  }
  expect(found).toEqual(Array.from({ length: 100 }, (_, i) => i * 50));
  expect(index.count).toBe(100);
});
