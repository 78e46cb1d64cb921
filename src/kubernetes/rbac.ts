/** RBAC objects with exactly the permissions that the watches need, derived from the table of watched kinds. */
import { resourceOf, type WatchedKind, watchedKinds } from './kinds.ts';

export interface RbacOptions {
  /** MetalLB's namespace. */
  namespace: string;
  /** Name of Peerglass's ServiceAccount and of the roles. */
  name: string;
  /** Namespace of the ServiceAccount. */
  serviceAccountNamespace: string;
  /** Read objects of MetalLB and frr-k8s in all namespaces, to point out those in a wrong one. */
  allNamespaces: boolean;
  /** With `expect.kubernetes.secrets`. */
  secrets: boolean;
  /** Include kinds that exist only on OpenShift. */
  openshift: boolean;
}

interface Rule {
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}

/** ServiceAccount, ClusterRole, Role and their bindings. */
export function rbacObjects(options: RbacOptions): Record<string, unknown>[] {
  const { name, namespace, serviceAccountNamespace, allNamespaces } = options;
  const wanted = watchedKinds.filter(
    ({ onRequest, openshift }) => (onRequest === undefined || options[onRequest]) && (!openshift || options.openshift),
  );
  const isEverywhere = ({ scope }: WatchedKind): boolean =>
    scope === 'cluster' || (scope === 'either' && allNamespaces);
  const labels = { 'app.kubernetes.io/name': 'peerglass' };
  const subjects = [{ kind: 'ServiceAccount', name, namespace: serviceAccountNamespace }];
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const roleRef = (kind: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name });
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: serviceAccountNamespace, labels } },
    { apiVersion, kind: 'ClusterRole', metadata: { name, labels }, rules: rulesFor(wanted.filter(isEverywhere)) },
    { apiVersion, kind: 'ClusterRoleBinding', metadata: { name, labels }, roleRef: roleRef('ClusterRole'), subjects },
    {
      apiVersion,
      kind: 'Role',
      metadata: { name, namespace, labels },
      rules: rulesFor(wanted.filter((row) => !isEverywhere(row))),
    },
    { apiVersion, kind: 'RoleBinding', metadata: { name, namespace, labels }, roleRef: roleRef('Role'), subjects },
  ];
}

/** One rule per API group, and one for each kind of which only named objects are watched. */
function rulesFor(rows: readonly WatchedKind[]): Rule[] {
  const verbs = ['list', 'watch'];
  const whole = Map.groupBy(
    rows.filter(({ name }) => name === undefined),
    ({ group }) => group,
  );
  const named = Map.groupBy(
    rows.filter(({ name }) => name !== undefined),
    ({ group, plural }) => resourceOf({ group, plural }),
  );
  return [
    ...Array.from(whole, ([group, kinds]) => ({
      apiGroups: [group],
      resources: kinds.map(({ plural }) => plural),
      verbs,
    })),
    ...Array.from(named.values(), (kinds) => ({
      apiGroups: [kinds[0]!.group],
      resources: [kinds[0]!.plural],
      resourceNames: kinds.map(({ name }) => name!),
      verbs,
    })),
  ];
}
