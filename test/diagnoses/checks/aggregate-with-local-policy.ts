import { advertisement, service, slice } from '../../support/metallb-objects.ts';
import type { Case } from '../facts.ts';
import { block, local, nodes, tor, web } from '../objects.ts';

const aggregated = [...nodes, tor, block, advertisement('a', { aggregationLength: 24 })];
/** A service with policy Local in the same block. */
const db = [service('db', ['203.0.113.6'], local), slice('db', ['node-2'])];

export const cases: Case[] = [
  {
    name: 'a node that announces the block for another service',
    given: { objects: [...aggregated, ...web, ...db] },
    found: [
      /203\.0\.113\.0\/24 is announced to tor-1 by 3 nodes.*default\/db \(203\.0\.113\.6\) is served on node-2, but the block is also announced by node-1 and node-3/,
    ],
  },
  {
    name: 'silent: the host route is announced as well, and beats the block',
    given: { objects: [...aggregated, advertisement('hosts'), ...web, ...db] },
    found: [],
  },
  {
    name: 'silent: the block is announced only by those that serve',
    given: { objects: [...aggregated, ...db] },
    found: [],
  },
  { name: 'silent: policy Cluster', given: { objects: [...aggregated, ...web] }, found: [] },
];
