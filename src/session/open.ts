/** Our side of the OPEN. */
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

/** An AS number, or a class of them seen from ours. */
export type RemoteAsn = number | 'any' | 'external' | 'internal';

/** Who we are towards one neighbor, and whom we expect there. */
export interface SessionSettings {
  localAsn: number;
  /** What the neighbor's AS number may be; several where neighbors share an address. */
  remoteAsn: RemoteAsn | readonly RemoteAsn[];
  /** Our BGP Identifier, a dotted quad. */
  routerId: string;
  /** Seconds that we offer: 0, or 3 and more. */
  holdTime: number;
  hostname: string;
  softwareVersion: string;
}

const unicast = [Afi.ipv4, Afi.ipv6].map((afi) => ({
  afi,
  safi: Safi.unicast,
  family: familyName(afi, Safi.unicast),
}));

/** What we announce to everybody: we only listen, so ADD-PATH is receive and graceful restart is the helper's. */
export function ourOpen(settings: SessionSettings): Open {
  const { localAsn, routerId, holdTime, hostname, softwareVersion: version } = settings;
  const capabilities: Capability[] = [
    ...unicast.map((family) => announce(multiprotocol, family)),
    announce(routeRefresh, undefined),
    announce(extendedNextHop, [{ ...unicast[0]!, nextHopAfi: Afi.ipv6 }]),
    announce(extendedMessage, undefined),
    // RFC 4724 §4.2: no families, no time: nothing of ours is to be kept, we keep theirs. N: RFC 8538
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
