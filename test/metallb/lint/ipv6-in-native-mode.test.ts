import { describe, expect, it } from 'vitest';
import { findings, type LintRow } from '../../support/lint.ts';
import { pool } from '../../support/metallb-objects.ts';

const dual = pool('p', ['10.0.0.0/24', '2001:db8::/124']);

describe('an IPv6 pool', () => {
  it.each<LintRow>([
    { name: 'is fine in an FRR mode', objects: [dual], options: { mode: 'frr' }, finds: [] },
    { name: 'of IPv4 alone is fine', objects: [pool('p', ['10.0.0.0/24'])], options: { mode: 'native' }, finds: [] },
    {
      name: 'is found in native mode',
      objects: [dual],
      options: { mode: 'native' },
      finds: [
        'IPAddressPool/p spec.addresses[1]: "2001:db8::/124" is IPv6, which native BGP mode cannot announce: MetalLB rejects every BGPAdvertisement of this pool, so its IPv4 addresses are not announced either (give the IPv6 addresses a pool of their own for layer 2, or run the speakers in an FRR mode)',
      ],
    },
  ])('$name', ({ objects, options, finds }) => expect(findings(objects, /native BGP mode/, options)).toEqual(finds));
});
