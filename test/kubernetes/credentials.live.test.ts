/** Credentials for the API server, from a kubeconfig or a pod. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createAuthority } from '../support/kube-api/certificates.ts';
import { node } from '../support/kube-api/objects.ts';
import type { KubeApi } from '../support/kube-api/server.ts';
import { startApi, temporaryFolder, Watched } from '../support/kube-api/watched.ts';
import { until } from '../support/wait.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** An exec plugin that prints a token and records its runs. */
function plugin(folder: string, token: string): { command: string; runs: string } {
  const command = join(folder, 'plugin');
  const runs = join(folder, 'runs');
  const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } };
  writeFileSync(runs, '');
  writeFileSync(command, `#!/bin/sh\necho run >> ${runs}\necho '${JSON.stringify(credential)}'\n`);
  chmodSync(command, 0o755);
  return { command, runs };
}

describe('a cluster accepts', () => {
  it.each<[string, (api: KubeApi, folder: string) => Record<string, unknown>]>([
    ['a token', () => ({ token: 'test-token-of-peerglass' })],
    [
      'a client certificate',
      (api) => {
        const { cert, key } = api.authority.issue({ commonName: 'peerglass', organization: 'watchers' });
        return { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
      },
    ],
    [
      'a client certificate in files next to the kubeconfig',
      (api, folder) => {
        const { cert, key } = api.authority.issue({ commonName: 'peerglass' });
        writeFileSync(join(folder, 'client.crt'), cert);
        writeFileSync(join(folder, 'client.key'), key);
        return { 'client-certificate': 'client.crt', 'client-key': 'client.key' };
      },
    ],
    [
      'the token of an exec plugin',
      (_, folder) => ({
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: plugin(folder, 'test-token-of-peerglass').command,
          interactiveMode: 'Never',
        },
      }),
    ],
  ])('%s', async (_, user) => {
    const api = await startApi(node('n'));
    const folder = temporaryFolder();
    const watched = await new Watched(api, {
      kubernetes: { kubeconfig: api.kubeconfig(folder, user(api, folder)) },
    }).first();
    expect(watched.keys('Node')).toEqual(['n']);
  });

  it('the new token of the kubeconfig after the old one expired', async () => {
    const api = await startApi(node('n'));
    const folder = temporaryFolder();
    const watched = await new Watched(api, { kubernetes: { kubeconfig: api.kubeconfig(folder) } }).first();
    api.tokens.clear();
    api.cut();
    const why = /^the API server is unreachable since .*: Unauthorized; keeping the 1 object /;
    await until('the problem', () => why.test(watched.source.problems[0] ?? ''));
    api.tokens.add('another-token');
    api.kubeconfig(folder, { token: 'another-token' });
    api.cluster.apply(node('m'));
    await watched.has('Node', 'n', 'm');
    await until('no problems', () => watched.source.problems.length === 0);
  });

  it('the late token of an exec plugin that hung, without starting it again', async () => {
    const api = await startApi(node('n'));
    const folder = temporaryFolder();
    const { command, runs } = plugin(folder, 'test-token-of-peerglass');
    const ticket = join(folder, 'ticket');
    writeFileSync(
      command,
      readFileSync(command, 'utf8').replace("echo '", `until [ -e ${ticket} ]; do sleep 0.05; done\necho '`),
    );
    const user = { exec: { apiVersion: 'client.authentication.k8s.io/v1', command, interactiveMode: 'Never' } };
    const kubernetes = { kubeconfig: api.kubeconfig(folder, user) };
    const watched = new Watched(api, { kubernetes, times: { answer: 100 } });
    await until('the problem', () => watched.source.problems[0]?.includes('no credentials within 0.1 s') === true);
    await delay(1_000);
    expect(readFileSync(runs, 'utf8')).toBe('run\n');
    writeFileSync(ticket, '');
    await watched.has('Node', 'n');
  });
});

describe('the problem names', () => {
  it.each<
    [string, (api: KubeApi, folder: string) => { kubeconfig?: string; context?: string; inCluster?: boolean }, RegExp]
  >([
    ['a wrong token', (api, folder) => ({ kubeconfig: api.kubeconfig(folder, { token: 'wrong' }) }), /: Unauthorized$/],
    [
      'a server certificate of another CA',
      (api, folder) => {
        Object.assign(api.authority, { cert: createAuthority('another CA').cert });
        return { kubeconfig: api.kubeconfig(folder) };
      },
      /certificate/,
    ],
    ['no kubeconfig', (_, folder) => ({ kubeconfig: join(folder, 'none') }), /ENOENT.*none/],
    [
      'an invalid kubeconfig',
      (_, folder) => {
        writeFileSync(join(folder, 'kubeconfig'), 'hello');
        return { kubeconfig: join(folder, 'kubeconfig') };
      },
      /no cluster for its context ""/,
    ],
    [
      'a missing context',
      (api, folder) => ({ kubeconfig: api.kubeconfig(folder), context: 'prod' }),
      /the kubeconfig has no context "prod", only test/,
    ],
    [
      'an exec plugin that fails',
      (api, folder) => ({
        kubeconfig: api.kubeconfig(folder, {
          exec: {
            apiVersion: 'client.authentication.k8s.io/v1',
            command: '/bin/sh',
            args: ['-c', 'echo no ticket >&2; exit 1'],
          },
        }),
      }),
      /no ticket/,
    ],
    [
      'in-cluster outside a pod',
      () => ({ inCluster: true }),
      /not running in a pod: KUBERNETES_SERVICE_HOST is not set/,
    ],
  ])('%s', async (_, options, text) => {
    const api = await startApi(node('n'));
    const watched = new Watched(api, { kubernetes: options(api, temporaryFolder()) });
    await until('a problem', () => watched.source.problems.length > 0);
    await until('the problem', () => text.test(watched.source.problems[0]!), { context: () => watched.report() });
    expect(watched.states).toEqual([]);
  });
});
