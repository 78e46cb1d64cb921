import { expect, it, onTestFinished } from 'vitest';
import { Wire } from '../support/batches.ts';
import { Stored } from '../support/stored.ts';

it.each([
  ['oldest first', false],
  ['newest first', true],
])('a seq larger than an answer is read in pieces, each change once, %s', (_, reverse) => {
  const store = new Stored();
  onTestFinished(() => store.close());
  const prefixes = Array.from({ length: 25 }, (_, i) => `10.0.${i}.0/24`);
  store.apply(new Wire().establish(1, '192.0.2.11').take());
  for (const med of [1, 2]) store.apply(new Wire(2_000 + med).announce(1, prefixes, { med }).take());
  store.settle();
  const whole = store.queries.changes({ since: 0, limit: 100, reverse }).changes;
  const seqs = new Set(whole.map(({ seq }) => seq));

  const read: typeof whole = [];
  let [position, skip, answers] = [reverse ? store.rib.seq : 0, 0, 0];
  for (let complete = false; !complete; answers++) {
    const place = reverse ? { since: 0, until: position } : { since: position };
    const answer = store.queries.changes({ ...place, skip, limit: 10, reverse });
    expect(answer.changes.length).toBeLessThanOrEqual(10);
    read.push(...answer.changes);
    ({ complete, through: position, skip } = answer);
  }
  expect(read).toEqual(whole);
  expect(read).toHaveLength(50);
  expect(answers).toBeGreaterThan(seqs.size);
});
