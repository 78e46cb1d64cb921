import { type KubeObject, l2Advertisement, service, slice } from '../../support/metallb-objects.ts';
import type { Case } from '../facts.ts';
import { block, local, nodes, web } from '../objects.ts';

/** Services that are announced on layer 2. */
const announced = (...services: KubeObject[]) => ({ objects: [...nodes, block, l2Advertisement('l2'), ...services] });

export const cases: Case[] = [
  {
    name: 'two Local services with endpoints on different nodes',
    given: announced(
      service('web', ['203.0.113.5'], local),
      slice('web', ['node-1']),
      service('db', ['203.0.113.5'], local),
      slice('db', ['node-2']),
    ),
    found: [/203\.0\.113\.5 has 2 owners on layer 2: node-1 for default\/web, node-2 for default\/db/],
  },
  {
    name: 'silent: the same owner',
    given: announced(...web, service('db', ['203.0.113.5']), slice('db', ['node-2'])),
    found: [],
  },
  {
    name: 'silent: different addresses',
    given: announced(...web, service('db', ['203.0.113.6'], local), slice('db', ['node-2'])),
    found: [],
  },
];
