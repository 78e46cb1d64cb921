import { frrConfiguration } from '../../support/metallb-objects.ts';
import { type Case, up } from '../facts.ts';
import { cluster } from '../objects.ts';

export const cases: Case[] = [
  {
    name: 'an AS that no BGPPeer has',
    given: {
      objects: cluster,
      neighbors: { 1: up(1, { asn: 63_400, bgpPeer: null }) },
      routes: [[1, '10.244.0.0/26']],
    },
    found: ['A BGP speaker on node-1 (192.0.2.11) uses AS 63400 and announces 1 route'],
  },
  { name: 'silent: the AS of the BGPPeer', given: { objects: cluster, neighbors: { 1: up(1) } }, found: [] },
  {
    name: 'silent: nobody knows which node it is',
    given: { objects: cluster, neighbors: { 1: up(1, { node: null, bgpPeer: null, asn: 63_400 }) } },
    found: [],
  },
  {
    name: 'silent: with frr-k8s others may have sessions of their own',
    given: {
      objects: [...cluster, frrConfiguration('extra', { routers: [] })],
      options: { mode: 'frr-k8s' },
      neighbors: { 1: up(1, { asn: 63_400, bgpPeer: null }) },
    },
    found: [],
  },
];
