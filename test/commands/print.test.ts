/** Long answers on standard output, at the speed of their reader. */
import { PassThrough, Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { print } from '../../src/commands/print.ts';

/** Pieces of so many characters, and how many were asked for. */
function pieces(count: number, length: number) {
  const made = { count: 0 };
  return {
    made,
    *[Symbol.iterator]() {
      for (; made.count < count; made.count++) yield 'x'.repeat(length);
    },
  };
}

it('makes no more than the reader takes', async () => {
  const out = new PassThrough({ highWaterMark: 1 });
  const all = pieces(10, 64 * 1024);
  const printing = print(all, { out });
  expect(all.made.count).toBe(0);
  let length = 0;
  for (let i = 0; i < 10; i++) {
    expect(all.made.count).toBeLessThanOrEqual(i + 1);
    for await (const chunk of out.iterator({ destroyOnReturn: false })) {
      length += (chunk as Buffer).length;
      break;
    }
  }
  await printing;
  expect(length).toBe(10 * 64 * 1024);
});

it.each([
  ['EPIPE', 'is no error'],
  ['ENOSPC', 'is an error'],
])('%s ends it, and %s', async (code) => {
  const failure = Object.assign(new Error(code), { code });
  const out = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => done(failure) });
  const all = pieces(1_000, 64 * 1024);
  const printing = print(all, { out });
  if (code === 'EPIPE') await printing;
  else await expect(printing).rejects.toThrow(failure);
  expect(all.made.count).toBeLessThan(1_000);
});

it('tells a terminal how far it is', async () => {
  const said: string[] = [];
  const progress = { write: (text: string) => void said.push(text) };
  await print(['x'.repeat(100_000)], { out: new PassThrough().resume(), progress: progress as never });
  expect(said.at(-1)).toBe('\r\x1b[K');
});
