/** The command `peerglass` in a clone, whatever Node the host has and whatever is installed. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

const command = join(import.meta.dirname, '../src/peerglass.mjs');
const oldNode = ['--import', 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.1.0"})'];
const present = ['--import', 'data:text/javascript,'];

/** A clone with nothing but the command in it, and these files: path → text. */
function cloneWith(files: Record<string, string>): string {
  const clone = mkdtempSync(join(tmpdir(), 'peerglass-command-'));
  onTestFinished(() => rmSync(clone, { recursive: true }));
  cpSync(command, join(clone, 'src/peerglass.mjs'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(clone, path, '..'), { recursive: true });
    writeFileSync(join(clone, path), text, { mode: 0o755 });
  }
  return join(clone, 'src/peerglass.mjs');
}

const ownNode = '#!/bin/sh\necho own Node: "$(basename $1)" $2 $3\nexit 2\n';

describe('peerglass in a clone', () => {
  it.each<[string, string[], Record<string, string>, number, RegExp]>([
    [
      'where nothing is installed says how to',
      present,
      {},
      78,
      /^peerglass: not everything is installed .*npm ci.*\n$/,
    ],
    [
      'where nothing is installed, with an old Node too',
      oldNode,
      {},
      78,
      /^peerglass: not everything is installed .*\n$/,
    ],
    ['after an interrupted install says so too', present, { 'node_modules/a': '' }, 78, /^peerglass: not everything/],
    [
      'uses the installed Node if its own is old',
      oldNode,
      { 'node_modules/.package-lock.json': '', 'node_modules/.bin/node': ownNode },
      2,
      /^own Node: main.mjs check --json\n$/,
    ],
    [
      'without one tells an old Node in one line',
      oldNode,
      { 'node_modules/.package-lock.json': '' },
      78,
      /^peerglass: needs Node 24 or newer, this is 20\.1\.0\n$/,
    ],
    [
      'loads the rest when all is well',
      present,
      { 'node_modules/.package-lock.json': '', 'src/main.mjs': 'console.log(process.argv.slice(2))' },
      0,
      /check.*--json/,
    ],
  ])('%s', (_, node, files, status, output) => {
    const result = spawnSync(process.execPath, [...node, cloneWith(files), 'check', '--json'], { encoding: 'utf8' });
    expect(result.stdout + result.stderr).toMatch(output);
    expect(result.status).toBe(status);
  });
});
