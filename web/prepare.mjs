/**
 * Makes a clone ready to run: dependencies as the lock file has them, the page as its sources have it. Quick when
 * nothing changed. Plain JavaScript that imports nothing: it is what runs before anything is installed.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));
const lock = 'package-lock.json';

// npm writes this last: an install that was interrupted has none
if (modified(lock) > modified('node_modules/.package-lock.json')) npm('ci');
// vite writes this last, too; the lock file stands for the libraries in the page
if (Math.max(modified(lock), ...pageSources().map(modified)) > modified('web/dist/index.html')) npm('run', 'build');

/** @returns {string[]} files and folders; a folder is modified when something in it comes or goes */
function pageSources() {
  return readdirSync(join(project, 'web'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name !== 'dist' && !name.startsWith('dist/'))
    .map((name) => join('web', name));
}

/**
 * @param {string} path
 * @returns {number} epoch ms; long ago when there is no such file
 */
function modified(path) {
  return statSync(join(project, path), { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY;
}

/** @param {string[]} words */
function npm(...words) {
  const { status, error } = spawnSync('npm', words, { cwd: project, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
