import { expect, test } from 'vitest';
import { Bucket } from '../../src/api/stream/bucket.ts';
import { Turns } from '../../src/api/stream/turns.ts';

const nextTurn = () => new Promise(setImmediate);

/** A step that takes `ms` and wants `count` turns. */
function busy(name: string, count: number, ms: number, log: string[]) {
  let left = count;
  return () => {
    for (const until = performance.now() + ms; performance.now() < until; );
    log.push(name);
    return --left > 0;
  };
}

test('steps run at once while there is time, and in a circle', () => {
  const turns = new Turns(1_000);
  const log: string[] = [];
  turns.run(() => {
    turns.run(busy('a', 2, 0, log));
    turns.run(busy('b', 2, 0, log));
    return false;
  });
  expect(log).toEqual(['a', 'b', 'a', 'b']);
});

test('one budget (sliceMs) holds for all steps of a turn', async () => {
  const turns = new Turns(5);
  const log: string[] = [];
  for (const name of ['a', 'b', 'c']) turns.run(busy(name, 1, 5, log));
  expect(log).toEqual(['a']);
  while (log.length < 3) await nextTurn();
  expect(log).toEqual(['a', 'b', 'c']);
});

test('a step that was dropped does not run', async () => {
  const turns = new Turns(5);
  const log: string[] = [];
  const dropped = busy('b', 1, 0, log);
  turns.run(busy('a', 1, 5, log));
  turns.run(dropped);
  turns.drop(dropped);
  await nextTurn();
  expect(log).toEqual(['a']);
});

test('a bucket lets bursts up to its size pass, and its rate in the long run', () => {
  const bucket = new Bucket({ size: 3, perSecond: 2 }, 0);
  const at = (ms: number, count: number) => Array.from({ length: count }, () => bucket.take(1, ms));
  expect(at(0, 4)).toEqual([true, true, true, false]);
  expect(at(1_000, 3)).toEqual([true, true, false]);
  expect(at(60_000, 4)).toEqual([true, true, true, false]);
});
