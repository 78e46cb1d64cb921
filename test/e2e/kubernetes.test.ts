/** The product beside a live cluster: what is edited there changes verdicts, and a cluster that is gone changes none. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Status } from '../../src/api/schemas.ts';
import { clusterNetwork, nodes, speakerAsn, startTor, tor } from '../support/cluster.ts';
import type { ApiObject } from '../support/kube-api/cluster.ts';
import { manifestObjects } from '../support/kube-api/objects.ts';
import { KubeApi } from '../support/kube-api/server.ts';
import type { Product } from '../support/product.ts';
import { TestPeer } from '../support/test-peer.ts';
import { until } from '../support/wait.ts';

beforeAll(clusterNetwork);

/** Of /readyz. */
interface Readiness {
  ready: boolean;
  checks: { ok: boolean; text: string }[];
}

const prefix = '203.0.113.200/32';

/** The basic example on one node, with one session to it. */
const objects = manifestObjects('nodes.yaml', 'peers-ebgp.yaml', 'basic.yaml').filter(
  ({ metadata: { name } }) => !['node-b', 'node-c', 'tor-v6'].includes(name),
);

/** The advertisement of the example, with these communities. */
function advertisement(...communities: string[]): ApiObject {
  const found = objects.find(({ kind }) => kind === 'BGPAdvertisement')!;
  return { ...found, spec: { ...(found['spec'] as object), communities } };
}

async function start(): Promise<{ api: KubeApi; product: Product; peer: TestPeer }> {
  const folder = mkdtempSync(join(tmpdir(), 'peerglass-kube-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const api = await KubeApi.start(objects);
  onTestFinished(() => api.close());
  const kubeconfig = api.kubeconfig(folder);
  const product = await startTor([], { bgp: { quietTime: '200ms' }, expect: { kubernetes: { kubeconfig } } });
  onTestFinished(() => product.remove());
  const peer = await TestPeer.establish({ to: `${tor.v4}:179`, from: nodes['node-a'].v4, asn: speakerAsn });
  onTestFinished(() => void peer.socket.destroy());
  peer.announce([prefix], { med: 0 });
  peer.endOfRib();
  return { api, product, peer };
}

async function verdictIs(product: Product, word: string): Promise<void> {
  const words = async () => (await product.checks()).map((each) => `${each.prefix} ${each.verdict}`);
  await until(`the verdict is ${word}`, async () => (await words()).join() === `${prefix} ${word}`, {
    context: () => product.log(),
  });
}

const source = async (product: Product): Promise<Status['sources'][number]> => (await product.status()).sources[0]!;

describe('a live cluster', () => {
  it('is read, and every edit of its objects is in the verdicts', async () => {
    const { api, product } = await start();
    await verdictIs(product, 'ok');
    expect(await source(product)).toMatchObject({
      kind: 'kubernetes',
      synced: true,
      objects: objects.length,
      ageSeconds: 0,
      problems: [],
    });
    api.cluster.apply(advertisement('65000:100'));
    await verdictIs(product, 'mismatch');
    api.cluster.apply(advertisement());
    await verdictIs(product, 'ok');
    api.cluster.delete('Service', 'web', 'default');
    await verdictIs(product, 'unexpected');
  });

  it('that is gone leaves the last state in force and its age is shown; back, it is as it is by then', async () => {
    const { api, product } = await start();
    await verdictIs(product, 'ok');
    await api.close();
    // kinds fail one after the other; once the last has failed, all of them are one problem
    await until(
      'all kinds fail, and it is one problem',
      async () => {
        const { problems, ageSeconds } = await source(product);
        const [first, ...others] = problems.map(({ text }) => text);
        const isWhole = /^the API server is unreachable since .*: connection refused .*read last$/.test(first ?? '');
        return isWhole && others.length === 0 && (ageSeconds ?? 0) >= 1;
      },
      { context: () => product.log() },
    );
    expect((await source(product)).kinds?.find(({ kind }) => kind === 'Service')).toMatchObject({
      state: 'failing',
      objects: 1,
    });
    const metrics = await (await fetch(`${product.url}/metrics`)).text();
    const [, age] = /^peerglass_source_age_seconds\{source="kubernetes[^}]*\} (.*)$/m.exec(metrics) ?? [];
    expect(Number(age)).toBeGreaterThan(0.5);
    expect(metrics).toMatch(/^peerglass_source_kind_synced\{source="kubernetes[^}]*,kind="Service"\} 0$/m);
    expect(metrics).not.toContain('kind="MachineConfig"');
    expect((await fetch(`${product.url}/readyz`)).status).toBe(200);
    await verdictIs(product, 'ok');

    api.cluster.apply(advertisement('65000:100'));
    await api.open();
    await verdictIs(product, 'mismatch');
    await until('it is said that it is back', () => product.log().includes('can be read again'));
    expect(await source(product)).toMatchObject({ synced: true, ageSeconds: 0, problems: [] });
  });

  it('that is gone when Peerglass starts: nothing is expected, and it is said why, until it is back', async () => {
    const { api, product } = await start();
    await verdictIs(product, 'ok');
    await api.close();
    const restarted = product.restart();
    const readiness = await until('it answers', async () => {
      const answer = await fetch(`${product.url}/readyz`);
      const body = (await answer.json()) as Readiness;
      return (
        answer.status === 503 && body.checks.some(({ ok, text }) => !ok && text.includes('connection refused')) && body
      );
    });
    expect(readiness.ready).toBe(false);
    expect(await product.checks({ verdict: 'missing,unexpected' })).toEqual([]);
    expect((await product.summary()).emptyText).toMatch(
      /^Nothing is expected yet, since kubernetes .* could not be read so far: the API server is unreachable: connection refused/,
    );
    await api.open();
    await restarted;
    expect((await product.summary()).emptyText).toBeNull();
  });

  it('is read by a pod of it, with the token of its service account', async () => {
    const api = await KubeApi.start(objects);
    onTestFinished(() => api.close());
    const product = await startTor([], { expect: { kubernetes: 'in-cluster' } }, asPod(api));
    onTestFinished(() => product.remove());
    expect(await source(product)).toMatchObject({ name: 'kubernetes (in-cluster)', objects: objects.length });
  });
});

/** Words before the program's that give it what a pod has: two variables, and the files of its service account. */
function asPod(api: KubeApi): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'peerglass-account-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'ca.crt'), api.authority.cert);
  writeFileSync(join(folder, 'token'), [...api.tokens][0]!);
  const mounted = '/var/run/secrets/kubernetes.io/serviceaccount';
  const script = `mount -t tmpfs tmpfs /run && mkdir -p ${mounted} && cp ${folder}/* ${mounted} && exec "$@"`;
  const { hostname, port } = new URL(api.url);
  const variables = [`KUBERNETES_SERVICE_HOST=${hostname}`, `KUBERNETES_SERVICE_PORT=${port}`];
  return ['unshare', '--mount', 'env', ...variables, 'sh', '-c', script, 'sh'];
}
