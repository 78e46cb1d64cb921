import { excludeLabel } from '../../../src/metallb/relations/nodes.ts';
import { node, service, slice } from '../../support/metallb-objects.ts';
import type { Case } from '../facts.ts';
import { announcing, cluster, clusterOf, local } from '../objects.ts';

export const cases: Case[] = [
  { name: 'one pod, three nodes', given: { objects: cluster }, found: ['default/web (endpoints on 1 node)'] },
  {
    name: 'silent: the other nodes are excluded from load balancers',
    given: {
      objects: clusterOf(
        node('node-1', 11),
        ...[2, 3].map((i) => node(`node-${i}`, 10 + i, { labels: { [excludeLabel]: '' } })),
      ),
    },
    found: [],
  },
  {
    name: 'silent: Local',
    given: { objects: [...announcing, service('web', ['203.0.113.5'], local), slice('web', ['node-1'])] },
    found: [],
  },
  {
    name: 'silent: pods on most nodes',
    given: { objects: [...announcing, service('web', ['203.0.113.5']), slice('web', ['node-1', 'node-2'])] },
    found: [],
  },
];
