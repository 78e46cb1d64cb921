import { describe, expect, it } from 'vitest';
import { FeedPublisher, maxFrameChanges, maxHeldChanges, maxHeldVerdicts } from '../../src/collector/publisher.ts';
import { Feed, type FeedFrame } from '../../src/feed.ts';
import { ActionCode, ChangeLog } from '../../src/rib/change-log.ts';
import { verdict } from '../support/fake-views.ts';

/** A publisher whose clock is turned by hand, and what it published. */
function setUp({ listens = true, bounds = { frameChanges: maxFrameChanges, heldVerdicts: maxHeldVerdicts } } = {}) {
  const feed = new Feed();
  const frames: FeedFrame[] = [];
  const listen = () => feed.subscribe((frame) => void frames.push(frame));
  if (listens) listen();
  const due: (() => void)[] = [];
  const publisher = new FeedPublisher(feed, (work) => due.push(work), bounds);
  return { feed, frames, publisher, listen, tick: () => due.splice(0).forEach((work) => void work()) };
}

function changes(seq: number, count = 1) {
  const log = new ChangeLog();
  for (let i = 0; i < count; i++) log.append(seq, 0, ActionCode.announced, 1, i, 1, 0);
  return log.take();
}

const verdictChange = { from: null, to: 'ok' as const, verdict: verdict() };

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
    while (frames.at(-1)?.seq !== 9) tick();
    expect(frames.at(-1)?.gap).toEqual({ from: 5, to: 9 });
    expect(frames.flatMap(({ changes }) => changes)).toHaveLength(maxHeldChanges);
  });

  it('publishes in frames of a bounded size, and tears a seq that is larger', () => {
    const { publisher, frames, tick } = setUp({ bounds: { frameChanges: 3, heldVerdicts: 9 } });
    publisher.add(1, 1, changes(1, 2), [], []);
    publisher.add(2, 2, changes(2, 5), [], [verdictChange, verdictChange]);
    publisher.committed(2);
    while (frames.at(-1)?.seq !== 2) tick();
    expect(frames.map(({ seq, changes, verdicts }) => [seq, changes.map((one) => one.seq), verdicts.length])).toEqual([
      [1, [1, 1, 2], 0],
      [1, [2, 2, 2], 0],
      [2, [2], 2],
    ]);
  });

  it('waits until the listeners have taken the frame before', async () => {
    const { feed, publisher, frames, tick } = setUp({ bounds: { frameChanges: 1, heldVerdicts: 9 } });
    const taken = Promise.withResolvers<void>();
    feed.subscribe(() => taken.promise);
    publisher.add(1, 2, changes(1, 2), [], []);
    publisher.committed(2);
    tick();
    tick();
    expect(frames).toHaveLength(1);
    taken.resolve();
    await taken.promise;
    await new Promise(setImmediate);
    tick();
    expect(frames).toHaveLength(2);
  });

  it('holds no more changes of verdicts than its bound, and names the range that is lost', () => {
    const { publisher, frames, tick } = setUp({ bounds: { frameChanges: 9, heldVerdicts: 2 } });
    publisher.add(1, 1, undefined, [], [verdictChange, verdictChange]);
    for (let seq = 2; seq <= 1_000; seq++) publisher.add(seq, seq, undefined, [], [verdictChange]);
    publisher.committed(1_000);
    tick();
    expect(frames).toMatchObject([{ seq: 1_000, verdicts: [{}, {}], lostVerdicts: { from: 2, to: 1_000 } }]);
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
