import { advertisement, pool } from '../../support/metallb-objects.ts';
import type { Case } from '../facts.ts';
import { block, nodes } from '../objects.ts';

const small = pool('small', ['203.0.113.0/28']);
const a = (aggregationLength: number) => advertisement('a', { aggregationLength });

export const cases: Case[] = [
  {
    name: 'a length shorter than the pool',
    given: { objects: [...nodes, small, a(24)] },
    found: [
      'aggregates to /24, but 203.0.113.0/28 of IPAddressPool small has no block wider than 203.0.113.0/28: the advertisement is rejected',
    ],
  },
  {
    name: 'the pool came after the advertisement: the speakers refuse it all',
    given: { objects: [...nodes, a(24), small] },
    found: [/the pool was there too late.*node-1, node-2 and node-3/],
  },
  {
    name: 'of a range its widest piece counts',
    given: { objects: [...nodes, pool('range', ['203.0.113.1-203.0.113.4']), a(30)] },
    found: ['has no block wider than 203.0.113.2/31'],
  },
  { name: 'silent: as wide as the pool', given: { objects: [...nodes, small, a(28)] }, found: [] },
  {
    name: 'silent: of another pool',
    given: {
      objects: [
        ...nodes,
        block,
        pool('small', ['198.51.100.0/28']),
        advertisement('a', { aggregationLength: 24, ipAddressPools: ['block'] }),
      ],
    },
    found: [],
  },
];
