/** The checks, one row each. To add one: a file in `checks/` and its row here. */
import { aggregateRefused } from './checks/aggregate-refused.ts';
import { aggregateWithLocalPolicy } from './checks/aggregate-with-local-policy.ts';
import { allNodesAnnounce } from './checks/all-nodes-announce.ts';
import { announcedWithoutEndpoints } from './checks/announced-without-endpoints.ts';
import { malformedUpdates, twoOctetAs } from './checks/attributes-on-the-wire.ts';
import { manyPaths, nextHopChurn, unequalPaths } from './checks/ecmp.ts';
import { excludedFromLoadBalancers } from './checks/excluded-from-load-balancers.ts';
import { familyNotNegotiated } from './checks/family-not-negotiated.ts';
import { familyWithoutSession, ipv6InNativeMode } from './checks/family-without-session.ts';
import { foreignPrefixes } from './checks/foreign-prefixes.ts';
import { foughtOver } from './checks/fought-over.ts';
import { prefixFlapping, reloadStorm, returningNode } from './checks/gaps.ts';
import { noGracefulRestart } from './checks/graceful-restart.ts';
import { localPrefByNode, localPrefConflict } from './checks/local-pref-conflict.ts';
import { addressFlipping, serviceMoved } from './checks/moving-addresses.ts';
import { multihopNeeded } from './checks/multihop-needed.ts';
import { nodeNotReady } from './checks/node-not-ready.ts';
import { oddNextHop } from './checks/odd-next-hop.ts';
import { bfdNotUp, holdTimeNotInForce, optionsNotPassedOn } from './checks/options-not-passed-on.ts';
import { peersWithoutSession } from './checks/peers-without-session.ts';
import { hotReconnect, routerIdIsOurs, wrongAsn } from './checks/reconnecting.ts';
import { resetsWithEdits } from './checks/resets-with-edits.ts';
import { duplicateRouterId, otherBgpSpeaker, twoSpeakersOnOneAddress, zeroRouterId } from './checks/router-ids.ts';
import { selectorsCompared } from './checks/selectors-compared.ts';
import { sharedAddressSplit, splitLayer2Owners } from './checks/shared-address.ts';
import { noHoldTimer, silentNeighbor } from './checks/silent-neighbor.ts';
import { configurationRefusedThere, editWithoutEffect, staleConfiguration } from './checks/stale-configuration.ts';
import { passwordOnOneSide, tcpMd5 } from './checks/tcp-md5.ts';
import type { Check } from './types.ts';

export const checks: readonly Check[] = [
  {
    code: 'local-pref-conflict',
    severity: 'critical',
    title: 'Two advertisements disagree on localPref',
    looksFor: 'BGPAdvertisements with different localPref for the same prefixes on the same node.',
    ofObjects: true,
    find: localPrefConflict,
  },
  {
    code: 'local-pref-by-node',
    severity: 'info',
    title: 'LOCAL_PREF differs by node',
    looksFor: 'BGPAdvertisements with different localPref for the same prefixes on different nodes, over iBGP.',
    ofObjects: true,
    find: localPrefByNode,
  },
  {
    code: 'aggregate-refused',
    severity: 'critical',
    title: 'Aggregate wider than its pool',
    looksFor: 'aggregation lengths shorter than the widest block of a pool entry.',
    ofObjects: true,
    find: aggregateRefused,
  },
  {
    code: 'aggregate-with-local-policy',
    severity: 'warning',
    title: 'Aggregate draws traffic to nodes that drop it',
    looksFor: 'aggregates over services with externalTrafficPolicy Local, announced by nodes without their endpoints.',
    ofObjects: true,
    find: aggregateWithLocalPolicy,
  },
  {
    code: 'excluded-from-load-balancers',
    severity: 'info',
    title: 'Nodes excluded from load balancers',
    looksFor: 'the label node.kubernetes.io/exclude-from-external-load-balancers on nodes; critical where all have it.',
    ofObjects: true,
    find: excludedFromLoadBalancers,
  },
  {
    code: 'peers-without-session',
    severity: 'warning',
    title: 'Peers list leads nowhere',
    looksFor: 'names in spec.peers of a BGPAdvertisement without a session on any of its nodes.',
    ofObjects: true,
    find: peersWithoutSession,
  },
  {
    code: 'family-without-session',
    severity: 'warning',
    title: 'No session carries the address family',
    looksFor: 'pools in use whose IPv4 or IPv6 addresses no session of their advertisements carries.',
    ofObjects: true,
    find: familyWithoutSession,
  },
  {
    code: 'family-not-negotiated',
    severity: 'warning',
    title: 'Session is up without an address family',
    looksFor: 'established sessions that lack a family which their BGPPeer asks for.',
    find: familyNotNegotiated,
  },
  {
    code: 'ipv6-in-native-mode',
    severity: 'critical',
    title: 'Native mode has no IPv6',
    looksFor: 'pools with IPv6 addresses, used or advertised, where speakers run in native mode.',
    ofObjects: true,
    find: ipv6InNativeMode,
  },
  {
    code: 'odd-next-hop',
    severity: 'warning',
    title: 'Next hop that routers cannot use',
    looksFor: 'IPv6 routes with IPv4-mapped or link-local next hops, 0.0.0.0, and next hops that are not the node’s.',
    find: oddNextHop,
  },
  {
    code: 'resets-with-edits',
    severity: 'warning',
    title: 'Session resets with every edit',
    looksFor: 'sessions that go down within seconds of edits of services, pools or advertisements.',
    find: resetsWithEdits,
  },
  {
    code: 'hot-reconnect',
    severity: 'critical',
    title: 'Hot reconnect loop',
    looksFor: 'speakers that come back several times a minute and whose sessions all end.',
    find: hotReconnect,
  },
  {
    code: 'wrong-as',
    severity: 'critical',
    title: 'AS numbers do not fit',
    looksFor: 'sessions refused for the AS number of one side.',
    find: wrongAsn,
  },
  {
    code: 'router-id-is-ours',
    severity: 'critical',
    title: 'Speaker has our router ID',
    looksFor: 'iBGP sessions refused because both sides have the same router ID.',
    find: routerIdIsOurs,
  },
  {
    code: 'silent-neighbor',
    severity: 'warning',
    title: 'Speaker fell silent',
    looksFor: 'sessions ended by the hold timer whose speaker did not come back.',
    find: silentNeighbor,
  },
  {
    code: 'no-hold-timer',
    severity: 'warning',
    title: 'Session without hold timer',
    looksFor: 'sessions with a negotiated hold time of 0.',
    find: noHoldTimer,
  },
  {
    code: 'node-not-ready',
    severity: 'warning',
    title: 'Node not ready, routes still there',
    looksFor: 'routes of nodes that are not Ready (warning) or cordoned (info).',
    find: nodeNotReady,
  },
  {
    code: 'returning-node',
    severity: 'warning',
    title: 'Routes vanish after a node came back',
    looksFor: 'routes withdrawn and announced again within a minute of their session coming up.',
    find: returningNode,
  },
  {
    code: 'prefix-flapping',
    severity: 'warning',
    title: 'Prefix flaps',
    looksFor: 'routes withdrawn and announced again three times in ten minutes while the session stays up.',
    find: prefixFlapping,
  },
  {
    code: 'reload-storm',
    severity: 'warning',
    title: 'Reload took most routes along',
    looksFor: 'half of a session’s routes, ten at least, withdrawn together and announced again.',
    find: reloadStorm,
  },
  {
    code: 'announced-without-endpoints',
    severity: 'critical',
    title: 'Announced although nothing serves it',
    looksFor: 'routes that stay after their Service or its last endpoint is gone.',
    find: announcedWithoutEndpoints,
  },
  {
    code: 'shared-address-split',
    severity: 'warning',
    title: 'Shared address announced where it is not served',
    looksFor: 'addresses shared by services of which one has externalTrafficPolicy Local and fewer nodes.',
    ofObjects: true,
    find: sharedAddressSplit,
  },
  {
    code: 'split-layer-2-owners',
    severity: 'critical',
    title: 'Shared address with two owners on layer 2',
    looksFor: 'addresses shared by services that elect different nodes.',
    ofObjects: true,
    find: splitLayer2Owners,
  },
  {
    code: 'all-nodes-announce',
    severity: 'info',
    title: 'All nodes announce, as the policy says',
    looksFor: 'services with externalTrafficPolicy Cluster and endpoints on few nodes.',
    ofObjects: true,
    find: allNodesAnnounce,
  },
  {
    code: 'many-paths',
    severity: 'info',
    title: 'More next hops than routers usually take',
    looksFor: 'prefixes with more than 16 next hops (warning above 64), among the first 256 of the fullest neighbor.',
    find: manyPaths,
  },
  {
    code: 'unequal-paths',
    severity: 'info',
    title: 'Paths that are not equal',
    looksFor: 'prefixes whose routes differ in what multipath compares, among the first 256 of the fullest neighbor.',
    find: unequalPaths,
  },
  {
    code: 'next-hop-churn',
    severity: 'info',
    title: 'Set of next hops keeps changing',
    looksFor: 'four or more established sessions, and a tenth of all, that ended within ten minutes.',
    find: nextHopChurn,
  },
  {
    code: 'multihop-needed',
    severity: 'critical',
    title: 'ebgpMultiHop is missing',
    looksFor: 'external peers without ebgpMultiHop at an address of ours in another subnet than the node.',
    find: multihopNeeded,
  },
  {
    code: 'duplicate-router-id',
    severity: 'info',
    title: 'Speakers share a router ID',
    looksFor: 'equal router IDs of several nodes, which is normal where a BGPPeer sets routerID.',
    find: duplicateRouterId,
  },
  {
    code: 'zero-router-id',
    severity: 'warning',
    title: 'Router ID 0.0.0.0',
    looksFor: 'speakers on nodes without IPv4 whose BGPPeer sets no routerID.',
    find: zeroRouterId,
  },
  {
    code: 'two-speakers-on-one-address',
    severity: 'warning',
    title: 'Two sessions from one address',
    looksFor: 'two established sessions between the same two addresses.',
    find: twoSpeakersOnOneAddress,
  },
  {
    code: 'other-bgp-speaker',
    severity: 'warning',
    title: 'Another BGP speaker on a node',
    looksFor: 'sessions of nodes in an AS that no BGPPeer uses.',
    find: otherBgpSpeaker,
  },
  {
    code: 'foreign-prefixes',
    severity: 'warning',
    title: 'Prefixes that are not MetalLB’s',
    looksFor: 'unexpected prefixes outside every pool on the sessions of BGPPeers.',
    find: foreignPrefixes,
  },
  {
    code: 'malformed-updates',
    severity: 'warning',
    title: 'Malformed UPDATEs',
    looksFor: 'path attributes that RFC 7606 does not let through, LOCAL_PREF on eBGP among them.',
    find: malformedUpdates,
  },
  {
    code: 'two-octet-as',
    severity: 'info',
    title: 'Two-octet AS numbers',
    looksFor: 'sessions without capability 65; a warning where an AS does not fit into two octets.',
    find: twoOctetAs,
  },
  {
    code: 'stale-configuration',
    severity: 'critical',
    title: 'Speakers keep an old configuration',
    looksFor: 'nodes whose speaker must refuse the present objects.',
    ofObjects: true,
    find: staleConfiguration,
  },
  {
    code: 'configuration-refused-there',
    severity: 'critical',
    title: 'A component reports a bad configuration',
    looksFor: 'ConfigurationState objects that say Invalid, FRRNodeState objects with a failed conversion or reload.',
    ofObjects: true,
    find: configurationRefusedThere,
  },
  {
    code: 'edit-without-effect',
    severity: 'warning',
    title: 'Edit had no effect',
    looksFor: 'routes that became wrong with an edit, from speakers that sent no UPDATE since.',
    find: editWithoutEffect,
  },
  {
    code: 'options-not-passed-on',
    severity: 'warning',
    title: 'frr-k8s ignores fields of a BGPPeer',
    looksFor: 'sourceAddress, localASN and timers equal to a default in frr-k8s mode.',
    ofObjects: true,
    find: optionsNotPassedOn,
  },
  {
    code: 'bfd-not-up',
    severity: 'warning',
    title: 'BFD is not up',
    looksFor: 'BGPSessionState objects without BFD where the BGPPeer has a bfdProfile.',
    ofObjects: true,
    find: bfdNotUp,
  },
  {
    code: 'hold-time-not-in-force',
    severity: 'warning',
    title: 'Hold time is not that of the BGPPeer',
    looksFor: 'hold times in OPEN messages that differ from holdTime of the BGPPeer.',
    find: holdTimeNotInForce,
  },
  {
    code: 'object-fought-over',
    severity: 'warning',
    title: 'Object changes all the time',
    looksFor: 'pools, advertisements and peers that are edited six times in ten minutes.',
    find: foughtOver,
  },
  {
    code: 'service-moved',
    severity: 'info',
    title: 'Service moved to another address',
    looksFor: 'services with a new address after an edit of a pool.',
    find: serviceMoved,
  },
  {
    code: 'address-flipping',
    severity: 'critical',
    title: 'Service address flips to and fro',
    looksFor: 'services whose address changes three times in ten minutes and comes back.',
    find: addressFlipping,
  },
  {
    code: 'selectors-compared',
    severity: 'info',
    title: 'Advertisement selects nodes without session',
    looksFor: 'nodeSelectors of BGPAdvertisements that pick nodes without session (info), or no node at all (warning).',
    ofObjects: true,
    find: selectorsCompared,
  },
  {
    code: 'no-graceful-restart',
    severity: 'info',
    title: 'Routes go when a speaker restarts',
    looksFor:
      'sessions whose speaker announces no family for graceful restart; a warning where the BGPPeer asks for it.',
    find: noGracefulRestart,
  },
  {
    code: 'tcp-md5',
    severity: 'critical',
    title: 'TCP MD5 passwords do not fit',
    looksFor: 'segments that the kernel drops for their TCP MD5 signature while a configured neighbor is missing.',
    find: tcpMd5,
  },
  {
    code: 'password-on-one-side',
    severity: 'critical',
    title: 'Password on one side only',
    looksFor: 'BGPPeers with a password where bgp.neighbors has none, or the other way round, and no session.',
    find: passwordOnOneSide,
  },
];
