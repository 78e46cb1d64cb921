import { advertisement, pool } from '../../support/metallb-objects.ts';
import type { Case } from '../facts.ts';
import { block, nodes, tor, web } from '../objects.ts';

const objects = [...nodes, tor, pool('both', ['203.0.113.0/24', 'fc00::/120']), advertisement('a'), ...web];

export const cases: Case[] = [
  {
    name: 'a dual-stack pool that is advertised',
    given: { objects, options: { mode: 'native' } },
    found: [/IPAddressPool both has IPv6 addresses.*BGPAdvertisement a is rejected/],
  },
  { name: 'silent: the same in frr mode', given: { objects }, found: [] },
  {
    name: 'silent: a pool for layer 2 that nothing has an address of',
    given: {
      objects: [...nodes, tor, pool('six', ['fc00::/120']), block, advertisement('a', { ipAddressPools: ['block'] })],
      options: { mode: 'native' },
    },
    found: [],
  },
];
