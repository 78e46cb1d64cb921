/** What `npm start` does before it starts: install and build when, and only when, something is newer than its result. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

/** Path → when it was written, s. */
type Files = Record<string, number>;

const ready: Files = {
  'package-lock.json': 100,
  'node_modules/.package-lock.json': 200,
  'web/src/main.tsx': 100,
  'web/index.html': 100,
  'web/dist/index.html': 300,
};
const without = (path: string): Files => Object.fromEntries(Object.entries(ready).filter(([name]) => name !== path));

/** A clone with these files; `npm` only writes down what it was asked, and ends with `status`. */
function prepare(files: Files, status = 0): { asked: string[]; status: number | null } {
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
  return { asked: result.stdout.split('\n').filter(Boolean), status: result.status };
}

describe('before the start', () => {
  it.each<[string, Files, string[]]>([
    ['nothing is done when all is there', ready, []],
    ['a fresh clone installs and builds', { 'package-lock.json': 100, 'web/src/main.tsx': 100 }, ['ci', 'run build']],
    ['an interrupted install is done again', without('node_modules/.package-lock.json'), ['ci']],
    [
      'a newer lock file installs, and builds the page with it',
      { ...ready, 'package-lock.json': 400 },
      ['ci', 'run build'],
    ],
    ['a page that is missing is built', without('web/dist/index.html'), ['run build']],
    ['a newer source builds the page', { ...ready, 'web/src/main.tsx': 400 }, ['run build']],
    ['what the build wrote is no source', { ...ready, 'web/dist/assets/main.js': 400 }, []],
  ])('%s', (_, files, asked) => {
    expect(prepare(files)).toEqual({ asked, status: 0 });
  });

  it('a failed install ends it, with what npm ended with', () => {
    expect(prepare({ 'package-lock.json': 100, 'web/src/main.tsx': 100 }, 7)).toEqual({ asked: ['ci'], status: 7 });
  });
});
