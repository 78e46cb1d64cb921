/** Work that many clients ask for at once. */
import { expect, test } from 'vitest';
import { ownTurn } from '../../src/api/turn.ts';

test('one piece of work is done in each turn of the event loop', async () => {
  let turns = 0;
  const count = () => {
    turns++;
    if (turns < 100) setImmediate(count);
  };
  setImmediate(count);
  const seen = await Promise.all(Array.from({ length: 5 }, () => ownTurn().then(() => turns)));
  expect(new Set(seen).size).toBe(5);
});
