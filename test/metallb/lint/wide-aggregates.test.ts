import { describe, expect, it } from 'vitest';
import { findings, type LintRow } from '../../support/lint.ts';
import { advertisement, pool } from '../../support/metallb-objects.ts';

describe('an aggregate', () => {
  it.each<LintRow>([
    {
      name: 'that is the pool is fine',
      objects: [pool('p', ['10.0.0.0/24']), advertisement('a', { aggregationLength: 24 })],
      finds: [],
    },
    {
      name: 'that is narrower is fine',
      objects: [pool('p', ['10.0.0.0/24']), advertisement('a', { aggregationLength: 28 })],
      finds: [],
    },
    {
      name: 'that several pieces of a pool fill is fine',
      objects: [
        pool('p', ['10.0.0.0-10.0.0.200', '10.0.0.201-10.0.0.255']),
        advertisement('a', { aggregationLength: 25 }),
      ],
      finds: [],
    },
    {
      name: 'wider than the pool is refused',
      objects: [pool('p', ['10.0.0.0/24']), advertisement('a', { aggregationLength: 16 })],
      finds: [
        'BGPAdvertisement/a spec.aggregationLength: /16 is wider than 10.0.0.0/24 of IPAddressPool p: the advertisement is refused (at least 24 is needed)',
      ],
    },
    {
      name: 'wider than an IPv6 pool names the field of that family',
      objects: [pool('p', ['2001:db8::/124']), advertisement('a', { aggregationLengthV6: 64 })],
      finds: [
        'BGPAdvertisement/a spec.aggregationLengthV6: /64 is wider than 2001:db8::/124 of IPAddressPool p: the advertisement is refused (at least 124 is needed)',
      ],
    },
    {
      name: 'that MetalLB takes may still reach outside a range',
      objects: [pool('p', ['4.4.4.100-4.4.4.200']), advertisement('a', { aggregationLength: 26 })],
      finds: [
        'BGPAdvertisement/a spec.aggregationLength: /26 makes 4.4.4.64/26 of 4.4.4.100-4.4.4.200, which reaches outside IPAddressPool p: its nodes draw traffic for addresses that are not theirs',
      ],
    },
    {
      name: 'of another pool does not matter',
      objects: [
        pool('p', ['10.0.0.0/24']),
        pool('q', ['10.1.0.0/16']),
        advertisement('a', { aggregationLength: 16, ipAddressPools: ['q'] }),
      ],
      finds: [],
    },
  ])('$name', ({ objects, finds }) => expect(findings(objects, /^\/\d+ (is wider|makes)/)).toEqual(finds));
});
