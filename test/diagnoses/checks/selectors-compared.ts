import { advertisement, peer } from '../../support/metallb-objects.ts';
import type { Case } from '../facts.ts';
import { block, nodes, rack, tor } from '../objects.ts';

export const cases: Case[] = [
  {
    name: 'an advertisement for nodes of which one has no session',
    given: {
      objects: [
        ...nodes,
        peer('tor-1', rack('node-1')),
        block,
        advertisement('a', {
          nodeSelectors: [...rack('node-1').nodeSelectors, ...rack('node-2').nodeSelectors],
        }),
      ],
    },
    found: ['selects node-1 and node-2; of these node-2 has no session with any BGPPeer, whose nodes are node-1'],
  },
  {
    name: 'nodeSelectors that select nothing',
    given: { objects: [...nodes, tor, block, advertisement('a', rack('node-9'))] },
    found: ['match no node'],
  },
  {
    name: 'silent: the advertisement is rejected',
    given: {
      objects: [...nodes, tor, block, advertisement('a', { ...rack('node-9'), aggregationLength: 16 })],
    },
    found: [],
  },
  {
    name: 'silent: a peer by rack, and an advertisement for all nodes',
    given: { objects: [...nodes, peer('tor-1', rack('node-1')), block, advertisement('a')] },
    found: [],
  },
  {
    name: 'silent: both select the same',
    given: { objects: [...nodes, peer('tor-1', rack('node-1')), block, advertisement('a', rack('node-1'))] },
    found: [],
  },
];
