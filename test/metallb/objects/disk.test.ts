import { describe, expect, it } from 'vitest';
import { Disk, maxHangingCalls } from '../../../src/metallb/objects/disk.ts';

/** Calls that return when they are told to. */
class Calls {
  readonly #pending = new Map<string, (value: string) => void>();
  readonly disk = new Disk(1);

  hang(path: string, release?: (late: string) => void): Promise<string> {
    return this.disk.call(path, () => new Promise((resolve) => this.#pending.set(path, resolve)), release);
  }
  end = (path: string): void => this.#pending.get(path)!('late');
  ask = (path: string): Promise<string> => this.disk.call(path, async () => 'there');
}

describe('a call that does not return within maxCallTime', () => {
  it('is given up after its time; its path is left alone until it returns', async () => {
    const calls = new Calls();
    const late = Promise.withResolvers<string>();
    await expect(calls.hang('/nfs/a', late.resolve)).rejects.toThrow('has not answered within 0.001 s');
    await expect(calls.ask('/nfs/a')).rejects.toThrow('has not answered within 0.001 s');
    await expect(calls.ask('/nfs/a/below')).rejects.toThrow('has not answered');
    expect(await calls.ask('/nfs/b')).toBe('there');
    expect(calls.disk.isHanging).toBe(true);
    calls.end('/nfs/a');
    expect(await late.promise).toBe('late');
    await expect.poll(() => calls.disk.isHanging).toBe(false);
    expect(await calls.ask('/nfs/a')).toBe('there');
  });

  it('takes its folder along when it is the second one there', async () => {
    const calls = new Calls();
    for (const path of ['/nfs/a', '/nfs/b']) await expect(calls.hang(path)).rejects.toThrow();
    await expect(calls.ask('/nfs/c')).rejects.toThrow('other files of this folder do not answer');
    expect(await calls.ask('/etc/c')).toBe('there');
  });

  it('is the last one when the pool of threads has no more to spare', async () => {
    const calls = new Calls();
    for (let i = 0; i < maxHangingCalls; i++) await expect(calls.hang(`/nfs${i}/a`)).rejects.toThrow();
    await expect(calls.ask('/etc/c')).rejects.toThrow(`${maxHangingCalls} other files do not answer`);
  });
});
