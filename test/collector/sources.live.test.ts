/** Manifests and a live cluster together. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { type Expectations, type SourcesOptions, watchSources, whyNothing } from '../../src/collector/sources.ts';
import type { SourceStatus } from '../../src/collector/status.ts';
import type { ApiObject } from '../support/kube-api/cluster.ts';
import { node, pool } from '../support/kube-api/objects.ts';
import type { KubeApi } from '../support/kube-api/server.ts';
import { startApi, temporaryFolder } from '../support/kube-api/watched.ts';
import { until } from '../support/wait.ts';

interface Together {
  states: Expectations[];
  statuses: SourceStatus[];
  expect: SourcesOptions['expect'];
}

/** Watches the API server, and a file with these objects. */
async function watch(api: KubeApi, ...inFile: ApiObject[]): Promise<Together> {
  const folder = temporaryFolder();
  const file = join(folder, 'manifests.yaml');
  writeFileSync(file, inFile.map((object) => stringify(object)).join('---\n'));
  const together: Together = {
    states: [],
    statuses: [],
    expect: {
      manifests: [file],
      kubernetes: { inCluster: false, kubeconfig: api.kubeconfig(folder), context: null, secrets: false },
      mode: 'frr',
      namespace: 'metallb-system',
      ignoreExcludeLB: false,
      loadBalancerClass: '',
      fieldValidation: 'strict',
    },
  };
  const sources = await watchSources({
    expect: together.expect,
    userAgent: 'Peerglass/test',
    log: pino({ level: 'silent' }),
    now: Date.now,
    statuses: together.statuses,
    onExpectations: (state) => together.states.push(state),
  });
  onTestFinished(() => sources.close());
  return together;
}

const firstState = ({ states }: Together) => until('the first state', () => states[0], { every: 5 });

describe('manifests and a cluster', () => {
  it('are one state, with the objects of both; what both have is as the cluster has it, and pointed out', async () => {
    const api = await startApi(node('n'), pool('both', 1));
    const { resources, sources, table } = await firstState(await watch(api, pool('both', 2), pool('file', 3)));
    expect(sources).toHaveLength(2);
    expect([...resources.IPAddressPool.keys()].sort()).toEqual(['metallb-system/both', 'metallb-system/file']);
    expect(resources.IPAddressPool.get('metallb-system/both')?.spec.addresses).toEqual(['10.0.1.0/24']);
    expect(table.lint).toContainEqual(
      expect.objectContaining({
        object: { kind: 'IPAddressPool', namespace: 'metallb-system', name: 'both' },
        message: expect.stringMatching(/defined twice; this one replaces that of .*manifests\.yaml:1/),
      }),
    );
  });

  it('objects that the cluster has were let in: only manifests are judged as a webhook would', async () => {
    const api = await startApi(node('n'), pool('a', 1), pool('b', 1));
    const { table } = await firstState(await watch(api, pool('c', 1)));
    const webhook = table.refusals.filter(({ stage }) => stage === 'webhook').map(({ object }) => object.name);
    expect(webhook).toEqual(['c']);
  });

  it('are waited for: half of what is meant would make the other half look wrong', async () => {
    const api = await startApi(node('n'));
    api.forbidden.add('bgppeers');
    const together = await watch(api, pool('file'));
    const cluster = () => together.statuses[1]!;
    await until('it is said what is missing', () => cluster().problems.length > 0);
    expect(together.states).toEqual([]);
    expect(cluster()).toMatchObject({ kind: 'kubernetes', synced: false, readAt: null });
    expect(whyNothing(together.expect, together.statuses)).toMatch(
      /^Nothing is expected yet, since kubernetes .* could not be read so far: bgppeers\.metallb\.io is forbidden.*add to a Role/,
    );
  });

  it('a refused object is a problem of the source that has it', async () => {
    const api = await startApi(node('n'), pool('a', 1), { ...pool('odd'), spec: { addresses: 'all' } });
    const together = await watch(api, pool('c', 1));
    await firstState(together);
    const texts = together.statuses.map(({ problems }) => problems.map(({ text }) => text.slice(0, 30)));
    expect(texts).toEqual([
      ['IPAddressPool/c is refused (web'.slice(0, 30)],
      ['IPAddressPool/odd is refused (schema'.slice(0, 30)],
    ]);
  });
});
