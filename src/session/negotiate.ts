/** Our OPEN and theirs → the negotiated session, or the error that ends it (RFC 4271 §6.2, RFC 5492 §3). */
import type { Family } from '../ip.ts';
import {
  type AddPathMode,
  addPath,
  as4,
  type Capability,
  enhancedRouteRefresh,
  extendedMessage,
  extendedNextHop,
  gracefulRestart,
  has,
  multiprotocol,
  routeRefresh,
  valuesOf,
} from '../wire/capabilities.ts';
import type { UpdateContext } from '../wire/context.ts';
import { SessionError } from '../wire/errors.ts';
import { Afi, asTrans, ErrorCode, familyOf, Subcode } from '../wire/iana.ts';
import type { Open } from '../wire/open.ts';
import type { RemoteAsn, SessionSettings } from './open.ts';
import type { Negotiated } from './types.ts';

/** Returns a SessionError to send instead of throwing it. */
export function negotiate(
  ours: Open,
  theirs: Open,
  remoteAsn: SessionSettings['remoteAsn'],
): Negotiated | SessionError {
  return (
    asnError(ours, theirs, remoteAsn) ?? routerIdError(ours, theirs) ?? holdTimeError(theirs) ?? agreement(ours, theirs)
  );
}

function asnError(ours: Open, theirs: Open, expected: SessionSettings['remoteAsn']): SessionError | undefined {
  const { asn, myAs } = theirs;
  const error = (text: string) => new SessionError(ErrorCode.openMessage, Subcode.badPeerAs, text);
  if (myAs === 0 || asn === 0) return error('AS number 0 is reserved (RFC 7607)');
  if (asn !== myAs && myAs !== asTrans)
    return error(`My Autonomous System is ${myAs}, but the four-octet AS capability has ${asn} (RFC 6793 §4.1)`);
  const accepted = [expected].flat();
  if (accepted.some((one) => includesAsn(one, asn, ours.asn))) return undefined;
  return error(`AS ${asn}, expected ${accepted.map((one) => describeAsn(one, ours.asn)).join(' or ')}`);
}

function includesAsn(expected: RemoteAsn, asn: number, ourAsn: number): boolean {
  if (expected === 'any') return true;
  if (expected === 'external') return asn !== ourAsn;
  return asn === (expected === 'internal' ? ourAsn : expected);
}

function describeAsn(expected: RemoteAsn, ourAsn: number): string {
  return expected === 'external' ? `any except ${ourAsn}` : String(expected === 'internal' ? ourAsn : expected);
}

/**
 * Accepts 0.0.0.0, although RFC 6286 §2.1 forbids it: FRR without an IPv4 address sends it, and rejecting the session
 * would hide its routes. The neighbor's `routerId` shows it.
 */
function routerIdError(ours: Open, theirs: Open): SessionError | undefined {
  // RFC 6286 §2.2: identifiers must differ only within one AS
  if (theirs.routerId !== ours.routerId || theirs.asn !== ours.asn) return undefined;
  return new SessionError(
    ErrorCode.openMessage,
    Subcode.badBgpIdentifier,
    `BGP Identifier ${theirs.routerId} is also the collector's, in the same AS`,
  );
}

function holdTimeError({ holdTime }: Open): SessionError | undefined {
  if (holdTime === 0 || holdTime >= 3) return undefined;
  return new SessionError(
    ErrorCode.openMessage,
    Subcode.unacceptableHoldTime,
    `invalid hold time ${holdTime} s: expected 0 or at least 3 s`,
  );
}

function agreement(ours: Open, theirs: Open): Negotiated {
  const both = (row: Parameters<typeof has>[1]) => has(ours.capabilities, row) && has(theirs.capabilities, row);
  const theirFamilies = familiesOf(theirs.capabilities);
  const families = familiesOf(ours.capabilities).filter((family) => theirFamilies.includes(family));
  const restart = valuesOf(theirs.capabilities, gracefulRestart).at(-1);
  return {
    // RFC 4271 §4.2: the smaller of the two
    holdTime: Math.min(ours.holdTime, theirs.holdTime),
    families,
    as4: both(as4),
    addPath: families.filter(
      (family) => sendsPaths(theirs.capabilities, family) && receivesPaths(ours.capabilities, family),
    ),
    extendedNextHop: offersIpv6NextHop(ours.capabilities) && offersIpv6NextHop(theirs.capabilities),
    // RFC 8654 §6: the receiver decides the maximum length
    extendedMessage: has(ours.capabilities, extendedMessage),
    routeRefresh: both(routeRefresh),
    enhancedRouteRefresh: both(routeRefresh) && both(enhancedRouteRefresh),
    ...(restart && {
      gracefulRestart: {
        restartTime: restart.restartTime,
        restarting: restart.restarting,
        notification: restart.notification,
        families: restart.families.flatMap(({ afi, safi, forwarding }) => {
          const family = familyOf(afi, safi);
          return family === undefined ? [] : [{ family, forwarding }];
        }),
      },
    }),
  };
}

/** Unicast families that an OPEN offers; IPv4 without a multiprotocol capability (RFC 4760 §8). */
export function familiesOf(capabilities: Capability[]): Family[] {
  if (!capabilities.some(({ code }) => code === multiprotocol.code)) return [4];
  const offered = valuesOf(capabilities, multiprotocol).map(({ afi, safi }) => familyOf(afi, safi));
  return ([4, 6] as const).filter((family) => offered.includes(family));
}

/** RFC 7911 §4, by family. */
export function sendsPaths(capabilities: Capability[], family: Family): boolean {
  return addPathModes(capabilities, family).some((mode) => mode !== 'receive');
}

export function receivesPaths(capabilities: Capability[], family: Family): boolean {
  return addPathModes(capabilities, family).some((mode) => mode !== 'send');
}

function addPathModes(capabilities: Capability[], family: Family): AddPathMode[] {
  return valuesOf(capabilities, addPath)
    .flat()
    .filter(({ afi, safi }) => familyOf(afi, safi) === family)
    .map(({ mode }) => mode);
}

/** RFC 8950 §4: IPv4 NLRI with an IPv6 next hop. */
export function offersIpv6NextHop(capabilities: Capability[]): boolean {
  return valuesOf(capabilities, extendedNextHop)
    .flat()
    .some(({ afi, safi, nextHopAfi }) => familyOf(afi, safi) === 4 && nextHopAfi === Afi.ipv6);
}

/** The context for reading a session's UPDATEs. */
export function updateContext(negotiated: Negotiated, ibgp: boolean): UpdateContext {
  const { families, addPath: paths, as4: fourOctets, extendedNextHop: ipv6NextHop } = negotiated;
  return {
    as4: fourOctets,
    ibgp,
    ipv4: families.includes(4),
    ipv6: families.includes(6),
    addPath4: paths.includes(4),
    addPath6: paths.includes(6),
    extendedNextHop: ipv6NextHop,
  };
}
