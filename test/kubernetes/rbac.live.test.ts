/** `peerglass config rbac` prints exactly the permissions that the watches need. */
import { describe, expect, it } from 'vitest';
import { type RbacOptions, rbacObjects } from '../../src/kubernetes/rbac.ts';
import type { Kind } from '../../src/metallb/objects/resources.ts';
import { node, pool } from '../support/kube-api/objects.ts';
import type { Access } from '../support/kube-api/server.ts';
import { startApi, Watched } from '../support/kube-api/watched.ts';
import { until } from '../support/wait.ts';

const options: RbacOptions = {
  namespace: 'metallb-system',
  name: 'peerglass',
  serviceAccountNamespace: 'watchers',
  allNamespaces: false,
  secrets: false,
  openshift: false,
};

interface Role {
  kind: string;
  metadata: { namespace?: string };
  rules?: { apiGroups: string[]; resources: string[]; resourceNames?: string[]; verbs: string[] }[];
}

/** One permission: a verb on a resource, in one namespace or in all. */
type Grant = Access;

function grantsOf(objects: Record<string, unknown>[]): Grant[] {
  return (objects as unknown as Role[]).flatMap(({ metadata, rules = [] }) =>
    rules.flatMap(({ apiGroups, resources, resourceNames = [undefined], verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((plural) =>
          verbs.flatMap((verb) =>
            resourceNames.map(
              (name): Grant => ({ verb: verb as Grant['verb'], group, plural, namespace: metadata.namespace, name }),
            ),
          ),
        ),
      ),
    ),
  );
}

const grants = (all: Grant[], access: Access): boolean =>
  all.some(
    ({ verb, group, plural, namespace, name }) =>
      verb === access.verb &&
      group === access.group &&
      plural === access.plural &&
      (namespace === undefined || namespace === access.namespace) &&
      // a rule with resourceNames allows requests that name one of them
      (name === undefined || name === access.name),
  );

const openshiftKinds: Kind[] = ['Network', 'MachineConfig'];

describe('with the printed permissions', () => {
  it.each<[string, Partial<RbacOptions>]>([
    ['by default', {}],
    ['with Secrets', { secrets: true }],
    ['with all namespaces', { allNamespaces: true }],
  ])('%s, every kind can be read and every permission is used', async (_, more) => {
    const api = await startApi(pool('a'), node('n'));
    const all = grantsOf(rbacObjects({ ...options, ...more }));
    const used = new Set<Grant>();
    api.allows = (access) => {
      for (const grant of all) if (grants([grant], access)) used.add(grant);
      return grants(all, access);
    };
    const watched = await new Watched(api, { kubernetes: { secrets: more.secrets ?? false } }).first();
    const isThere = ({ kind }: { kind: string }) => ![...openshiftKinds, 'MetalLB'].includes(kind as Kind);
    const kinds = watched.source.kinds.filter(isThere);
    await until('all kinds watched', () => api.watching() === kinds.length, { context: () => watched.report() });
    expect(kinds.map(({ kind, state }) => `${kind} ${state}`)).toEqual(kinds.map(({ kind }) => `${kind} synced`));
    // this cluster does not have the operator's kind
    expect(all.filter((grant) => !used.has(grant) && grant.plural !== 'metallbs')).toEqual([]);
  });

  it('includes the kinds of OpenShift on request', () => {
    const plurals = (more: Partial<RbacOptions>) =>
      grantsOf(rbacObjects({ ...options, ...more })).map(({ plural }) => plural);
    expect(plurals({})).not.toContain('machineconfigs');
    expect(plurals({ openshift: true })).toEqual(expect.arrayContaining(['machineconfigs', 'networks']));
  });
});

describe('the objects', () => {
  it('bind the roles to one ServiceAccount and grant only reads', () => {
    const objects = rbacObjects(options);
    expect(objects.map(({ kind }) => kind)).toEqual([
      'ServiceAccount',
      'ClusterRole',
      'ClusterRoleBinding',
      'Role',
      'RoleBinding',
    ]);
    expect(objects.map(({ metadata }) => (metadata as { namespace?: string }).namespace)).toEqual([
      'watchers',
      undefined,
      undefined,
      'metallb-system',
      'metallb-system',
    ]);
    for (const binding of objects.filter(({ subjects }) => subjects))
      expect(binding).toMatchObject({
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', name: 'peerglass' },
        subjects: [{ kind: 'ServiceAccount', name: 'peerglass', namespace: 'watchers' }],
      });
    expect(new Set(grantsOf(objects).map(({ verb }) => verb))).toEqual(new Set(['list', 'watch']));
    expect(grantsOf(objects).some(({ plural }) => plural === 'secrets')).toBe(false);
    expect(
      grantsOf(objects)
        .filter(({ plural, verb }) => plural === 'configmaps' && verb === 'list')
        .map(({ namespace, name }) => `${namespace}/${name}`),
    ).toEqual(['metallb-system/bgpextras', 'metallb-system/metallb-excludel2']);
  });
});
