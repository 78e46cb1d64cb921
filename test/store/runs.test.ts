import { describe, expect, it } from 'vitest';
import { Feed } from '../../src/feed.ts';
import { openDatabase } from '../../src/store/database.ts';
import { startRun } from '../../src/store/runs.ts';

const newDatabase = () => openDatabase(':memory:');

describe('the runs of a database', () => {
  it('continue from one another', () => {
    const db = newDatabase();
    const first = startRun(db, 0, 1);
    const second = startRun(db, 100, 2);
    const feed = new Feed(startRun(db, 250, 3));
    const positions: [string, number, boolean][] = [
      [first.current, 100, true],
      [first.current, 101, false],
      [second.current, 7, true],
      [second.current, 251, false],
      [feed.epoch, 999, true],
      ['0000000000000000', 1, false],
    ];
    for (const [epoch, seq, continues] of positions) expect(feed.continues(epoch, seq)).toBe(continues);
  });

  it('are unknown to another database, and to a copy from before them', () => {
    const [db, other] = [newDatabase(), newDatabase()];
    const { current: before } = startRun(db, 0, 1);
    const copy = openDatabase(db.serialize() as never);
    const { current: after } = startRun(db, 100, 2);
    const restored = new Feed(startRun(copy, 60, 3));
    expect(restored.continues(before, 60)).toBe(true);
    expect(restored.continues(before, 61)).toBe(false);
    expect(restored.continues(after, 1)).toBe(false);
    expect(new Feed(startRun(other, 0, 1)).continues(before, 1)).toBe(false);
  });

  it('are forgotten beyond maxRuns', () => {
    const db = newDatabase();
    const epochs = Array.from({ length: 5 }, (_, i) => startRun(db, i, i, 3).current);
    const { earlier } = startRun(db, 5, 5, 3);
    expect([...earlier.keys()]).toEqual(epochs.slice(3));
  });
});
