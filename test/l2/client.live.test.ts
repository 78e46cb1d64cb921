import { describe, expect, it } from 'vitest';
import { startL2 } from '../../src/l2/client.ts';
import type { WatchCommand, WatchMessage } from '../../src/l2/messages.ts';

const watch = (name: string): WatchCommand => ({ kind: 'watch', interfaces: [name], probes: [], intervalMs: null });

/** A client and its messages: `next` waits for a message of a kind. */
function start(options: { singleThread?: boolean; thread?: URL }) {
  const said: WatchMessage[] = [];
  let wake = (): void => {};
  const client = startL2({
    ...options,
    onMessage(message) {
      said.push(message);
      wake();
    },
  });
  const next = async (kind: WatchMessage['kind']): Promise<WatchMessage> => {
    for (;;) {
      const at = said.findIndex((message) => message.kind === kind);
      if (at >= 0) return said.splice(0, at + 1).at(-1)!;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return { client, next };
}

describe.each([{ singleThread: false }, { singleThread: true }])('the watcher with %o', (options) => {
  it('reports the interfaces and what it can receive', async () => {
    const { client, next } = start(options);
    await next('interfaces');
    client.post(watch('nowhere0'));
    expect(await next('hearing')).toMatchObject({
      hearing: [
        { name: 'nowhere0', listens: 'nothing', text: expect.stringContaining('Interface nowhere0 is missing') },
      ],
    });
    await client.stop();
  });
});

it('a thread that dies is restarted with the last command', async () => {
  const { client, next } = start({ thread: new URL('./crashing-thread.ts', import.meta.url) });
  client.post(watch('crash'));
  expect(await next('failed')).toEqual({ kind: 'failed', text: 'layer-2 thread died: a fault' });
  client.post(watch('nowhere0'));
  await next('interfaces');
  expect(await next('hearing')).toMatchObject({ hearing: [{ name: 'nowhere0' }] });
  await client.stop();
});
