import { advertisement, type KubeObject, peer } from '../../support/metallb-objects.ts';
import type { Case } from '../facts.ts';
import { block, nodes, rack, tor } from '../objects.ts';

/** An advertisement with localPref 100 for one node, and one for another with these fields. */
const pair = (router: KubeObject, b: object) => ({
  objects: [
    ...nodes,
    block,
    router,
    advertisement('a', { localPref: 100, ...rack('node-1') }),
    advertisement('b', { ...b, ...rack('node-2') }),
  ],
});
const internal = peer('tor-1', { peerASN: 64512 });

export const cases: Case[] = [
  {
    name: 'over iBGP the nodes with the lower value get nothing',
    given: pair(internal, { localPref: 200 }),
    found: ['come with LOCAL_PREF 100 from node-1 (BGPAdvertisement a) and with 200 from node-2 (b)'],
  },
  { name: 'silent: 100 and nothing, which is 100 with FRR', given: pair(internal, {}), found: [] },
  { name: 'silent: over eBGP there is no LOCAL_PREF', given: pair(tor, { localPref: 200 }), found: [] },
  {
    name: 'silent: for different prefixes',
    given: pair(internal, { localPref: 200, aggregationLength: 24 }),
    found: [],
  },
];
