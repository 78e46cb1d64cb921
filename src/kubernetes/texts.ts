/** What is said of a kind that is not as it should be: what is so, and what to do. */
import { formatTime } from '../rib/time.ts';
import { resourceOf, type WatchedKind } from './kinds.ts';

/** What lasts while a kind cannot be read; `since`: epoch ms, null = it never could. */
export function failingText(row: WatchedKind, why: string, since: number | null, objects: number): string {
  const what = `${resourceOf(row)} cannot be read`;
  if (since === null) return `${what}: ${why}`;
  return `${what} since ${formatTime(since)}: ${why}; the ${objects} objects of then stay in force`;
}

/** Rules of RBAC do not let us. The rule to add is said here, all of them by the command. */
export function forbiddenText(row: WatchedKind, namespace: string, why: string, objects: number): string {
  const where = row.scope === 'cluster' ? 'a ClusterRole' : `a Role in namespace ${namespace}`;
  const kept = objects > 0 ? `; the ${objects} objects that were read before stay in force` : '';
  return (
    `${why}; add to ${where}: apiGroups: ["${row.group}"], resources: ["${row.plural}"], ${row.name ? `resourceNames: ["${row.name}"], ` : ''}verbs: ["list", "watch"] ` +
    `(peerglass config rbac prints all rules)${kept}${row.essential ? '' : `; ${blindness(row)}`}`
  );
}

/** What cannot be told without a kind that is not essential. */
function blindness({ kind }: WatchedKind): string {
  switch (kind) {
    case 'Namespace':
      return 'until then pools that are kept for certain namespaces cannot be checked';
    case 'Pod':
      return 'until then it is taken that a speaker runs wherever it may';
    case 'Secret':
      return 'until then password Secrets are taken to be there';
    case 'ConfigMap':
      return 'until then raw FRR configuration, and interfaces that layer 2 leaves out, are not known';
    case 'FRRConfiguration':
      return 'until then prefixes that other FRRConfigurations announce look unexpected';
    case 'MetalLB':
      return 'until then the node selector and tolerations of the operator are not known';
    case 'Network':
    case 'MachineConfig':
      return 'until then forwarding between interfaces is not checked';
    default:
      return 'until then what the cluster itself says of it is not shown';
  }
}

export function absentText(row: WatchedKind): string {
  const text = `the cluster has no ${resourceOf(row)}`;
  return row.configuration ? `${text}: MetalLB is not installed there, or in another version` : text;
}

/** Only MetalLB's namespace may be read. */
export function narrowText(row: WatchedKind, namespace: string): string {
  const others = row.group === 'metallb.io' ? 'those elsewhere, which MetalLB ignores,' : 'those elsewhere';
  return `only the ${resourceOf(row)} in namespace ${namespace} may be read; ${others} are not seen`;
}
