import { describe, expect, it } from 'vitest';
import { maxHeldChanges, Publisher } from '../../src/collector/publisher.ts';
import { Feed, type FeedFrame } from '../../src/feed.ts';
import { ActionCode, ChangeLog } from '../../src/rib/change-log.ts';

/** A publisher whose clock is turned by hand, and what it published. */
function setUp({ listens = true } = {}) {
  const feed = new Feed();
  const frames: FeedFrame[] = [];
  const listen = () => feed.subscribe((frame) => frames.push(frame));
  if (listens) listen();
  const due: (() => void)[] = [];
  const publisher = new Publisher(feed, (work) => due.push(work));
  return { feed, frames, publisher, listen, tick: () => due.splice(0).forEach((work) => void work()) };
}

function changes(seq: number, count = 1) {
  const log = new ChangeLog();
  for (let i = 0; i < count; i++) log.append(seq, 0, ActionCode.announced, 1, i, 1, 0);
  return log.take();
}

describe('the publisher', () => {
  it('keeps what is not durable, and publishes it merged once it is', () => {
    const { publisher, frames, tick } = setUp();
    publisher.add(1, 1, changes(1), [], []);
    publisher.add(2, 2, changes(2), [], []);
    publisher.add(3, 3, changes(3), [], []);
    tick();
    expect(frames).toEqual([]);
    publisher.committed(2);
    tick();
    expect(frames.map(({ seq, changes }) => [seq, changes.map((change) => change.seq)])).toEqual([[2, [1, 2]]]);
    publisher.committed(3);
    tick();
    expect(frames.map(({ seq }) => seq)).toEqual([2, 3]);
  });

  it('copies: the buffer goes on to the store', () => {
    const { publisher, frames, tick } = setUp();
    const list = changes(1);
    publisher.add(1, 1, list, [], []);
    structuredClone(list.buffer, { transfer: [list.buffer] });
    publisher.committed(1);
    tick();
    expect(frames[0]?.changes).toHaveLength(1);
  });

  it('says nothing when nothing happened', () => {
    const { publisher, frames, tick } = setUp();
    publisher.add(1, 1, changes(1, 0), [], []);
    publisher.committed(1);
    tick();
    expect(frames).toEqual([]);
  });

  it('holds no more than its bound, and names the range that is missing', () => {
    const { publisher, frames, tick } = setUp();
    publisher.add(1, 4, changes(1, maxHeldChanges), [], []);
    publisher.add(5, 9, changes(5, 2), [], []);
    publisher.committed(9);
    tick();
    expect(frames).toMatchObject([{ seq: 9, gap: { from: 5, to: 9 } }]);
  });

  it('whoever starts to listen while a large turn waits for the disk is told of the gap', () => {
    const { publisher, frames, tick, listen } = setUp({ listens: false });
    publisher.add(1, 4, changes(1, 100_000), [], []);
    listen();
    publisher.committed(4);
    tick();
    expect(frames).toMatchObject([{ seq: 4, changes: [], gap: { from: 1, to: 4 } }]);
  });
});
