/** The pipeline and the rules of the README, as they stand there: their commands, exit codes and reports. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { advertisement, type KubeObject, node, peer, pool, service, slice } from '../support/metallb-objects.ts';
import { ownNetwork } from '../support/netns.ts';
import { start } from '../support/processes.ts';
import { Product } from '../support/product.ts';
import { TestPeer } from '../support/test-peer.ts';

const project = join(import.meta.dirname, '../..');
const readme = readFileSync(join(project, 'README.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'peerglass-pipeline-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(() => {
  ownNetwork();
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const main = join(project, 'src/main.mjs');
  writeFileSync(join(bin, 'peerglass'), `#!/bin/sh\nexec ${process.execPath} ${main} "$@"\n`, { mode: 0o755 });
});

/** The one fenced block of the README that contains `text`. */
function snippet(text: string): string {
  const blocks = [...readme.matchAll(/^```yaml\n(.*?)^```/gms)].flatMap(([, block]) =>
    block!.includes(text) ? [block!] : [],
  );
  expect(blocks, text).toHaveLength(1);
  return blocks[0]!;
}

interface Job {
  steps: { name?: string; run?: string }[];
}
const { jobs } = parse(snippet('peerglass check --url')) as { jobs: { review: Job; deployed: Job } };

/** Runs a script as a step of a job does: every command has to succeed. */
async function sh(
  script: string,
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; log: string }> {
  const child = start(['bash', '-eo', 'pipefail', '-c', script], {
    cwd,
    env: { ...process.env, PATH: `${join(folder, 'bin')}:${process.env['PATH']}`, ...env },
  });
  const { code } = await child.exited;
  return { code, log: child.log() };
}

const objects: KubeObject[] = [
  node('node-a', 11),
  peer('tor-1', { peerAddress: '127.0.0.1', peerPort: 1790 }),
  pool('blue', ['203.0.113.0/28']),
  advertisement('adv'),
  service('web', ['203.0.113.1']),
  slice('web', ['node-a']),
];
const manifest = (items: KubeObject[]): string => JSON.stringify({ apiVersion: 'v1', kind: 'List', items });

it('the review of a pull request says what is refused, and what would change', async () => {
  const repository = join(folder, 'repository');
  mkdirSync(join(repository, 'manifests'), { recursive: true });
  const write = (items: KubeObject[]) => writeFileSync(join(repository, 'manifests/cluster.yaml'), manifest(items));
  write(objects);
  const git = 'git -c user.name=x -c user.email=x@example.net';
  const made = await sh(
    `git init -q -b main && git add . && ${git} commit -qm base && git update-ref refs/remotes/origin/main main`,
    repository,
  );
  expect(made, made.log).toMatchObject({ code: 0 });

  write([...objects, service('dns', ['203.0.113.2']), slice('dns', ['node-a'])]);
  const scripts = jobs.review.steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
  expect(scripts).toHaveLength(2);
  const env = { GITHUB_BASE_REF: 'main', RUNNER_TEMP: folder };
  for (const script of scripts) {
    const done = await sh(script, repository, env);
    expect(done, done.log).toMatchObject({ code: 0 });
    if (script.includes('--diff')) {
      expect(done.log).toMatch(/\+ 203\.0\.113\.2\/32 .*from dns/);
      expect(done.log).toContain('1 routes appear, 0 disappear, 0 change.');
    }
  }

  write([...objects, pool('overlapping', ['203.0.113.8/29'])]);
  const refused = await sh(scripts[0]!, repository);
  expect(refused).toMatchObject({ code: 1, log: expect.stringContaining('overlap') });
});

it('the check after a deployment fails, or skips what a rule accepts, with a report that CI systems read', async () => {
  const product = await Product.start({
    config: {
      bgp: { neighbors: [{ address: '127.0.0.11', asn: 64512 }], nodes: { '127.0.0.11': 'node-a' } },
      expect: { grace: '0s', mode: 'frr' },
    },
    manifests: { 'cluster.yaml': manifest(objects) },
  });
  onTestFinished(() => product.remove());
  const connect = async () => {
    const speaker = await TestPeer.establish({ to: '127.0.0.1:1790', from: '127.0.0.11', asn: 64512 });
    onTestFinished(() => void speaker.socket.destroy());
    speaker.endOfRib(4);
    speaker.endOfRib(6);
  };
  await connect();

  const [step] = jobs.deployed.steps;
  const report = join(folder, 'routes.xml');
  const check = () => sh(step!.run!, folder, { PEERGLASS_URL: product.url });
  const missing = await check();
  expect(missing, missing.log).toMatchObject({ code: 1, log: expect.stringContaining('203.0.113.1/32') });
  expect(readFileSync(report, 'utf8')).toContain('failures="1"');
  const valid = `xmllint --noout --schema ${join(import.meta.dirname, 'junit.xsd')} ${report}`;
  expect(await sh(valid, folder)).toMatchObject({ code: 0 });

  const rule = {
    id: 'later',
    rule: 'ignore',
    prefix: '203.0.113.1/32',
    reason: 'The <speaker> & its "node" come later',
    owner: 'noc',
    expires: inAMonth(),
  };
  const put = await fetch(`${product.url}/api/v1/expectations/overlay`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ rules: [rule] }),
  });
  expect(put.status, await put.text()).toBe(200);
  const accepted = await check();
  expect(accepted, accepted.log).toMatchObject({ code: 0, log: expect.stringContaining('1 suppressed') });
  expect(readFileSync(report, 'utf8')).toContain('skipped="1"');
  expect(await sh(valid, folder)).toMatchObject({ code: 0 });

  await product.restart();
  await connect();
  expect(await check()).toMatchObject({ code: 0, log: expect.stringContaining('1 suppressed') });
});

const inAMonth = (): string => new Date(Date.now() + 30 * 24 * 3_600_000).toISOString();

it('the rules are accepted and in force', async () => {
  const text = snippet('id: anycast-dns');
  const file = join(folder, 'expectations.yaml');
  // the date of the README passes some day
  writeFileSync(file, text.replace(/expires: \S+/, `expires: ${inAMonth()}`));
  const product = await Product.start({ config: { expect: { overlay: file } } });
  onTestFinished(() => product.remove());
  const { data } = await product.get<{ data: { rules: { id: string }[]; problems: unknown[] } }>(
    '/api/v1/expectations/overlay',
  );
  expect(data.problems).toEqual([]);
  expect(data.rules.map(({ id }) => id)).toEqual(['anycast-dns', 'no-default', 'tor-2-replaced']);
  const [row] = await product.checks();
  expect(row).toMatchObject({ rule: 'anycast-dns', prefix: '203.0.113.53/32', verdict: 'pending' });
  expect(text).toContain('expires: ');
});
