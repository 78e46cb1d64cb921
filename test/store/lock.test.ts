import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFolder } from '../../src/store/lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerglass-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const module = join(import.meta.dirname, '../../src/store/lock.ts');
/** Tries to take the folder from a process of its own, which then dies without giving it back. */
const fromElsewhere = () =>
  spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `const { lockFolder } = await import(${JSON.stringify(module)}); lockFolder(${JSON.stringify(folder)}); process.kill(process.pid, 'SIGKILL')`,
    ],
    { encoding: 'utf8', timeout: 15_000 },
  );

describe('the data folder', () => {
  it('belongs to one process, and the next one is told whose it is', () => {
    const lock = lockFolder(folder, 4711);
    expect(() => lockFolder(folder)).toThrow(`${folder} is in use by another Peerglass (pid 4711)`);
    expect(fromElsewhere().stderr).toContain('is in use by another Peerglass (pid 4711)');
    lock.release();
    lockFolder(folder).release();
  });

  it('is free again when its owner was killed', () => {
    expect(fromElsewhere().signal).toBe('SIGKILL');
    lockFolder(folder).release();
  });
});
