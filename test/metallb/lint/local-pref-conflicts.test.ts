import { describe, expect, it } from 'vitest';
import { findings, type LintRow } from '../../support/lint.ts';
import { advertisement, node, pool } from '../../support/metallb-objects.ts';

const rack = (value: string): object => ({ nodeSelectors: [{ matchLabels: { rack: value } }] });
const base = [
  node('node-a', 11, { labels: { rack: '1' } }),
  node('node-b', 12, { labels: { rack: '2' } }),
  pool('p', ['10.0.0.0/24']),
];

describe('two localPref on one pool', () => {
  it.each<LintRow>([
    {
      name: 'are fine with other lengths',
      objects: [...base, advertisement('a', { localPref: 100 }), advertisement('b', { aggregationLength: 24 })],
      finds: [],
    },
    {
      name: 'are fine on other nodes',
      objects: [...base, advertisement('a', { localPref: 100, ...rack('1') }), advertisement('b', rack('2'))],
      finds: [],
    },
    {
      name: 'are fine towards other peers',
      objects: [...base, advertisement('a', { localPref: 100, peers: ['x'] }), advertisement('b', { peers: ['y'] })],
      finds: [],
    },
    {
      name: 'for the same prefixes keep the later one out',
      objects: [...base, advertisement('a', { localPref: 100 }), advertisement('b')],
      finds: [
        'BGPAdvertisement/b spec.localPref: BGPAdvertisement a sets localPref 100 and BGPAdvertisement b sets 0 for the same prefixes of IPAddressPool p on node-a and node-b: MetalLB rejects the later one, or the whole configuration if no webhook runs. (Give both the same spec.localPref, or make their prefixes differ: the aggregation length, spec.peers or spec.nodeSelectors.)',
      ],
    },
    {
      name: 'with serviceSelectors cost the services that both match',
      objects: [
        ...base.slice(2),
        advertisement('a', { localPref: 100 }),
        advertisement('b', { serviceSelectors: [{ matchLabels: { app: 'web' } }] }),
      ],
      finds: [
        'BGPAdvertisement/b spec.localPref: 0 is not the 100 of BGPAdvertisement a (BGPAdvertisement/a) for the same prefixes of IPAddressPool p: a service that both match is not announced on the nodes they share (give both the same localPref, or other aggregationLength, peers or nodes)',
      ],
    },
  ])('$name', ({ objects, finds }) => expect(findings(objects, /is not the \d+ of|sets localPref/)).toEqual(finds));
});
