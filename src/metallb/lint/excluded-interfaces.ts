import { excludedInterfaces, excludeListOf, interfacePattern, maxPatterns } from '../layer2/interfaces.ts';
import { finding, type LintRule } from './scope.ts';

/** Layer 2 on interfaces that ConfigMap metallb-excludel2 keeps speakers from using: no node announces, and none says so. */
export const excludedInterfaceLists: LintRule = function* ({ options, resources, written }) {
  const configMap = excludeListOf(options.namespace, resources.ConfigMap);
  if (!configMap) return;
  const path = 'data["excludel2.yaml"]';
  const patterns = configMap.spec.excludedInterfaces;
  if (patterns === null)
    yield finding(
      'unread-pattern',
      configMap,
      path,
      'is longer than 65,536 characters, or is not YAML with a list announcedInterfacesToExclude, with which speakers do not start; here it excludes nothing',
    );
  if (patterns !== null && patterns.length > maxPatterns)
    yield finding(
      'unread-pattern',
      configMap,
      path,
      `has ${patterns.length} patterns; Peerglass uses the first ${maxPatterns} and ignores the others`,
    );
  for (const pattern of patterns?.slice(0, maxPatterns) ?? [])
    if (!interfacePattern(pattern))
      yield finding(
        'unread-pattern',
        configMap,
        path,
        `"${pattern}" is not a regular expression that Peerglass can evaluate; it excludes nothing here`,
      );
  const excluded = excludedInterfaces(configMap);
  for (const advertisement of written.l2Advertisements) {
    const { interfaces } = advertisement.spec;
    if (interfaces.length > 0 && interfaces.every((name) => excluded.has(name)))
      yield finding(
        'excluded-interfaces',
        advertisement,
        'spec.interfaces',
        `lists only interfaces that ConfigMap ${configMap.ref.name} excludes from layer 2 (${interfaces.join(', ')}): ` +
          'a node that only it elects announces nothing',
      );
  }
};
