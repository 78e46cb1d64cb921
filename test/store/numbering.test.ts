/** Numbers that were published once are never given again. */
import { afterEach, describe, expect, it } from 'vitest';
import { goOn, numbersLeftOut, setWhole } from '../../src/store/numbering.ts';
import { Wire } from '../support/batches.ts';
import { Stored } from '../support/stored.ts';

let store: Stored;
afterEach(() => store.close());

const later = 1_000_000;

/** A run that stores `seq` 1 to 3 and stops, or is killed. */
function run(end: 'stops' | 'is killed'): void {
  store = new Stored();
  goOn(store.db, store.rib.seq, 0);
  store.apply(new Wire().establish(1, '192.0.2.11').announce(1, ['10.0.0.1/32']).take());
  store.settle();
  if (end === 'stops') setWhole(store.db, 1);
  store.db.close();
  store.start();
}

describe('seq', () => {
  it('starts at nothing in a new database', () => {
    store = new Stored();
    expect(goOn(store.db, 0, later)).toEqual({ seq: 0, leftOut: [], gaps: [] });
  });

  it('goes on with the next number after a run that stopped', () => {
    run('stops');
    const { seq } = store.rib;
    expect(seq).toBeGreaterThan(0);
    expect(goOn(store.db, seq, later)).toEqual({ seq, leftOut: [], gaps: [] });
  });

  it('goes on far behind after a run that was killed, and its end is a range of its own', () => {
    run('is killed');
    const { seq } = store.rib;
    expect(goOn(store.db, seq, later)).toEqual({
      seq: seq + numbersLeftOut,
      leftOut: [{ from: seq + 1, to: seq + numbersLeftOut }],
      gaps: [],
    });
    // and the next start knows of it, although nothing was stored since
    setWhole(store.db, 1);
    store.db.close();
    store.start();
    expect(store.rib.seq).toBe(seq + numbersLeftOut);
  });

  it('keeps what the journal lacks since earlier runs', () => {
    run('stops');
    store.db.prepare("INSERT INTO gaps VALUES (2, 2, 7000, 'SQLITE_FULL')").run();
    expect(goOn(store.db, store.rib.seq, later).gaps).toEqual([{ from: 2, to: 2, at: 7, reason: 'SQLITE_FULL' }]);
  });
});
