/** A session that is up, for stages that need one before they take UPDATEs. */
import type { Negotiated, SessionEvent } from '../../src/events.ts';

const negotiated: Negotiated = {
  holdTime: 90,
  families: [4],
  as4: true,
  addPath: [],
  extendedNextHop: false,
  extendedMessage: false,
  routeRefresh: true,
  enhancedRouteRefresh: false,
};

/** What the speaker says of the session from `remoteAddress`, AS `asn`; `localAsn` is ours. */
export function established(remoteAddress: string, asn: number, localAsn: number): SessionEvent {
  return {
    kind: 'established',
    endpoints: { remoteAddress, remotePort: 40_000, localAddress: '127.0.0.1', localPort: 179 },
    localAsn,
    sent: { asn: localAsn, holdTime: 90, routerId: '127.0.0.1', capabilities: [] },
    received: { asn, holdTime: 90, routerId: '127.0.0.2', capabilities: [] },
    negotiated,
    auth: 'none',
  };
}
