import { finding, type LintRule } from './scope.ts';

/** Largest int32, which is what the schema calls it; API servers held nobody to that before Kubernetes 1.36. */
const max = 0x7fff_ffff;

/** A localPref that works until the cluster is upgraded. */
export const largeLocalPref: LintRule = function* ({ written }) {
  for (const advertisement of written.advertisements) {
    const { localPref } = advertisement.spec;
    if (localPref > max)
      yield finding(
        'large-local-pref',
        advertisement,
        'spec.localPref',
        `${localPref} is more than ${max}, which API servers reject since Kubernetes 1.36`,
        'use a smaller value before the upgrade; only the order of the values matters',
      );
  }
};
