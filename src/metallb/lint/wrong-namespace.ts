import { finding, type LintRule } from './scope.ts';

/** MetalLB looks at its own namespace only. Its webhook says so of an object elsewhere; where it is off nobody does. */
export const wrongNamespace: LintRule = function* ({ options, resources }) {
  if (options.webhookMode !== 'disabled') return;
  for (const object of resources.configuration)
    if (object.ref.namespace !== options.namespace)
      yield finding(
        'wrong-namespace',
        object,
        'metadata.namespace',
        `is "${object.ref.namespace}": MetalLB looks at ${options.namespace} only, so the object has no effect`,
      );
};
