import { type Case, down, minutes, up } from '../facts.ts';
import { cluster, clusterWith } from '../objects.ts';

const badPeerAs = 'open-message-error/bad-peer-as';

export const cases: Case[] = [
  {
    name: 'the speaker is not in the AS that bgp.neighbors has',
    given: {
      objects: cluster,
      neighbors: { 1: down(1, { code: badPeerAs, text: 'AS 64999, expected 64512' }, { asn: 64_999 }) },
    },
    found: ['announces itself as AS 64999, and bgp.neighbors expects 64512'],
  },
  {
    name: 'the speaker expects another AS of us',
    given: {
      objects: clusterWith({ peerASN: 64501 }),
      neighbors: { 1: down(1, { direction: 'received', code: badPeerAs, text: 'the neighbor sent bad-peer-as' }) },
    },
    found: ['node-1 (192.0.2.11) refuses our AS 64500'],
  },
  {
    name: 'silent: it was put right',
    given: { objects: cluster, neighbors: { 1: up(1, { lastDown: down(1, { code: badPeerAs }).lastDown }) } },
    found: [],
  },
  {
    name: 'silent: the same address is up in the right AS by now',
    given: {
      neighbors: { 1: down(1, { code: badPeerAs }, { asn: 64_999 }), 2: up(2, { remoteAddress: '192.0.2.11' }) },
    },
    found: [],
  },
  {
    name: 'silent: it ended for another reason',
    given: { objects: cluster, neighbors: { 1: down(1, { code: 'cease/administrative-shutdown' }) } },
    found: [],
  },
  {
    name: 'silent: not seen any more',
    given: { objects: cluster, neighbors: { 1: down(1, { code: badPeerAs, at: minutes(30) }) } },
    found: [],
  },
];
