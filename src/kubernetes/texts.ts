/** Status texts of kinds that cannot be read: the problem, its effect and the fix. */
import { formatTime } from '../rib/time.ts';
import { resourceOf, type WatchedKind } from './kinds.ts';

/** `since`: last successful read, epoch ms; null: never. */
export function failingText(row: WatchedKind, why: string, since: number | null, objects: number): string {
  const what = `cannot read ${resourceOf(row)}`;
  if (since === null) return `${what}: ${why}`;
  return `${what} since ${formatTime(since)}: ${why}; ${keptText(objects)}`;
}

/** RBAC forbids the read. Names the rule to add; the command prints all rules. */
export function forbiddenText(row: WatchedKind, namespace: string, why: string, objects: number): string {
  const where = row.scope === 'cluster' ? 'a ClusterRole' : `a Role in namespace ${namespace}`;
  const kept = objects > 0 ? `; ${keptText(objects)}` : '';
  return (
    `${why}; add to ${where}: apiGroups: ["${row.group}"], resources: ["${row.plural}"], ${row.name ? `resourceNames: ["${row.name}"], ` : ''}verbs: ["list", "watch"] ` +
    `(peerglass config rbac prints all rules)${kept}${row.essential ? '' : `; ${blindness(row)}`}`
  );
}

/** The effect of not reading a kind that is not essential. */
function blindness({ kind }: WatchedKind): string {
  switch (kind) {
    case 'Namespace':
      return 'until then, namespace selectors of pools are not checked';
    case 'Pod':
      return 'until then, Peerglass assumes a speaker on every node that allows one';
    case 'Secret':
      return 'until then, Peerglass assumes that password Secrets exist';
    case 'ConfigMap':
      return 'until then, raw FRR configuration and the interfaces that layer 2 excludes are unknown';
    case 'FRRConfiguration':
      return 'until then, prefixes that other FRRConfigurations announce look unexpected';
    case 'MetalLB':
      return 'until then, the node selector and tolerations of the operator are unknown';
    case 'Network':
    case 'MachineConfig':
      return 'until then, forwarding between interfaces is not checked';
    default:
      return 'until then, status reported by the cluster is not shown';
  }
}

/** The effect on objects that were read before. */
export const keptText = (objects: number): string =>
  `keeping the ${objects} object${objects === 1 ? '' : 's'} read last`;

export function absentText(row: WatchedKind): string {
  const text = `the cluster has no ${resourceOf(row)}`;
  return row.configuration ? `${text}: MetalLB is not installed, or has another version` : text;
}

/** RBAC allows reads only in MetalLB's namespace. */
export function narrowText(row: WatchedKind, namespace: string): string {
  const ignored = row.group === 'metallb.io' ? ', which MetalLB ignores,' : '';
  return `can read ${resourceOf(row)} only in namespace ${namespace}; those in other namespaces${ignored} are not visible`;
}
