import { afterEach, describe, expect, it } from 'vitest';
import { bytesPerTransaction, maxPendingBytes } from '../../src/store/tables.ts';
import { Wire } from '../support/batches.ts';
import { Stored } from '../support/stored.ts';

let store: Stored;
afterEach(() => store.close());

/** An UPDATE of the maximum size (RFC 8654): one route with an unknown attribute of 60,000 octets. */
function large(n: number): Uint8Array {
  const value = new Uint8Array(60_000).fill(255);
  new DataView(value.buffer).setUint32(0, n);
  const attributes = Buffer.concat([
    Buffer.from([0x40, 1, 1, 0, 0x40, 2, 6, 2, 1, 0, 0, 0xfc, 0, 0x40, 3, 4, 192, 0, 2, 11]),
    Buffer.from([0xd0, 99, value.length >> 8, value.length & 255]),
    value,
  ]);
  const body = Buffer.concat([
    Buffer.from([0, 0, attributes.length >> 8, attributes.length & 255]),
    attributes,
    Buffer.from([32, 10, 1, n >> 8, n & 255]),
  ]);
  const length = 19 + body.length;
  return Buffer.concat([Buffer.alloc(16, 255), Buffer.from([length >> 8, length & 255, 2]), body]);
}

function announce(count: number): void {
  for (let n = 0; n < count; n++) store.apply(new Wire(2_000).message(1, large(n)).take());
}

describe('attribute sets of the maximum size', () => {
  it('are written in transactions of bounded size, and are there after a restart', () => {
    store = new Stored();
    store.apply(new Wire().establish(1, '192.0.2.11').take());
    const count = Math.ceil((2.5 * bytesPerTransaction) / 60_000);
    announce(count);
    store.settle();
    expect(store.messages.filter(({ kind }) => kind === 'tables')).toHaveLength(3);
    expect(store.db.prepare('SELECT max(length(other)) FROM attributes').pluck().get()).toBeLessThan(3_000);
    const before = store.inMemory();
    store.crash();
    expect(store.inMemory()).toEqual(before);
    expect(before).toHaveLength(count);
  });

  it('are there after a crash in which only the journal had them', () => {
    store = new Stored();
    store.apply(new Wire().establish(1, '192.0.2.11').take());
    announce(20);
    store.turn();
    store.crash();
    expect(store.inMemory()).toHaveLength(20);
    store.settle();
    expect(store.inTables()).toEqual(store.inMemory());
  });

  it('come before more journal when too many wait', () => {
    store = new Stored();
    store.apply(new Wire().establish(1, '192.0.2.11').take());
    announce(2 * Math.ceil(maxPendingBytes / 60_000));
    const kinds: string[] = [];
    while (store.turn()) kinds.push(store.messages.at(-1)!.kind);
    expect(kinds.lastIndexOf('committed')).toBeGreaterThan(kinds.indexOf('tables'));
  });
});
