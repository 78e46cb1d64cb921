/** `npm start` first installs and builds if something is newer than its result, and only then. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

/** Path → modification time, s. */
type Files = Record<string, number>;

const ready: Files = {
  'package-lock.json': 100,
  'node_modules/.package-lock.json': 200,
  'web/src/main.tsx': 100,
  'web/index.html': 100,
  'web/dist/index.html': 300,
};
const without = (path: string): Files => Object.fromEntries(Object.entries(ready).filter(([name]) => name !== path));

/** A clone with these files; its `npm` only records its arguments and exits with `status`. */
function prepare(files: Files, status = 0): { calls: string[]; status: number | null } {
  const clone = mkdtempSync(join(tmpdir(), 'peerglass-prepare-'));
  onTestFinished(() => rmSync(clone, { recursive: true }));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(clone, path)), { recursive: true });
    writeFileSync(join(clone, path), text, { mode: 0o755 });
  };
  write('bin/npm', `#!/bin/sh\necho "$@"\nexit ${status}\n`);
  for (const path of Object.keys(files)) write(path, '');
  cpSync(join(import.meta.dirname, '../../web/prepare.mjs'), join(clone, 'web/prepare.mjs'));
  const folders = ['web/src', 'web/prepare.mjs'];
  for (const [path, at] of [...Object.entries(files), ...folders.map((path): [string, number] => [path, 100])])
    utimesSync(join(clone, path), at, at);
  const result = spawnSync(process.execPath, [join(clone, 'web/prepare.mjs')], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${join(clone, 'bin')}:${process.env['PATH']}` },
  });
  expect(result.stderr).toBe('');
  return { calls: result.stdout.split('\n').filter(Boolean), status: result.status };
}

describe('before the start', () => {
  it.each<[string, Files, string[]]>([
    ['does nothing if everything is current', ready, []],
    [
      'installs and builds in a fresh clone',
      { 'package-lock.json': 100, 'web/src/main.tsx': 100 },
      ['ci', 'run build'],
    ],
    ['repeats an interrupted install', without('node_modules/.package-lock.json'), ['ci']],
    ['installs and builds for a newer lock file', { ...ready, 'package-lock.json': 400 }, ['ci', 'run build']],
    ['builds a missing page', without('web/dist/index.html'), ['run build']],
    ['builds the page for a newer source', { ...ready, 'web/src/main.tsx': 400 }, ['run build']],
    ['ignores files that the build wrote', { ...ready, 'web/dist/assets/main.js': 400 }, []],
  ])('%s', (_, files, calls) => {
    expect(prepare(files)).toEqual({ calls, status: 0 });
  });

  it('ends with the exit code of a failed install', () => {
    expect(prepare({ 'package-lock.json': 100, 'web/src/main.tsx': 100 }, 7)).toEqual({ calls: ['ci'], status: 7 });
  });
});
