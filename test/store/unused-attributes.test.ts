import { afterEach, describe, expect, it } from 'vitest';
import { dropUnusedAttributes } from '../../src/store/unused-attributes.ts';
import { Wire } from '../support/batches.ts';
import { Stored } from '../support/stored.ts';

let store: Stored;
afterEach(() => store.close());

const stored = (): number[] => store.db.prepare('SELECT id FROM attributes ORDER BY id').pluck().all() as number[];
const wire = new Wire();
const announce = (med: number): void => {
  store.apply(wire.announce(1, ['10.0.0.1/32'], { med }).take());
  store.settle();
};

/** A route whose attributes changed five times; the first three changes are history that went. */
function setUp(): void {
  store = new Stored();
  store.apply(wire.establish(1, '192.0.2.11').take());
  for (let med = 0; med < 5; med++) announce(med);
  store.db.exec(
    'DELETE FROM changes WHERE first_seq IN (SELECT first_seq FROM changes ORDER BY first_seq LIMIT 3); DELETE FROM journal',
  );
}

describe('attribute sets that nothing speaks of', () => {
  it('go, and those of routes and of changes that are left stay', () => {
    setUp();
    expect(stored()).toEqual([0, 1, 2, 3, 4]);
    // the change to 3 has 2 as what was before it
    expect(dropUnusedAttributes(store.db, 1)).toBe(2);
    expect(stored()).toEqual([2, 3, 4]);
  });

  it('stay while they are few', () => {
    setUp();
    expect(dropUnusedAttributes(store.db)).toBe(0);
  });

  it('leave their ids to nobody after a restart, and come back under new ones', () => {
    setUp();
    dropUnusedAttributes(store.db, 1);
    store.db.close();
    store.start();
    expect([...store.view.exact('10.0.0.1/32')].map((route) => store.view.json(route).med)).toEqual([4]);
    store.apply(wire.establish(2, '192.0.2.11').announce(2, ['10.0.0.1/32'], { med: 0 }).take());
    store.settle();
    expect(stored()).toEqual([2, 3, 4, 5]);
    expect([...store.view.exact('10.0.0.1/32')].map((route) => store.view.json(route).med)).toEqual([0]);
  });
});
