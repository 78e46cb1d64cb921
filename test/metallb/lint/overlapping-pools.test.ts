import { describe, expect, it } from 'vitest';
import { findings, type LintRow } from '../../support/lint.ts';
import { pool } from '../../support/metallb-objects.ts';

describe('pools', () => {
  it.each<LintRow>([
    { name: 'that touch are fine', objects: [pool('p', ['10.0.0.0/24']), pool('q', ['10.0.1.0/24'])], finds: [] },
    {
      name: 'that overlap are named both',
      objects: [pool('p', ['10.0.0.0/24']), pool('q', ['10.9.0.0/24', '10.0.0.128/25'])],
      finds: [
        'IPAddressPool/q spec.addresses[1]: 10.0.0.128/25 overlaps 10.0.0.0/24 of IPAddressPool p (IPAddressPool/p)',
      ],
    },
    {
      name: 'within a wide one are all found, not the first only',
      objects: [pool('p', ['10.0.0.0/8']), pool('q', ['10.0.0.0/24']), pool('r', ['10.9.0.0/24'])],
      finds: [
        'IPAddressPool/q spec.addresses[0]: 10.0.0.0/24 overlaps 10.0.0.0/8',
        'IPAddressPool/r spec.addresses[0]: 10.9.0.0/24 overlaps 10.0.0.0/8',
      ],
    },
    {
      name: 'that overlap with themselves are found',
      objects: [pool('p', ['10.0.0.0/24', '10.0.0.7-10.0.0.7'])],
      finds: ['IPAddressPool/p spec.addresses[1]: 10.0.0.7/32 overlaps 10.0.0.0/24 of the same pool'],
    },
    {
      name: 'that overlap in IPv6 are found',
      objects: [pool('p', ['2001:db8::/64']), pool('q', ['2001:db8::5-2001:db8::5'])],
      finds: ['IPAddressPool/q spec.addresses[0]: 2001:db8::5/128 overlaps 2001:db8::/64'],
    },
  ])('$name', ({ objects, finds }) =>
    expect(findings(objects, / overlaps /)).toEqual(finds.map((text) => expect.stringContaining(text))),
  );
});
