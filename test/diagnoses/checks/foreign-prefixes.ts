import { frrConfiguration } from '../../support/metallb-objects.ts';
import { type Case, up } from '../facts.ts';
import { cluster } from '../objects.ts';

export const cases: Case[] = [
  {
    name: 'pod networks on the session of a BGPPeer',
    given: {
      objects: cluster,
      neighbors: { 1: up(1) },
      routes: [
        [1, '203.0.113.5/32'],
        [1, '10.244.0.0/26'],
        [1, '10.244.1.0/26'],
      ],
    },
    found: ['node-1 announces 2 routes (10.244.0.0/26 and 10.244.1.0/26) outside every IPAddressPool'],
  },
  {
    name: 'silent: an address of a pool that nobody has, and a block around the pool',
    given: {
      objects: cluster,
      neighbors: { 1: up(1) },
      routes: [
        [1, '203.0.113.9/32'],
        [1, '203.0.0.0/16'],
      ],
    },
    found: [],
  },
  {
    name: 'silent: an FRRConfiguration asks for it',
    given: {
      objects: [
        ...cluster,
        frrConfiguration('extra', {
          routers: [
            {
              asn: 64512,
              prefixes: ['10.244.0.0/26'],
              neighbors: [{ address: '192.0.2.1', toAdvertise: { allowed: { mode: 'all' } } }],
            },
          ],
        }),
      ],
      options: { mode: 'frr-k8s' },
      neighbors: { 1: up(1) },
      routes: [[1, '10.244.0.0/26']],
    },
    found: [],
  },
];
