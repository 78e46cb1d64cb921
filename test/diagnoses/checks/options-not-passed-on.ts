import { peer } from '../../support/metallb-objects.ts';
import type { Case } from '../facts.ts';
import { nodes } from '../objects.ts';

const options = { mode: 'frr-k8s' } as const;
const withSource = [...nodes, peer('tor-1', { sourceAddress: '192.0.2.11' })];

export const cases: Case[] = [
  {
    name: 'sourceAddress in frr-k8s mode',
    given: { objects: withSource, options },
    found: ['BGPPeer tor-1: sourceAddress is not passed on to frr-k8s'],
  },
  {
    name: 'one timer equal to its default takes the other along',
    given: { objects: [...nodes, peer('tor-1', { holdTime: '180s', keepaliveTime: '20s' })], options },
    found: ['holdTime 180 s and keepaliveTime 20 s end up as 180 and 60'],
  },
  { name: 'silent: in frr mode they are honoured', given: { objects: withSource }, found: [] },
  {
    name: 'silent: both timers unlike the defaults, or both like them',
    given: {
      objects: [
        ...nodes,
        peer('tor-1', { holdTime: '90s', keepaliveTime: '30s' }),
        peer('tor-2', { peerAddress: '192.0.2.2', holdTime: '180s', keepaliveTime: '60s' }),
      ],
      options,
    },
    found: [],
  },
];
