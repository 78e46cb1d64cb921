/**
 * The README's first command, in a clone that has nothing installed and with the Node that the host has: it brings
 * its own, builds the page and runs.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Child, start } from '../support/processes.ts';
import { until } from '../support/wait.ts';

const project = join(import.meta.dirname, '../..');
const installTimeout = 5 * 60_000;
const clone = mkdtempSync(join(tmpdir(), 'peerglass-clone-'));
let npm: Child | undefined;

beforeAll(() => {
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: project, encoding: 'utf8' }).split('\0').filter(Boolean);
  for (const file of files) cpSync(join(project, file), join(clone, file), { recursive: true });
});

afterAll(async () => {
  await npm?.stop();
  rmSync(clone, { recursive: true, force: true });
});

it(
  'npm start alone installs, builds and runs the collector on its embedded defaults',
  async () => {
    // in the host's network, for npm ci: other ports than the defaults, which somebody may have
    npm = start(['npm', 'start'], {
      cwd: clone,
      env: { ...hostEnvironment(), PEERGLASS_BGP_LISTEN: '127.0.0.1:0', PEERGLASS_HTTP_LISTEN: '127.0.0.1:0' },
    });
    const url = await until(
      'it says where the page is',
      () => /Peerglass \S+: (http:\/\/[\d.:]+)/.exec(npm!.log())?.[1],
      {
        timeout: installTimeout,
        context: () => npm!.log(),
      },
    );
    await until('it is ready', async () => (await fetch(`${url}/readyz`)).ok);
    expect(await (await fetch(url)).text()).toContain('<script');
    expect(readdirSync(join(clone, 'data'))).toContain('peerglass.db');
    expect((await npm.stop()).code).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  },
  installTimeout + 60_000,
);

it('npx peerglass works there from then on, with the Node that the host has', async () => {
  const npx = start(['npx', 'peerglass', 'config', 'reference'], { cwd: clone, env: hostEnvironment() });
  expect(await npx.exited).toEqual({ code: 0, signal: null });
  expect(npx.log()).toContain('bgp:');
});

/** Without what npm adds for scripts: node_modules/.bin and its variables. */
function hostEnvironment(): NodeJS.ProcessEnv {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_ENV$|NODE_OPTIONS$)/i.test(name));
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter) };
}
