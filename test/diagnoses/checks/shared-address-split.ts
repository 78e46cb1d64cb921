import { service, slice } from '../../support/metallb-objects.ts';
import type { Case } from '../facts.ts';
import { announcing, cluster, local } from '../objects.ts';

/** A second service at the address of the first. */
const db = (spec = {}) => [service('db', ['203.0.113.5'], spec), slice('db', ['node-2'])];

export const cases: Case[] = [
  {
    name: 'one of two services is Local and has fewer nodes',
    given: { objects: [...cluster, ...db(local)] },
    found: [
      /203\.0\.113\.5 is shared by default\/db .*endpoints on node-2\) and default\/web\. node-1 and node-3 announce it/,
    ],
  },
  {
    name: 'silent: both have the same pods',
    given: { objects: [...announcing, service('web', ['203.0.113.5'], local), slice('web', ['node-2']), ...db(local)] },
    found: [],
  },
  { name: 'silent: both are Cluster', given: { objects: [...cluster, ...db()] }, found: [] },
];
