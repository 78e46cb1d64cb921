import { expect, test } from 'vitest';
import type { Message } from '../../web/src/model.ts';
import { manyNeighbors, Poller } from '../../web/src/poller.ts';

/** A poller of a collector with `neighbors` neighbors, and the paths that it reads. */
function setUp(neighbors: number) {
  const paths: string[] = [];
  const messages: Message[] = [];
  const get = async <T>(path: string): Promise<T> => {
    paths.push(path);
    return { data: path === '/neighbors' ? Array.from({ length: neighbors }, (_, id) => ({ id })) : {} } as T;
  };
  const poller = new Poller({ get }, (batch) => messages.push(...batch));
  const reads = () => paths.splice(0).filter((path) => path === '/neighbors').length;
  return { poller, messages, reads };
}

test('reads status and summary, but no neighbors without a watcher', async () => {
  const { poller, messages, reads } = setUp(3);
  await poller.refresh();
  expect(messages.map(({ type }) => type)).toEqual(['status', 'summary']);
  expect(reads()).toBe(0);
});

test('reads neighbors immediately for the first watcher, then with every refresh until the last watcher stops', async () => {
  const { poller, reads } = setUp(3);
  const stops = [poller.watchNeighbors(), poller.watchNeighbors()];
  expect(reads()).toBe(1);
  await poller.refresh();
  stops[0]!();
  await poller.refresh();
  expect(reads()).toBe(2);
  stops[1]!();
  await poller.refresh();
  expect(reads()).toBe(0);
});

test('reads many neighbors with every sixth refresh', async () => {
  const { poller, reads } = setUp(manyNeighbors + 1);
  poller.watchNeighbors();
  for (let i = 0; i < 12; i++) await poller.refresh();
  expect(reads()).toBe(3);
});
