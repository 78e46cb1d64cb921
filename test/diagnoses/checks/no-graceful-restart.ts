import { type Case, negotiated, up } from '../facts.ts';
import { cluster, clusterWith } from '../objects.ts';

const held = { restartTime: 120, restarting: false, notification: true };

export const cases: Case[] = [
  {
    name: 'FRR as it is without enableGracefulRestart: capability 64 without families',
    given: {
      objects: cluster,
      neighbors: { 1: up(1, { negotiated: negotiated({ gracefulRestart: { ...held, families: [] } }) }), 2: up(2) },
    },
    found: [
      /2 sessions of BGPPeer tor-1 \(node-1 and node-2\) run without graceful restart \(capability 64 is there, without families\)/,
    ],
  },
  {
    name: 'asked for, and not negotiated',
    given: { objects: clusterWith({ enableGracefulRestart: true }), neighbors: { 1: up(1) } },
    found: ['has enableGracefulRestart, but node-1 announced no family'],
    severity: 'warning',
  },
  {
    name: 'silent: negotiated',
    given: {
      objects: cluster,
      neighbors: {
        1: up(1, {
          negotiated: negotiated({ gracefulRestart: { ...held, families: [{ family: 4, forwarding: true }] } }),
        }),
      },
    },
    found: [],
  },
  { name: 'silent: nobody knows whose it is', given: { neighbors: { 1: up(1, { bgpPeer: null }) } }, found: [] },
];
