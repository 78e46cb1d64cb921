import {
  advertisement,
  bfdProfile,
  frrConfiguration,
  node,
  peer,
  pool,
  service,
  slice,
} from '../../support/metallb-objects.ts';
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
const held = { restartTime: 120, restarting: false, notification: true };

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
  'multihop-needed': [
    {
      name: 'nodes in another subnet than our address',
      given: {
        objects: [...nodes, peer('tor-1', { peerAddress: '198.51.100.1' }), ...web],
        own: { interfaces: [{ address: '198.51.100.1', subnet: '198.51.100.0/24' }] },
      },
      found: ['3 nodes (node-1, node-2 and node-3) are in another subnet'],
    },
    {
      name: 'silent: ebgpMultiHop',
      given: {
        objects: [...nodes, peer('tor-1', { peerAddress: '198.51.100.1', ebgpMultiHop: true }), ...web],
        own: { interfaces: [{ address: '198.51.100.1', subnet: '198.51.100.0/24' }] },
      },
      found: [],
    },
    {
      name: 'silent: iBGP',
      given: {
        objects: [...nodes, peer('tor-1', { peerAddress: '198.51.100.1', peerASN: 64512 }), ...web],
        own: { interfaces: [{ address: '198.51.100.1', subnet: '198.51.100.0/24' }] },
      },
      found: [],
    },
    {
      name: 'silent: the same subnet',
      given: { objects: cluster },
      found: [],
    },
    {
      name: 'silent: the address is not ours, so it is translated or another router’s',
      given: { objects: [...nodes, peer('tor-1', { peerAddress: '198.51.100.1' }), ...web] },
      found: [],
    },
    {
      name: 'silent: it came up before',
      given: {
        objects: [nodes[0]!, peer('tor-1', { peerAddress: '198.51.100.1' }), ...web],
        own: { interfaces: [{ address: '198.51.100.1', subnet: '198.51.100.0/24' }] },
        neighbors: { 1: down(1, {}) },
      },
      found: [],
    },
  ],
  'duplicate-router-id': [
    {
      name: 'two nodes with the router ID of their BGPPeer',
      given: {
        objects: [...nodes, peer('tor-1', { routerID: '10.10.10.1' }), ...web],
        neighbors: { 1: up(1, { routerId: '10.10.10.1' }), 2: up(2, { routerId: '10.10.10.1' }) },
      },
      found: ['2 speakers (node-1 and node-2) have the router ID 10.10.10.1, as BGPPeer tor-1 asks for'],
    },
    {
      name: 'silent: two sessions of one node',
      given: { neighbors: { 1: up(1), 2: up(2, { node: 'node-1', routerId: '192.0.2.11' }) } },
      found: [],
    },
    { name: 'silent: each its own', given: { neighbors: { 1: up(1), 2: up(2) } }, found: [] },
  ],
  'zero-router-id': [
    {
      name: 'a node without IPv4',
      given: { objects: cluster, neighbors: { 1: up(1, { routerId: '0.0.0.0' }) } },
      found: ['has the router ID 0.0.0.0'],
    },
    { name: 'silent: any other', given: { objects: cluster, neighbors: { 1: up(1) } }, found: [] },
  ],
  'two-speakers-on-one-address': [
    {
      name: 'two AS numbers from one address at once',
      given: { neighbors: { 1: up(1), 2: up(2, { remoteAddress: '192.0.2.11', asn: 64_999 }) } },
      found: [/192\.0\.2\.11 has 2 sessions to 192\.0\.2\.1 port 179 at once, as AS 64512 .* and AS 64999/],
    },
    {
      name: 'silent: to two addresses of ours, as for two BGPPeers',
      given: { neighbors: { 1: up(1), 2: up(2, { remoteAddress: '192.0.2.11', localAddress: '192.0.2.2' }) } },
      found: [],
    },
    {
      name: 'silent: the other one is gone',
      given: { neighbors: { 1: up(1), 2: down(2, {}, { remoteAddress: '192.0.2.11', asn: 64_999 }) } },
      found: [],
    },
  ],
  'other-bgp-speaker': [
    {
      name: 'an AS that no BGPPeer has',
      given: {
        objects: cluster,
        neighbors: { 1: up(1, { asn: 63_400, bgpPeer: null }) },
        routes: [[1, '10.244.0.0/26']],
      },
      found: ['Something on node-1 (192.0.2.11) speaks BGP as AS 63400 and announces 1 route'],
    },
    { name: 'silent: the AS of the BGPPeer', given: { objects: cluster, neighbors: { 1: up(1) } }, found: [] },
    {
      name: 'silent: nobody knows which node it is',
      given: { objects: cluster, neighbors: { 1: up(1, { node: null, bgpPeer: null, asn: 63_400 }) } },
      found: [],
    },
    {
      name: 'silent: with frr-k8s others may have sessions of their own',
      given: {
        objects: [...cluster, frrConfiguration('extra', { routers: [] })],
        options: { mode: 'frr-k8s' },
        neighbors: { 1: up(1, { asn: 63_400, bgpPeer: null }) },
      },
      found: [],
    },
  ],
  'two-octet-as': [
    {
      name: 'a speaker without capability 65',
      given: { neighbors: { 1: up(1, { negotiated: negotiated({ as4: false }) }) } },
      found: ['two-octet AS numbers'],
    },
    {
      name: 'and an AS that does not fit',
      given: { neighbors: { 1: up(1, { localAsn: 4_200_000_000, negotiated: negotiated({ as4: false }) }) } },
      found: ['does not fit into that'],
      severity: 'warning',
    },
    { name: 'silent: four octets', given: { neighbors: { 1: up(1) } }, found: [] },
  ],
  'no-graceful-restart': [
    {
      name: 'FRR as it is without enableGracefulRestart: capability 64 without families',
      given: {
        objects: cluster,
        neighbors: { 1: up(1, { negotiated: negotiated({ gracefulRestart: { ...held, families: [] } }) }), 2: up(2) },
      },
      found: [
        /2 sessions of BGPPeer tor-1 \(node-1 and node-2\) run without graceful restart \(capability 64 is there, without families\)/,
      ],
    },
    {
      name: 'asked for, and not negotiated',
      given: {
        objects: [...nodes, peer('tor-1', { enableGracefulRestart: true }), ...web],
        neighbors: { 1: up(1) },
      },
      found: ['has enableGracefulRestart, but node-1 announced no family'],
      severity: 'warning',
    },
    {
      name: 'silent: negotiated',
      given: {
        objects: cluster,
        neighbors: {
          1: up(1, {
            negotiated: negotiated({ gracefulRestart: { ...held, families: [{ family: 4, forwarding: true }] } }),
          }),
        },
      },
      found: [],
    },
    { name: 'silent: nobody knows whose it is', given: { neighbors: { 1: up(1, { bgpPeer: null }) } }, found: [] },
  ],
  'tcp-md5': [
    {
      name: 'wrong signatures, and a configured neighbor is missing',
      given: {
        md5: { failure: 6 },
        own: { neighbors: [{ range: '192.0.2.11/32', asn: 64512, hasPassword: true, ttlSecurity: false }] },
      },
      found: [
        'dropped 6 TCP segments with a wrong signature within the last minute: the passwords of the two sides differ. Not here: 192.0.2.11',
      ],
    },
    {
      name: 'no signature, and a node of the range is missing',
      given: {
        objects: cluster,
        md5: { notFound: 3 },
        neighbors: { 1: up(1), 2: up(2) },
        own: { neighbors: [{ range: '192.0.2.0/24', asn: 64512, hasPassword: true, ttlSecurity: false }] },
      },
      found: [
        'without a signature where one is required within the last minute: the speaker has no password, and bgp.neighbors has one. Not here: node-3 (192.0.2.13)',
      ],
    },
    {
      name: 'a signature where none is expected',
      given: { objects: cluster, md5: { unexpected: 3 }, neighbors: { 1: up(1), 2: up(2) } },
      found: ['Not here: node-3'],
    },
    {
      name: 'silent: a single segment',
      given: { objects: cluster, md5: { failure: 1 } },
      found: [],
    },
    {
      name: 'silent: they are here by a socket for both families',
      given: {
        md5: { failure: 9 },
        neighbors: { 1: up(1, { remoteAddress: '::ffff:192.0.2.11' }) },
        own: { neighbors: [{ range: '192.0.2.11/32', asn: 64512, hasPassword: true, ttlSecurity: false }] },
      },
      found: [],
    },
    {
      name: 'silent: everybody is here, so it is another daemon’s',
      given: {
        objects: cluster,
        md5: { failure: 9 },
        neighbors: { 1: up(1), 2: up(2), 3: up(3) },
        own: { neighbors: [{ range: '192.0.2.0/24', asn: 64512, hasPassword: true, ttlSecurity: false }] },
      },
      found: [],
    },
    {
      name: 'silent: the kernel counted nothing',
      given: { objects: cluster, md5: {} },
      found: [],
    },
  ],
  'password-on-one-side': [
    {
      name: 'a password in the BGPPeer only',
      given: { objects: [...nodes, peer('tor-1', { password: 'secret' }), ...web], neighbors: { 1: up(1) } },
      found: ['BGPPeer tor-1 has a password, and the entry of bgp.neighbors for node-2 and node-3 has none'],
    },
    {
      name: 'a password here only',
      given: {
        objects: cluster,
        own: { neighbors: [{ range: '192.0.2.0/24', asn: 64512, hasPassword: true, ttlSecurity: false }] },
      },
      found: ['has a password, and BGPPeer tor-1 has none'],
    },
    {
      name: 'silent: on both sides',
      given: {
        objects: [...nodes, peer('tor-1', { passwordSecret: { name: 'bgp' } }), ...web],
        own: { neighbors: [{ range: '192.0.2.0/24', asn: 64512, hasPassword: true, ttlSecurity: false }] },
      },
      found: [],
    },
    {
      name: 'silent: the sessions are up all the same, so the objects are not what is in force',
      given: {
        objects: [...nodes, peer('tor-1', { password: 'secret' }), ...web],
        neighbors: { 1: up(1), 2: up(2), 3: up(3) },
      },
      found: [],
    },
    {
      name: 'silent: a peer at an address that is not ours',
      given: { objects: [...nodes, peer('tor-1', { peerAddress: '192.0.2.9', password: 'secret' }), ...web] },
      found: [],
    },
    {
      name: 'silent: no entry lets the nodes in, so the peer is another router',
      given: { objects: [...nodes, peer('tor-1', { password: 'secret' }), ...web], own: { neighbors: [] } },
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
