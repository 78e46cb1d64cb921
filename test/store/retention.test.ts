import { afterEach, describe, expect, it } from 'vitest';
import { Retention } from '../../src/store/retention.ts';
import { Wire } from '../support/batches.ts';
import { Stored } from '../support/stored.ts';

let store: Stored;
afterEach(() => store.close());

/** A thousand batches, one in ten of which changes something: FRR sends its table again after a change of a route map. */
function history(): void {
  store = new Stored();
  store.apply(new Wire().establish(1, '192.0.2.11').take());
  for (let i = 0; i < 1_000; i++) {
    store.apply(new Wire(2_000 + i).announce(1, [`10.0.0.${Math.floor(i / 10)}/32`]).take());
    store.settle();
  }
}

const slice = (maxBytes: number, now = 1e12) =>
  new Retention(store.db, { maxAgeMs: Number.POSITIVE_INFINITY, maxBytes }, () => now).slice();

describe('history that is too large', () => {
  it('goes from its beginning, and what is left can be resumed from without a hole', () => {
    history();
    expect(slice(1)).toBe(true);
    const { changes, oldest } = store.queries.changes({ since: 0, limit: 10_000 });
    const journal = store.db.prepare('SELECT min(first_seq) FROM journal').pluck().get();
    expect([oldest, journal]).toEqual([201, 201]);
    expect(changes.filter(({ seq }) => seq >= oldest)).toHaveLength(80);
  });

  it('when all of it is gone, nothing older than now can be resumed from', () => {
    history();
    while (slice(1));
    expect(store.queries.changes({ since: 5, limit: 10 }).oldest).toBe(store.rib.seq + 1);
  });

  it('stays while there is room', () => {
    history();
    expect(slice(Number.POSITIVE_INFINITY)).toBe(false);
    expect(store.queries.changes({ since: 0, limit: 10_000 }).oldest).toBe(1);
  });
});
