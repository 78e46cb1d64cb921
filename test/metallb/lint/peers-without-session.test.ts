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
        'BGPAdvertisement/a spec.peers[0]: BGPAdvertisement a lists the peer tor-1, but none of its nodes has a session with this BGPPeer: it has sessions on node-a, and the advertisement selects node-b. None of its peers has a session, so it announces nothing. (Compare spec.nodeSelectors of BGPPeer tor-1 with spec.nodeSelectors of the advertisement.)',
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
        'BGPAdvertisement/a spec.peers[0]: BGPAdvertisement a lists the peer tor-9, but none of its nodes has a session with this BGPPeer: its nodeSelectors match no node. None of its peers has a session, so it announces nothing. (Compare spec.nodeSelectors of BGPPeer tor-9 with spec.nodeSelectors of the advertisement.)',
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
        'BGPAdvertisement/a spec.peers[0]: BGPAdvertisement a lists the peer tor-1, but none of its nodes has a session with this BGPPeer: the BGPPeer is rejected, or no speaker runs on the nodes they share. None of its peers has a session, so it announces nothing. (Compare spec.nodeSelectors of BGPPeer tor-1 with spec.nodeSelectors of the advertisement.)',
      ],
    },
    {
      name: 'cannot be told without nodes',
      objects: [...base.slice(2), advertisement('a', { peers: ['tor-1'], ...rack('2') })],
      finds: [],
    },
  ])('$name', ({ objects, finds }) => expect(findings(objects, /session/)).toEqual(finds));
});
