import { advertisement, frrConfiguration, node, peer, pool, service, slice } from '../../support/metallb-objects.ts';
import { type Case, down, negotiated, up } from '../facts.ts';

const nodes = [node('node-1', 11), node('node-2', 12), node('node-3', 13)];
const web = [
  pool('block', ['203.0.113.0/24']),
  advertisement('a'),
  service('web', ['203.0.113.5']),
  slice('web', ['node-1']),
];
const cluster = [...nodes, peer('tor-1'), ...web];
const held = { restartTime: 120, restarting: false, notification: true };

export const speakerCases: Record<string, Case[]> = {
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
};
