import { describe, expect, it } from 'vitest';
import { HistoryQueue, maxWaitingHistory, maxWaitingHistoryBytes } from '../../src/collector/history-queue.ts';
import type { HistoryCommand, ObjectState } from '../../src/store/history.ts';
import { maxPieceBytes, maxPieceRows } from '../../src/store/messages.ts';

const states = (count: number, length: number): ObjectState[] =>
  Array.from({ length: count }, (_, i) => ({ kind: 'Service', key: `default/${i}`, content: 'x'.repeat(length) }));
const objects = (some: ObjectState[]): HistoryCommand => ({ kind: 'objects', changes: [], states: some });
const set = (id: number, prefixesOf: number[]): HistoryCommand => ({
  kind: 'expectation-changes',
  set: {
    ...{ id, at: 1, occasion: 'change', objects: [], moreObjects: 0, unrecordedPrefixes: 0 },
    differences: prefixesOf.map((count) => ({
      difference: { action: 'expected', fields: [], sessions: { count: 0, blocks: [] } },
      prefixes: Array.from({ length: count }, (_, i) => `10.0.${i >> 8}.${i & 255}/32`),
    })),
  },
});
const queueOf = (...commands: HistoryCommand[]): HistoryQueue => {
  const queue = new HistoryQueue(() => {});
  for (const command of commands) queue.add(command);
  return queue;
};
function taken(queue: HistoryQueue): HistoryCommand[] {
  const pieces: HistoryCommand[] = [];
  for (let piece = queue.take(); piece; piece = queue.take()) pieces.push(piece);
  return pieces;
}

describe('history comes to the store in pieces', () => {
  it.each<[string, HistoryCommand, number]>([
    ['of many objects', objects(states(maxPieceRows + 1, 1)), 2],
    ['of large objects', objects(states(3, maxPieceBytes)), 3],
    ['of held objects first', { kind: 'objects', changes: [], states: states(1, 1), hold: 'begin' }, 2],
    ['of differences with many prefixes', set(1, [maxPieceRows, maxPieceRows, 1]), 3],
    ['of a set without differences', set(1, []), 1],
  ])('%s', (_, command, pieces) => {
    const queue = queueOf(command);
    expect(taken(queue)).toHaveLength(pieces);
    expect(queue.isBusy).toBe(false);
  });

  it('in order', () => {
    const pieces = taken(queueOf(set(1, [1]), objects(states(1, 1)), set(2, [1])));
    expect(pieces.map(({ kind }) => kind)).toEqual(['expectation-changes', 'objects', 'expectation-changes']);
  });
});

describe('history that the store does not take', () => {
  it('is bounded in commands: the oldest go', () => {
    const many = Array.from({ length: maxWaitingHistory + 10 }, (_, i) => set(i, [1]));
    expect(taken(queueOf(...many))[0]).toMatchObject({ set: { id: 10 } });
  });

  it('is bounded in octets: the oldest go', () => {
    const large = states(1, maxWaitingHistoryBytes / 2);
    expect(taken(queueOf(set(1, [1]), objects(large), objects(large), objects(large)))).toHaveLength(2);
  });
});
