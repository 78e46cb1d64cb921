import { node } from '../../support/metallb-objects.ts';
import type { Case } from '../facts.ts';
import { clusterOf } from '../objects.ts';

const excluded = { labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': '' } };

export const cases: Case[] = [
  {
    name: 'a cluster of one node that has the label',
    given: { objects: clusterOf(node('node-1', 11, excluded)) },
    found: ['The only node (node-1) has the label'],
    severity: 'critical',
  },
  {
    name: 'one of two nodes: an explanation',
    given: { objects: clusterOf(node('node-1', 11), node('node-2', 12, excluded)) },
    found: ['1 node of 2 (node-2) has the label'],
  },
  {
    name: 'silent: the speakers ignore the label',
    given: { objects: clusterOf(node('node-1', 11, excluded)), options: { ignoreExcludeLB: true } },
    found: [],
  },
  {
    name: 'silent: MetalLB 0.14.1 does not look at the label',
    given: { objects: clusterOf(node('node-1', 11, excluded)), options: { version: '0.14.1' } },
    found: [],
  },
  {
    name: 'MetalLB 0.14.2 has no flag --ignore-exclude-lb',
    given: { objects: clusterOf(node('node-1', 11, excluded)), options: { version: '0.14.2', ignoreExcludeLB: true } },
    found: ['The only node (node-1) has the label'],
  },
  { name: 'silent: no node has it', given: { objects: clusterOf(node('node-1', 11)) }, found: [] },
];
