import type { KubeObject } from '../../support/metallb-objects.ts';
import { type Case, down } from '../facts.ts';
import { cluster, clusterWith } from '../objects.ts';

/** A cluster whose peer is at an address outside the nodes' subnet. */
const far = (spec = {}): KubeObject[] => clusterWith({ peerAddress: '198.51.100.1', ...spec });
/** That address is ours. */
const own = { interfaces: [{ address: '198.51.100.1', subnet: '198.51.100.0/24' }] };

export const cases: Case[] = [
  {
    name: 'nodes in another subnet than our address',
    given: { objects: far(), own },
    found: ['3 nodes (node-1, node-2 and node-3) are in another subnet'],
  },
  { name: 'silent: ebgpMultiHop', given: { objects: far({ ebgpMultiHop: true }), own }, found: [] },
  { name: 'silent: iBGP', given: { objects: far({ peerASN: 64512 }), own }, found: [] },
  { name: 'silent: the same subnet', given: { objects: cluster }, found: [] },
  {
    name: 'silent: the address is not ours, so it is translated or another router’s',
    given: { objects: far() },
    found: [],
  },
  {
    name: 'silent: it came up before',
    given: { objects: far(), own, neighbors: { 1: down(1, {}), 2: down(2, {}), 3: down(3, {}) } },
    found: [],
  },
];
