import { excludedInterfaces, excludeListOf, interfacePattern } from '../interfaces.ts';
import { finding, type LintRule } from './scope.ts';

/** Layer 2 on interfaces that ConfigMap metallb-excludel2 keeps speakers from using: no node announces, and none says so. */
export const excludedInterfaceLists: LintRule = function* ({ options, resources, l2Advertisements }) {
  const configMap = excludeListOf(options.namespace, resources.ConfigMap);
  if (!configMap) return;
  const path = 'data["excludel2.yaml"]';
  const patterns = configMap.spec.excludedInterfaces;
  if (patterns === null)
    yield finding(
      'unread-pattern',
      configMap,
      path,
      'is no YAML with a list announcedInterfacesToExclude: speakers do not start with it; here it excludes nothing',
    );
  for (const pattern of patterns ?? [])
    if (!interfacePattern(pattern))
      yield finding(
        'unread-pattern',
        configMap,
        path,
        `"${pattern}" is no regular expression, or one that Peerglass cannot go by; it is taken to exclude nothing`,
      );
  const excluded = excludedInterfaces(configMap);
  for (const advertisement of l2Advertisements) {
    const { interfaces } = advertisement.spec;
    if (interfaces.length > 0 && interfaces.every((name) => excluded.has(name)))
      yield finding(
        'excluded-interfaces',
        advertisement,
        'spec.interfaces',
        `lists only interfaces that ConfigMap ${configMap.ref.name} excludes from layer 2 (${interfaces.join(', ')}): ` +
          'a node that is elected by it alone announces nothing',
      );
  }
};
