/** Large answers: how many at once, and how much of each. */
import { expect, test } from 'vitest';
import { Gate, Room } from '../../src/api/room.ts';

test('a room takes items up to the first that does not fit', async () => {
  const room = new Room(20);
  expect(await room.fit(['aaaa', 'bbbb', 'cccc'], 2)).toEqual(['aaaa', 'bbbb']);
  expect(await room.fit(['dddd', 'eeee'], 9)).toEqual(['dddd']);
  expect(await room.fit(['f'], 9)).toEqual([]);
});

test('a gate lets two work (largeAnswers), two wait (largeWaiting), and refuses the fifth', async () => {
  const gate = new Gate(2, 2);
  const works = Array.from({ length: 4 }, () => Promise.withResolvers<number>());
  const started: number[] = [];
  const run = (i: number) =>
    gate.run(() => {
      started.push(i);
      return works[i]!.promise;
    });
  const results = [0, 1, 2, 3].map(run);
  expect(started).toEqual([0, 1]);
  await expect(run(0)).rejects.toMatchObject({ status: 503, code: 'busy' });
  works[1]!.reject(new Error('failed'));
  await expect(results[1]).rejects.toThrow('failed');
  expect(started).toEqual([0, 1, 2]);
  for (const i of [0, 2, 3]) works[i]!.resolve(i);
  expect(await Promise.all([results[0], results[2], results[3]])).toEqual([0, 2, 3]);
});
