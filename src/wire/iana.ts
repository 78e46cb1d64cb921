/**
 * Numbers that IANA assigned, under the names that the registries and RFCs use (BGP Parameters, Capability Codes,
 * Address Family Numbers). Words in kebab-case are stable: scripts match on them.
 */
import type { Family } from '../ip.ts';

export const MessageType = { open: 1, update: 2, notification: 3, keepalive: 4, routeRefresh: 5 } as const;

export const Afi = { ipv4: 1, ipv6: 2 } as const;
export const Safi = { unicast: 1 } as const;

/** AS_TRANS (RFC 6793 §9): stands for a 4-octet AS number where only two octets fit. */
export const asTrans = 23456;

export const AttributeCode = {
  origin: 1,
  asPath: 2,
  nextHop: 3,
  med: 4,
  localPref: 5,
  atomicAggregate: 6,
  aggregator: 7,
  communities: 8,
  originatorId: 9,
  clusterList: 10,
  mpReach: 14,
  mpUnreach: 15,
  extCommunities: 16,
  as4Path: 17,
  as4Aggregator: 18,
  ipv6ExtCommunities: 25,
  aigp: 26,
  largeCommunities: 32,
  otc: 35,
} as const;

export const CapabilityCode = {
  multiprotocol: 1,
  routeRefresh: 2,
  extendedNextHop: 5,
  extendedMessage: 6,
  role: 9,
  gracefulRestart: 64,
  as4: 65,
  addPath: 69,
  enhancedRouteRefresh: 70,
  longLivedGracefulRestart: 71,
  fqdn: 73,
  softwareVersion: 75,
  pathsLimit: 76,
  routeRefreshCisco: 128,
} as const;

export const ErrorCode = {
  messageHeader: 1,
  openMessage: 2,
  updateMessage: 3,
  holdTimerExpired: 4,
  fsm: 5,
  cease: 6,
  routeRefresh: 7,
  sendHoldTimerExpired: 8,
} as const;

/** Subcodes that this program sends or has to know. */
export const Subcode = {
  connectionNotSynchronized: 1,
  badMessageLength: 2,
  badMessageType: 3,
  unsupportedVersion: 1,
  badPeerAs: 2,
  badBgpIdentifier: 3,
  unsupportedOptionalParameter: 4,
  unacceptableHoldTime: 6,
  malformedAttributeList: 1,
  unrecognizedWellKnownAttribute: 2,
  optionalAttributeError: 9,
  invalidNetworkField: 10,
  unexpectedInOpenSent: 1,
  unexpectedInOpenConfirm: 2,
  unexpectedInEstablished: 3,
  maximumPrefixes: 1,
  administrativeShutdown: 2,
  peerDeconfigured: 3,
  administrativeReset: 4,
  connectionRejected: 5,
  otherConfigurationChange: 6,
  connectionCollision: 7,
  outOfResources: 8,
  hardReset: 9,
  invalidRouteRefreshLength: 1,
} as const;

const errorNames: Record<number, { name: string; subcodes: Record<number, string> }> = {
  1: {
    name: 'message-header-error',
    subcodes: { 1: 'connection-not-synchronized', 2: 'bad-message-length', 3: 'bad-message-type' },
  },
  2: {
    name: 'open-message-error',
    subcodes: {
      1: 'unsupported-version-number',
      2: 'bad-peer-as',
      3: 'bad-bgp-identifier',
      4: 'unsupported-optional-parameter',
      5: 'authentication-failure',
      6: 'unacceptable-hold-time',
      7: 'unsupported-capability',
      11: 'role-mismatch',
    },
  },
  3: {
    name: 'update-message-error',
    subcodes: {
      1: 'malformed-attribute-list',
      2: 'unrecognized-well-known-attribute',
      3: 'missing-well-known-attribute',
      4: 'attribute-flags-error',
      5: 'attribute-length-error',
      6: 'invalid-origin-attribute',
      7: 'as-routing-loop',
      8: 'invalid-next-hop-attribute',
      9: 'optional-attribute-error',
      10: 'invalid-network-field',
      11: 'malformed-as-path',
    },
  },
  4: { name: 'hold-timer-expired', subcodes: {} },
  5: {
    name: 'fsm-error',
    subcodes: {
      1: 'unexpected-message-in-open-sent',
      2: 'unexpected-message-in-open-confirm',
      3: 'unexpected-message-in-established',
    },
  },
  6: {
    name: 'cease',
    subcodes: {
      1: 'maximum-number-of-prefixes-reached',
      2: 'administrative-shutdown',
      3: 'peer-de-configured',
      4: 'administrative-reset',
      5: 'connection-rejected',
      6: 'other-configuration-change',
      7: 'connection-collision-resolution',
      8: 'out-of-resources',
      9: 'hard-reset',
      10: 'bfd-down',
    },
  },
  7: { name: 'route-refresh-message-error', subcodes: { 1: 'invalid-message-length' } },
  8: { name: 'send-hold-timer-expired', subcodes: {} },
};

/** Stable word for an error code and subcode: `cease/administrative-shutdown`, `hold-timer-expired`, `cease/99`. */
export function notificationName(code: number, subcode: number): string {
  const error = errorNames[code];
  const name = error?.name ?? `error-${code}`;
  return subcode === 0 ? name : `${name}/${error?.subcodes[subcode] ?? subcode}`;
}

/** Path attributes as their RFCs write them, those included that are kept raw. */
const attributeNames: Record<number, string> = {
  1: 'ORIGIN',
  2: 'AS_PATH',
  3: 'NEXT_HOP',
  4: 'MULTI_EXIT_DISC',
  5: 'LOCAL_PREF',
  6: 'ATOMIC_AGGREGATE',
  7: 'AGGREGATOR',
  8: 'COMMUNITIES',
  9: 'ORIGINATOR_ID',
  10: 'CLUSTER_LIST',
  14: 'MP_REACH_NLRI',
  15: 'MP_UNREACH_NLRI',
  16: 'EXTENDED_COMMUNITIES',
  17: 'AS4_PATH',
  18: 'AS4_AGGREGATOR',
  22: 'PMSI_TUNNEL',
  23: 'TUNNEL_ENCAPSULATION',
  24: 'TRAFFIC_ENGINEERING',
  25: 'IPV6_EXTENDED_COMMUNITIES',
  26: 'AIGP',
  27: 'PE_DISTINGUISHER_LABELS',
  28: 'ENTROPY_LABEL_CAPABILITY',
  29: 'BGP_LS',
  32: 'LARGE_COMMUNITY',
  33: 'BGPSEC_PATH',
  35: 'ONLY_TO_CUSTOMER',
  36: 'D_PATH',
  39: 'BIER',
  40: 'PREFIX_SID',
  128: 'ATTR_SET',
};

export function attributeName(code: number): string {
  return attributeNames[code] ?? `attribute ${code}`;
}

/** `ipv4-unicast`, `ipv6-unicast`, or numbers for what this program does not speak. */
export function familyName(afi: number, safi: number): string {
  if (safi === Safi.unicast && afi === Afi.ipv4) return 'ipv4-unicast';
  if (safi === Safi.unicast && afi === Afi.ipv6) return 'ipv6-unicast';
  return `afi-${afi}/safi-${safi}`;
}

/** The family of an AFI/SAFI pair; undefined for everything but unicast IPv4 and IPv6. */
export function familyOf(afi: number, safi: number): Family | undefined {
  if (safi !== Safi.unicast) return undefined;
  return afi === Afi.ipv4 ? 4 : afi === Afi.ipv6 ? 6 : undefined;
}

export const afiOf = (family: Family): number => (family === 4 ? Afi.ipv4 : Afi.ipv6);
