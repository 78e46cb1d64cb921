/**
 * When frr-k8s merges what several FRRConfigurations of a node say of one router, or of one neighbor. Where it does
 * not, the words are its own. Two BFD profiles clash; whether one and none do depends on its version, so they do not
 * here. Of passwords only whether there is one is known: two different ones are not told apart.
 */
import { canonicalAddress } from '../../ip.ts';
import type { BGPPeer, FRRConfiguration } from '../objects/resources.ts';

type Router = FRRConfiguration['spec']['bgp']['routers'][number];

/** Of the router of one VRF. */
export interface RouterClaim {
  /** 0 = not set. */
  readonly asn: number;
  /** '' = not set. */
  readonly id: string;
}

/** Of one neighbor; what is not set counts as its default. */
export interface NeighborClaim {
  /** A number, `internal` or `external`; '' = not set. */
  readonly asn: string;
  readonly port: number;
  readonly hasPassword: boolean;
  /** '' = not set. */
  readonly bfdProfile: string;
  readonly ebgpMultiHop: boolean;
  /** s */
  readonly holdTime: number;
  readonly keepaliveTime: number;
  readonly connectTime: number;
}

const defaults = { port: 179, holdTime: 180, keepaliveTime: 60, connectTime: 60 };

export const routerClaim = (asn: number, id: string | undefined): RouterClaim => ({
  asn,
  id: id ? (canonicalAddress(id) ?? id) : '',
});

/** What a speaker says of a neighbor. One timer alone gives the other: hold = 3 × keepalive. */
export function claimOfPeer({ spec }: BGPPeer): NeighborClaim {
  const { holdTime, keepaliveTime, connectTime, peerASN, dynamicASN } = spec;
  const hold = holdTime ?? (keepaliveTime === undefined ? undefined : 3 * keepaliveTime);
  const keepalive = keepaliveTime ?? (holdTime === undefined ? undefined : Math.floor(holdTime / 3));
  return {
    asn: String(dynamicASN ?? peerASN),
    port: spec.peerPort,
    hasPassword: spec.password || spec.passwordSecret.name !== '',
    bfdProfile: spec.bfdProfile ?? '',
    ebgpMultiHop: spec.ebgpMultiHop,
    holdTime: hold ?? defaults.holdTime,
    keepaliveTime: keepalive ?? defaults.keepaliveTime,
    connectTime: connectTime ?? defaults.connectTime,
  };
}

export function claimOfNeighbor(neighbor: Router['neighbors'][number]): NeighborClaim {
  const { asn, dynamicASN, holdTime, keepaliveTime, connectTime } = neighbor;
  return {
    asn: dynamicASN ?? (asn === 0 ? '' : String(asn)),
    port: neighbor.port ?? defaults.port,
    hasPassword: neighbor.password || neighbor.passwordSecret.name !== '',
    bfdProfile: neighbor.bfdProfile,
    ebgpMultiHop: neighbor.ebgpMultiHop,
    holdTime: holdTime ?? defaults.holdTime,
    keepaliveTime: keepaliveTime ?? defaults.keepaliveTime,
    connectTime: connectTime ?? defaults.connectTime,
  };
}

/** Why two claims on the router of `vrf` cannot be merged. */
export function routerClash(a: RouterClaim, b: RouterClaim, vrf: string): string | undefined {
  const of = `specified for same vrf: ${vrf || 'default'}`;
  if (a.asn !== 0 && b.asn !== 0 && a.asn !== b.asn) return `different asns (${a.asn} != ${b.asn}) ${of}`;
  if (a.id !== '' && b.id !== '' && a.id !== b.id) return `different router ids (${a.id} != ${b.id}) ${of}`;
  return undefined;
}

/** Why two claims on the neighbor `name` (its address or interface) cannot be merged. */
export function neighborClash(a: NeighborClaim, b: NeighborClaim, name: string): string | undefined {
  const rules: readonly [boolean, string][] = [
    [a.asn !== '' && b.asn !== '' && a.asn !== b.asn, `multiple asns (${a.asn} != ${b.asn})`],
    [a.port !== b.port, `multiple ports (${a.port} != ${b.port})`],
    [a.hasPassword !== b.hasPassword, 'multiple passwords (one has a password, one has none)'],
    [
      a.bfdProfile !== '' && b.bfdProfile !== '' && a.bfdProfile !== b.bfdProfile,
      `multiple bfd profiles (${a.bfdProfile} != ${b.bfdProfile})`,
    ],
    [a.ebgpMultiHop !== b.ebgpMultiHop, 'conflicting ebgp-multihop'],
    [a.holdTime !== b.holdTime, `multiple hold times (${a.holdTime}s != ${b.holdTime}s)`],
    [a.keepaliveTime !== b.keepaliveTime, `multiple keepalive times (${a.keepaliveTime}s != ${b.keepaliveTime}s)`],
    [a.connectTime !== b.connectTime, `multiple connect times (${a.connectTime}s != ${b.connectTime}s)`],
  ];
  const broken = rules.find(([isBroken]) => isBroken);
  return broken && `${broken[1]} specified for ${name}`;
}
