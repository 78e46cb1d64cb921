import { expect, it, onTestFinished } from 'vitest';
import { Wire } from '../support/batches.ts';
import { Stored } from '../support/stored.ts';

it('a seq that is larger than an answer is read in pieces, each change once', () => {
  const store = new Stored();
  onTestFinished(() => store.close());
  const prefixes = Array.from({ length: 25 }, (_, i) => `10.0.${i}.0/24`);
  store.apply(new Wire().establish(1, '192.0.2.11').take());
  for (const med of [1, 2]) store.apply(new Wire(2_000 + med).announce(1, prefixes, { med }).take());
  store.settle();
  const whole = store.queries.changes({ since: 0, limit: 100 }).changes;
  const seqs = new Set(whole.map(({ seq }) => seq));

  const read: typeof whole = [];
  let [since, skip, answers] = [0, 0, 0];
  for (let complete = false; !complete; answers++) {
    const answer = store.queries.changes({ since, skip, limit: 10 });
    expect(answer.changes.length).toBeLessThanOrEqual(10);
    read.push(...answer.changes);
    ({ complete, through: since, skip = 0 } = answer);
  }
  expect(read).toEqual(whole);
  expect(read).toHaveLength(50);
  expect(answers).toBeGreaterThan(seqs.size);
});
