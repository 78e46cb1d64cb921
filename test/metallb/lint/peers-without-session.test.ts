import { describe, expect, it } from 'vitest';
import { findings, type LintRow } from '../../support/lint.ts';
import { advertisement, node, peer, pool } from '../../support/metallb-objects.ts';

const rack = (value: string): object => ({ nodeSelectors: [{ matchLabels: { rack: value } }] });
const base = [
  node('node-a', 11, { labels: { rack: '1' } }),
  node('node-b', 12, { labels: { rack: '2' } }),
  pool('public', ['10.0.0.0/24']),
  peer('tor-1', rack('1')),
];

describe('a peer in the list', () => {
  it.each<LintRow>([
    {
      name: 'is fine when one of the nodes has a session with it',
      objects: [...base, advertisement('a', { peers: ['tor-1'] })],
      finds: [],
    },
    {
      name: 'with sessions on other nodes only is found',
      objects: [...base, advertisement('a', { peers: ['tor-1'], ...rack('2') })],
      finds: [
        "BGPAdvertisement/a spec.peers[0]: none of the advertisement's nodes has a session with BGPPeer tor-1, whose nodes are node-a (compare the nodeSelectors of the two)",
      ],
    },
    {
      name: 'that selects no node is found',
      objects: [
        ...base,
        peer('tor-9', { peerAddress: '192.0.2.9', ...rack('9') }),
        advertisement('a', { peers: ['tor-9'] }),
      ],
      finds: [
        'BGPAdvertisement/a spec.peers[0]: BGPPeer tor-9 has a session on no node (compare the nodeSelectors of the two)',
      ],
    },
    {
      name: 'on nodes without a speaker is found',
      objects: [
        node('node-a', 11, { labels: { rack: '1' }, taints: [{ key: 'gpu', effect: 'NoSchedule' }] }),
        ...base.slice(1),
        advertisement('a', { peers: ['tor-1'] }),
      ],
      finds: [
        'BGPAdvertisement/a spec.peers[0]: BGPPeer tor-1 has a session on no node (compare the nodeSelectors of the two)',
      ],
    },
    {
      name: 'cannot be told without nodes',
      objects: [...base.slice(2), advertisement('a', { peers: ['tor-1'], ...rack('2') })],
      finds: [],
    },
  ])('$name', ({ objects, finds }) => expect(findings(objects, /session/)).toEqual(finds));
});
