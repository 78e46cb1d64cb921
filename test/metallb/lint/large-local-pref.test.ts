import { describe, expect, it } from 'vitest';
import { findings, type LintRow } from '../../support/lint.ts';
import { advertisement, tableOf } from '../../support/metallb-objects.ts';

const hint = 'use a smaller value before the upgrade; only the order of the values matters';

describe('a localPref that Kubernetes 1.36 refuses', () => {
  it.each<LintRow>([
    { name: 'is none', objects: [advertisement('a')], finds: [] },
    { name: 'is not the largest int32', objects: [advertisement('a', { localPref: 2147483647 })], finds: [] },
    {
      name: 'is one above it',
      objects: [advertisement('a', { localPref: 2147483648 })],
      finds: [
        `BGPAdvertisement/a spec.localPref: 2147483648 is more than 2147483647, which API servers reject since Kubernetes 1.36 (${hint})`,
      ],
    },
  ])('$name', ({ objects, finds }) => {
    expect(findings(objects, /1\.36/)).toEqual(finds);
    expect(tableOf(objects).refusals).toEqual([]);
  });

  it('is taken up to what a LOCAL_PREF can be', () => {
    expect(tableOf([advertisement('a', { localPref: 4294967295 })]).refusals).toEqual([]);
    expect(tableOf([advertisement('a', { localPref: 4294967296 })]).refusals).toMatchObject([{ stage: 'schema' }]);
  });
});
