/** What failed transactions owe of neighbors and sessions. */
import { expect, it } from 'vitest';
import { packNews } from '../../src/store/messages.ts';
import { maxOwedEvents, Owed } from '../../src/store/owed.ts';

it('keeps the newest maxOwedEvents session events', () => {
  const owed = new Owed();
  const event = (seq: number) => ({ seq, kind: 'established' }) as never;
  for (const first of [0, maxOwedEvents / 2])
    owed.add(
      packNews({
        neighbors: [],
        forgotten: [],
        events: Array.from({ length: maxOwedEvents }, (_, i) => event(first + i)),
      }),
    );
  const { events } = owed.news;
  expect([events.length, events[0]!.seq, events.at(-1)!.seq]).toEqual([
    maxOwedEvents,
    maxOwedEvents / 2,
    1.5 * maxOwedEvents - 1,
  ]);
});
