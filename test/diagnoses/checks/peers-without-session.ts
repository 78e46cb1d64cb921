import { advertisement, peer } from '../../support/metallb-objects.ts';
import type { Case } from '../facts.ts';
import { block, nodes, rack, tor } from '../objects.ts';

export const cases: Case[] = [
  {
    name: 'a name with a slip of the hand, and nothing else in the list',
    given: { objects: [...nodes, tor, block, advertisement('a', { peers: ['tor1'] })] },
    found: [/lists the peer tor1.*did you mean tor-1\?.*it announces nothing/],
    severity: 'critical',
  },
  {
    name: 'one of two names',
    given: { objects: [...nodes, tor, block, advertisement('a', { peers: ['tor-1', 'spine'] })] },
    found: [/lists the peer spine.*there are tor-1/],
  },
  {
    name: 'nodeSelectors of peer and advertisement that do not meet',
    given: {
      objects: [
        ...nodes,
        peer('tor-1', rack('node-1')),
        block,
        advertisement('a', { peers: ['tor-1'], ...rack('node-2') }),
      ],
    },
    found: ['it has sessions on node-1, and the advertisement selects node-2'],
  },
  {
    name: 'silent: every name has a session',
    given: { objects: [...nodes, peer('tor-1', rack('node-1')), block, advertisement('a', { peers: ['tor-1'] })] },
    found: [],
  },
  {
    name: 'silent: an empty list means all peers',
    given: { objects: [...nodes, tor, block, advertisement('a')] },
    found: [],
  },
  {
    name: 'silent: no node is known yet',
    given: { objects: [tor, block, advertisement('a', { peers: ['tor-1'] })] },
    found: [],
  },
];
