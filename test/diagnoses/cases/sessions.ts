import { advertisement, bfdProfile, node, peer, pool, service, slice } from '../../support/metallb-objects.ts';
import { type Case, down, minutes, negotiated, now, seconds, up } from '../facts.ts';

const nodes = [node('node-1', 11), node('node-2', 12), node('node-3', 13)];
const web = [
  pool('block', ['203.0.113.0/24']),
  advertisement('a'),
  service('web', ['203.0.113.5']),
  slice('web', ['node-1']),
];
const cluster = [...nodes, peer('tor-1'), ...web];
const open = (holdTime: number) => ({ asn: 64512, holdTime, routerId: '192.0.2.11', capabilities: [] });
const badPeerAs = 'open-message-error/bad-peer-as';

/** Ends at these numbers of seconds ago. */
const ends = (...ago: number[]) => ago.map((n) => ({ at: seconds(n), wasUp: false }));

export const sessionCases: Record<string, Case[]> = {
  'family-not-negotiated': [
    {
      name: 'a dual-stack peer whose speaker announced IPv4 only',
      given: {
        objects: [...nodes, peer('tor-1', { dualStackAddressFamily: true }), ...web],
        neighbors: { 1: up(1) },
      },
      found: ['node-1 (192.0.2.11) with BGPPeer tor-1 should carry IPv6'],
    },
    {
      name: 'silent: both families agreed on',
      given: {
        objects: [...nodes, peer('tor-1', { dualStackAddressFamily: true }), ...web],
        neighbors: { 1: up(1, { negotiated: negotiated({ families: [4, 6] }) }) },
      },
      found: [],
    },
    { name: 'silent: an IPv4 peer', given: { objects: cluster, neighbors: { 1: up(1) } }, found: [] },
  ],
  'hot-reconnect': [
    {
      name: 'a native speaker with the wrong AS, most of its attempts unreported',
      given: {
        objects: cluster,
        options: { mode: 'native' },
        neighbors: { 1: down(1, { code: badPeerAs, text: 'AS 64999, expected 64512' }) },
        ends: {
          1: [
            { at: seconds(12), wasUp: false, suppressed: 0 },
            { at: seconds(2), wasUp: false, suppressed: 9 },
          ],
        },
      },
      found: [/tried about 11 times in the last 13 s.*Native speakers do not wait/],
    },
    {
      name: 'a speaker that hangs up without a word',
      given: { objects: cluster, neighbors: { 1: down(1, {}) }, ends: { 1: ends(50, 40, 30, 20, 10, 5, 1) } },
      found: ['tried about 7 times'],
    },
    {
      name: 'silent: a few attempts in a minute',
      given: { objects: cluster, neighbors: { 1: down(1, {}) }, ends: { 1: ends(50, 30, 10) } },
      found: [],
    },
    {
      name: 'silent: many attempts, and now it is up',
      given: { objects: cluster, neighbors: { 1: up(1) }, ends: { 1: ends(50, 40, 30, 20, 10, 5, 1) } },
      found: [],
    },
    {
      name: 'silent: long ago',
      given: { objects: cluster, neighbors: { 1: down(1, {}) }, ends: { 1: ends(500, 490, 480, 470, 460, 450, 440) } },
      found: [],
    },
  ],
  'wrong-as': [
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
        objects: [...nodes, peer('tor-1', { peerASN: 64501 }), ...web],
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
  ],
  'router-id-is-ours': [
    {
      name: 'iBGP with our own router ID',
      given: {
        neighbors: {
          1: down(
            1,
            { code: 'open-message-error/bad-bgp-identifier', text: 'BGP Identifier 192.0.2.1 is ours' },
            { routerId: '192.0.2.1' },
          ),
        },
      },
      found: ['has the router ID 192.0.2.1, which is ours'],
    },
    {
      name: 'silent: eBGP, where it may be equal',
      given: { neighbors: { 1: up(1, { routerId: '192.0.2.1' }) } },
      found: [],
    },
  ],
  'silent-neighbor': [
    {
      name: 'the hold timer expired and nobody came back',
      given: { neighbors: { 1: down(1, { code: 'hold-timer-expired', text: 'hold timer expired', at: minutes(5) }) } },
      found: ['fell silent: the hold timer expired 5 min ago'],
    },
    {
      name: 'native speakers keep dead connections',
      given: {
        options: { mode: 'native' },
        neighbors: { 1: down(1, { code: 'hold-timer-expired', text: 'hold timer expired', at: minutes(5) }) },
      },
      found: ['Native speakers ignore the hold timer'],
    },
    {
      name: 'silent: the node has left the cluster',
      given: {
        objects: cluster,
        neighbors: { 1: down(1, { code: 'hold-timer-expired', at: minutes(5) }, { node: null, bgpPeer: null }) },
      },
      found: [],
    },
    {
      name: 'silent: just now',
      given: { neighbors: { 1: down(1, { code: 'hold-timer-expired', text: 'hold timer expired', at: seconds(20) }) } },
      found: [],
    },
    {
      name: 'silent: the speaker said goodbye',
      given: { neighbors: { 1: down(1, { direction: 'received', code: 'cease/peer-de-configured', at: minutes(5) }) } },
      found: [],
    },
  ],
  'no-hold-timer': [
    {
      name: 'a hold time of 0',
      given: {
        neighbors: { 1: up(1, { negotiated: negotiated({ holdTime: 0 }), received: open(0) }) },
      },
      found: ['without a hold timer (the speaker asked for 0)'],
    },
    { name: 'silent: 3 s', given: { neighbors: { 1: up(1, { negotiated: negotiated({ holdTime: 3 }) }) } }, found: [] },
  ],
  'hold-time-not-in-force': [
    {
      name: 'the OPEN says something else than the BGPPeer',
      given: {
        objects: [...nodes, peer('tor-1', { holdTime: '9s' }), ...web],
        neighbors: { 1: up(1, { received: open(180) }) },
      },
      found: ['asks for a hold time of 9 s, and node-1 (192.0.2.11) announced 180 s'],
    },
    {
      name: 'silent: the same',
      given: {
        objects: [...nodes, peer('tor-1', { holdTime: '9s' }), ...web],
        neighbors: { 1: up(1, { received: open(9), negotiated: negotiated({ holdTime: 3 }) }) },
      },
      found: [],
    },
    {
      name: 'silent: the BGPPeer was edited a moment ago',
      given: {
        objects: [...nodes, peer('tor-1', { holdTime: '9s' }), ...web],
        neighbors: { 1: up(1, { received: open(180) }) },
        edits: [
          {
            at: seconds(2),
            action: 'changed',
            object: { kind: 'BGPPeer', namespace: 'metallb-system', name: 'tor-1' },
          },
        ],
      },
      found: [],
    },
    {
      name: 'silent: the BGPPeer asks for nothing',
      given: { objects: cluster, neighbors: { 1: up(1, { received: open(180) }) } },
      found: [],
    },
  ],
  'resets-with-edits': [
    {
      name: 'three ends, each just after an edit of a service',
      given: {
        neighbors: { 1: up(1) },
        edits: [50, 30, 10].map((n) => ({
          at: minutes(n),
          action: 'changed' as const,
          object: { kind: 'Service', namespace: 'default', name: 'web' },
        })),
        ends: { 1: [50, 30, 10].map((n) => ({ at: minutes(n) + 4_000 })) },
      },
      found: [/went down 3 times since .*, 3 of them within 10 s of an edit \(Service web\)/],
    },
    {
      name: 'silent: ends at other times',
      given: {
        neighbors: { 1: up(1) },
        edits: [50, 30, 10].map((n) => ({
          at: minutes(n),
          action: 'changed' as const,
          object: { kind: 'Service', namespace: 'default', name: 'web' },
        })),
        ends: { 1: [45, 25, 5].map((n) => ({ at: minutes(n) })) },
      },
      found: [],
    },
    {
      name: 'silent: a cluster that is edited all the time',
      given: {
        neighbors: { 1: up(1) },
        edits: Array.from({ length: 360 }, (_, i) => ({
          at: now - (360 - i) * 10_000,
          action: 'changed' as const,
          object: { kind: 'Service', namespace: 'default', name: `web-${i}` },
        })),
        ends: { 1: [50, 30, 10].map((n) => ({ at: minutes(n) + 4_000 })) },
      },
      found: [],
    },
    {
      name: 'silent: edits of the BGPPeer itself end sessions as they should',
      given: {
        objects: [...cluster, bfdProfile('bfd')],
        neighbors: { 1: up(1) },
        edits: [50, 30, 10].map((n) => ({
          at: minutes(n),
          action: 'changed' as const,
          object: { kind: 'BGPPeer', namespace: 'metallb-system', name: 'tor-1' },
        })),
        ends: { 1: [50, 30, 10].map((n) => ({ at: minutes(n) + 4_000 })) },
      },
      found: [],
    },
  ],
};
