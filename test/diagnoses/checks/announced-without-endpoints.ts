import { service, slice } from '../../support/metallb-objects.ts';
import { type Case, up } from '../facts.ts';
import { announcing, cluster } from '../objects.ts';

export const cases: Case[] = [
  {
    name: 'the last endpoint is gone and the route is not',
    given: {
      objects: [...announcing, service('web', ['203.0.113.5']), slice('web', [])],
      neighbors: { 1: up(1), 2: up(2) },
      routes: [
        [1, '203.0.113.5/32'],
        [2, '203.0.113.5/32', { nextHop: '192.0.2.12' }],
      ],
    },
    found: [/203\.0\.113\.5\/32 is still announced by 2 nodes \(node-1 and node-2\) although .*no serving endpoint/],
  },
  {
    name: 'the service is gone',
    given: { objects: announcing, neighbors: { 1: up(1) }, routes: [[1, '203.0.113.9/32']] },
    found: ['no Service has an address in 203.0.113.9/32'],
  },
  {
    name: 'silent: it is served',
    given: { objects: cluster, neighbors: { 1: up(1) }, routes: [[1, '203.0.113.5/32']] },
    found: [],
  },
  {
    name: 'silent: a prefix that has nothing to do with MetalLB',
    given: { objects: cluster, neighbors: { 1: up(1) }, routes: [[1, '10.244.0.0/26']] },
    found: [],
  },
];
