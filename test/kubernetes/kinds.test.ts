import { describe, expect, it } from 'vitest';
import { pathsOf, resourceOf, watchedKinds } from '../../src/kubernetes/kinds.ts';
import { kindNames } from '../../src/metallb/objects/kinds.ts';
import { readObject } from '../../src/metallb/objects/read.ts';
import { resources } from '../support/kube-api/cluster.ts';

describe('the watched kinds', () => {
  it('are all relevant kinds, each once; of ConfigMaps only the two that speakers read', () => {
    const whole = watchedKinds.filter(({ name }) => name === undefined).map(({ kind }) => kind);
    expect([...whole, 'ConfigMap'].sort()).toEqual([...kindNames].sort());
    expect(watchedKinds.filter(({ name }) => name !== undefined)).toMatchObject([
      { kind: 'ConfigMap', scope: 'namespace', name: 'bgpextras' },
      { kind: 'ConfigMap', scope: 'namespace', name: 'metallb-excludel2' },
    ]);
  });

  it.each(watchedKinds.map((row) => [row.kind, row] as const))('%s has a readable version', (kind, row) => {
    const apiVersion = row.group ? `${row.group}/${row.version}` : row.version;
    const { refusal } = readObject({ raw: { apiVersion, kind, metadata: { name: 'x' } } });
    expect(refusal?.error ?? '').not.toMatch(/no matches for kind/);
  });

  it.each(resources.map((resource) => [resource.kind, resource] as const))(
    '%s has the names of the API',
    (kind, resource) => {
      const { group, version, plural, namespaced } = resource;
      const row = watchedKinds.find((each) => each.kind === kind)!;
      expect(row).toMatchObject({ group, version, plural });
      if (!namespaced) expect(row.scope).toBe('cluster');
    },
  );

  it.each<[string, string, string[]]>([
    ['Service', 'services', ['/api/v1/services']],
    ['EndpointSlice', 'endpointslices.discovery.k8s.io', ['/apis/discovery.k8s.io/v1/endpointslices']],
    ['Pod', 'pods', ['/api/v1/namespaces/metallb-system/pods']],
    [
      'BGPPeer',
      'bgppeers.metallb.io',
      ['/apis/metallb.io/v1beta2/bgppeers', '/apis/metallb.io/v1beta2/namespaces/metallb-system/bgppeers'],
    ],
  ])('%s has its paths, widest first', (kind, name, paths) => {
    const row = watchedKinds.find((each) => each.kind === kind)!;
    expect(resourceOf(row)).toBe(name);
    expect(pathsOf(row, 'metallb-system')).toEqual(paths);
  });
});
