import { type Case, negotiated, up } from '../facts.ts';
import { cluster, clusterWith } from '../objects.ts';

const dualStack = clusterWith({ dualStackAddressFamily: true });

export const cases: Case[] = [
  {
    name: 'a dual-stack peer whose speaker announced IPv4 only',
    given: { objects: dualStack, neighbors: { 1: up(1) } },
    found: ['node-1 (192.0.2.11) with BGPPeer tor-1 should carry IPv6'],
  },
  {
    name: 'silent: both families agreed on',
    given: { objects: dualStack, neighbors: { 1: up(1, { negotiated: negotiated({ families: [4, 6] }) }) } },
    found: [],
  },
  { name: 'silent: an IPv4 peer', given: { objects: cluster, neighbors: { 1: up(1) } }, found: [] },
];
