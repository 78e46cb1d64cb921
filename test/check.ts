/**
 * npm run check: format and lint, types, and the unit tests, at the same time. What each says comes out in one piece;
 * the exit code is 1 when one of them fails.
 */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

const colors = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};

async function run(script: string): Promise<boolean> {
  const child = spawn('npm', ['run', '--silent', script], { env: { ...process.env, ...colors }, stdio: 'pipe' });
  const started = performance.now();
  const ended = new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
  const [said, complained, isGood] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  process.stdout.write(`${said}${complained}${isGood ? '✓' : '✗'} ${script} ${seconds} s\n`);
  return isGood;
}

const outcomes = await Promise.all(['lint', 'types', 'unit'].map(run));
process.exitCode = outcomes.every(Boolean) ? 0 : 1;
