import { expect, test, vi } from 'vitest';
import { Cutter, type KeyedMessage, MessageBatch } from '../../src/api/stream/batch.ts';
import { coalesced } from '../../src/api/stream/coalesced.ts';

vi.mock('../../src/api/limits.ts', async (original) => {
  const { limits } = await original<typeof import('../../src/api/limits.ts')>();
  return { limits: { ...limits, batchMessages: 3, batchBytes: 100 } };
});

const message = (seq: number, text = `"ü${seq}"`, key = `k${seq}`): KeyedMessage => ({ seq, key, text });
const cutter = () => new Cutter((messages, seq) => new MessageBatch(messages, { seq }));

/** The seqs of each batch, and where a client may resume behind it. */
function cut(messages: KeyedMessage[]): [number[], number | null][] {
  const it = cutter();
  const batches = [...messages.map((one) => it.add(one)), it.end()].filter((one) => one !== undefined);
  return batches.map(({ seqs, seq }) => [[...seqs], seq]);
}

const cases: [string, number[], [number[], number | null][]][] = [
  ['what fits in one', [1, 2, 3], [[[1, 2, 3], 3]]],
  [
    'between two seqs',
    [1, 2, 3, 4],
    [
      [[1, 2, 3], 3],
      [[4], 4],
    ],
  ],
  [
    'before a seq that does not fit any more',
    [1, 2, 3, 3, 4],
    [
      [[1, 2], 2],
      [[3, 3, 4], 4],
    ],
  ],
  [
    'in the middle of a seq that is larger than a batch',
    [1, 2, 2, 2, 2, 3],
    [
      [[1], 1],
      [[2, 2, 2], null],
      [[2, 3], 3],
    ],
  ],
];
test.each(cases)('cuts %s', (_, seqs, expected) => {
  expect(cut(seqs.map((seq) => message(seq)))).toEqual(expected);
});

test('cuts before a batch has too many octets', () => {
  const long = `"${'x'.repeat(60)}"`;
  expect(cut([message(1, long), message(2, long)])).toEqual([
    [[1], 1],
    [[2], 2],
  ]);
});

test('gives each message back, whatever characters it has', () => {
  const messages = [message(1), message(2, '"日本"'), message(3)];
  const batch = new MessageBatch(messages, { seq: 3 });
  expect(batch.buffer?.toString()).toBe('["ü1","日本","ü3"]');
  expect([0, 1, 2].map((i) => batch.message(i))).toEqual(messages);
  expect(new MessageBatch([message(1)], { seq: 1 }).message(0)).toEqual(message(1));
});

test('coalesces batches once for all that wait for the same', () => {
  const batches = [1, 2, 3].map(
    (seq) => new MessageBatch([message(seq, `${seq}`, 'same'), message(seq, `${seq}0`)], { seq }),
  );
  const first = coalesced(batches);
  expect(first.map(({ buffer }) => String(buffer))).toEqual(['[10,20]', '[3,30]']);
  expect(coalesced([...batches])).toBe(first);
  expect(coalesced(batches.slice(1))).not.toBe(first);
});
