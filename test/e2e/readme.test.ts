/** What the README tells people to write works as it stands there. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { ownNetwork } from '../support/netns.ts';
import { run, start } from '../support/processes.ts';
import { Product } from '../support/product.ts';
import { until } from '../support/wait.ts';

const project = join(import.meta.dirname, '../..');
const readme = readFileSync(join(project, 'README.md'), 'utf8');
const main = join(project, 'src/main.mjs');
const folder = mkdtempSync(join(tmpdir(), 'peerglass-readme-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(() => ownNetwork());

/** The one fenced block that contains `text`. */
function snippet(text: string): string {
  const blocks = [...readme.matchAll(/^```\w*\n(.*?)^```/gms)]
    .map(([, block]) => block!)
    .filter((block) => block.includes(text));
  expect(blocks, text).toHaveLength(1);
  return blocks[0]!;
}

it('FRR with the lines of the README peers with the embedded defaults', async () => {
  const product = await Product.start();
  onTestFinished(() => product.remove());
  const file = join(folder, 'bgpd.conf');
  writeFileSync(file, snippet('router bgp 64512'));
  const bgpd = start([
    '/usr/lib/frr/bgpd',
    '-Z',
    '-S',
    '-f',
    file,
    '-i',
    join(folder, 'bgpd.pid'),
    '--vty_socket',
    folder,
    '-P',
    '0',
    '-p',
    '0',
  ]);
  onTestFinished(async () => void (await bgpd.stop()));
  const [route] = await until(
    'the route is received',
    async () => {
      const routes = await product.routes();
      return routes.length > 0 && routes;
    },
    { timeout: 60_000, context: () => bgpd.log() },
  );
  expect(route).toMatchObject({ prefix: '203.0.113.200/32', asPath: [64512] });
  await until('SQLite shows it', () => {
    const db = new Database(product.database, { readonly: true });
    onTestFinished(() => void db.close());
    return db.prepare('select * from received_routes').all().length === 1;
  });
});

it('the configuration is accepted', async () => {
  const file = join(folder, 'peerglass.yaml');
  mkdirSync(join(folder, 'manifests'));
  writeFileSync(file, snippet('expect:\n  manifests:'));
  await run([process.execPath, main, 'config', 'check', file]);
});

it('the BGPPeer is one that MetalLB accepts', async () => {
  const file = join(folder, 'manifests', 'peer.yaml');
  writeFileSync(file, snippet('kind: BGPPeer'));
  const { refusals, lint } = JSON.parse(await run([process.execPath, main, 'expect', file, '--json'])) as {
    refusals: unknown[];
    lint: unknown[];
  };
  expect({ refusals, lint }).toEqual({ refusals: [], lint: [] });
});

it('the commands exist', async () => {
  const help = await run([process.execPath, main, '--help']);
  const named = [...readme.matchAll(/npx peerglass (\w+)/g)].map(([, command]) => command!);
  expect(named.length).toBeGreaterThan(0);
  for (const command of named) expect(help).toContain(command);
  const scripts = Object.keys(
    (JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { scripts: object }).scripts,
  );
  for (const [, script] of readme.matchAll(/npm (?:run )?(start|test|demo|dev|bench|check)\b/g))
    expect(scripts).toContain(script);
});
