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
      name: 'that several pieces of a pool fill does not reach outside, but is refused',
      objects: [
        pool('p', ['10.0.0.0-10.0.0.200', '10.0.0.201-10.0.0.255']),
        advertisement('a', { aggregationLength: 25 }),
      ],
      finds: [
        "BGPAdvertisement/a spec.aggregationLength: BGPAdvertisement a aggregates to /25, but 10.0.0.201-10.0.0.255 of IPAddressPool p has no block wider than 10.0.0.224/27: the advertisement is rejected and announces nothing. (Set spec.aggregationLength of the BGPAdvertisement to 27 or more, or make the pool's entry a whole /25.)",
      ],
    },
    {
      name: 'wider than the pool is refused',
      objects: [pool('p', ['10.0.0.0/24']), advertisement('a', { aggregationLength: 16 })],
      finds: [
        "BGPAdvertisement/a spec.aggregationLength: BGPAdvertisement a aggregates to /16, but 10.0.0.0/24 of IPAddressPool p has no block wider than 10.0.0.0/24: the advertisement is rejected and announces nothing. (Set spec.aggregationLength of the BGPAdvertisement to 24 or more, or make the pool's entry a whole /16.)",
      ],
    },
    {
      name: 'wider than an IPv6 pool names the field of that family',
      objects: [pool('p', ['2001:db8::/124']), advertisement('a', { aggregationLengthV6: 64 })],
      finds: [
        "BGPAdvertisement/a spec.aggregationLengthV6: BGPAdvertisement a aggregates to /64, but 2001:db8::/124 of IPAddressPool p has no block wider than 2001:db8::/124: the advertisement is rejected and announces nothing. (Set spec.aggregationLengthV6 of the BGPAdvertisement to 124 or more, or make the pool's entry a whole /64.)",
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
  ])('$name', ({ objects, finds }) => expect(findings(objects, /^\/\d+ makes|aggregates to/)).toEqual(finds));
});
