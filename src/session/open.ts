/** The OPEN that we send. */
import {
  addPath,
  announce,
  as4,
  type Capability,
  enhancedRouteRefresh,
  extendedMessage,
  extendedNextHop,
  fqdn,
  gracefulRestart,
  multiprotocol,
  routeRefresh,
  softwareVersion,
} from '../wire/capabilities.ts';
import { Afi, familyName, Safi } from '../wire/iana.ts';
import { bgpVersion, myAsField, type Open } from '../wire/open.ts';
import type { OpenSummary } from './types.ts';

/** An AS number, or a class relative to ours. */
export type RemoteAsn = number | 'any' | 'external' | 'internal';

/** Our side of a session with one neighbor, and the AS numbers that we accept. */
export interface SessionSettings {
  localAsn: number;
  /** Accepted AS numbers; several if neighbors share an address. */
  remoteAsn: RemoteAsn | readonly RemoteAsn[];
  /** Our BGP Identifier, a dotted quad. */
  routerId: string;
  /** Hold time to offer, seconds: 0, or at least 3. */
  holdTime: number;
  hostname: string;
  softwareVersion: string;
}

const unicast = [Afi.ipv4, Afi.ipv6].map((afi) => ({
  afi,
  safi: Safi.unicast,
  family: familyName(afi, Safi.unicast),
}));

/** Our OPEN. We only receive routes: ADD-PATH is receive-only, and we are only a graceful restart helper. */
export function ourOpen(settings: SessionSettings): Open {
  const { localAsn, routerId, holdTime, hostname, softwareVersion: version } = settings;
  const capabilities: Capability[] = [
    ...unicast.map((family) => announce(multiprotocol, family)),
    announce(routeRefresh, undefined),
    announce(extendedNextHop, [{ ...unicast[0]!, nextHopAfi: Afi.ipv6 }]),
    announce(extendedMessage, undefined),
    // RFC 4724 §4.2: no families and no time, since we have no routes to keep; we keep theirs. N bit: RFC 8538
    announce(gracefulRestart, { restartTime: 0, restarting: false, notification: true, families: [] }),
    announce(as4, { asn: localAsn }),
    announce(
      addPath,
      unicast.map((family) => ({ ...family, mode: 'receive' as const })),
    ),
    announce(enhancedRouteRefresh, undefined),
    announce(fqdn, { hostname, domain: '' }),
    announce(softwareVersion, { version }),
  ];
  return {
    kind: 'open',
    version: bgpVersion,
    myAs: myAsField(localAsn),
    asn: localAsn,
    holdTime,
    routerId,
    capabilities,
  };
}

export function summary({ asn, holdTime, routerId, capabilities }: Open): OpenSummary {
  return { asn, holdTime, routerId, capabilities };
}
