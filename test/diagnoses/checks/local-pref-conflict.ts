import { advertisement, type KubeObject, pool, service } from '../../support/metallb-objects.ts';
import type { Case } from '../facts.ts';
import { block, nodes, rack } from '../objects.ts';

/** An advertisement with localPref 100 and one with 200, which differ in these fields as well. */
const pair = (a = {}, b = {}): KubeObject[] => [
  ...nodes,
  block,
  advertisement('a', { localPref: 100, ...a }),
  advertisement('b', { localPref: 200, ...b }),
];
const ofWeb = { serviceSelectors: [{ matchLabels: { app: 'web' } }] };

export const cases: Case[] = [
  {
    name: 'two advertisements of one pool with different localPref are named',
    given: { objects: pair() },
    found: ['BGPAdvertisement a sets localPref 100 and BGPAdvertisement b sets 200'],
  },
  {
    name: 'in a dual-stack pool both lengths must differ',
    given: {
      objects: [
        ...nodes,
        pool('both', ['203.0.113.0/24', 'fc00::/120']),
        advertisement('a', { localPref: 100 }),
        advertisement('b', { localPref: 200, aggregationLength: 24 }),
      ],
    },
    found: ['IPAddressPool both'],
  },
  {
    name: 'with serviceSelectors it is the services that both match',
    given: {
      objects: [
        ...pair({}, ofWeb),
        service('web', ['203.0.113.5'], { labels: { app: 'web' } }),
        service('db', ['203.0.113.6']),
      ],
    },
    found: ['Services that both match are not announced there (default/web)'],
  },
  {
    name: 'silent: serviceSelectors that no service meets',
    given: { objects: [...pair({}, ofWeb), service('db', ['203.0.113.6'])] },
    found: [],
  },
  {
    name: 'silent: one of them is rejected for another reason, and the other is accepted',
    given: { objects: pair({ communities: ['1:2', '1:2'] }) },
    found: [],
  },
  { name: 'silent: the same value', given: { objects: pair({}, { localPref: 100 }) }, found: [] },
  { name: 'silent: other lengths', given: { objects: pair({}, { aggregationLength: 24 }) }, found: [] },
  { name: 'silent: other nodes', given: { objects: pair(rack('node-1'), rack('node-2')) }, found: [] },
];
