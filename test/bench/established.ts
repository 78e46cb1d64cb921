/** A session that is up, for stages that need one before they take UPDATEs. */
import type { Negotiated, OpenSummary, SessionEvent } from '../../src/events.ts';

const open: OpenSummary = { asn: 65001, holdTime: 90, routerId: '127.0.0.2', capabilities: [] };

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

export const establishedEvent: SessionEvent = {
  kind: 'established',
  endpoints: { remoteAddress: '127.1.0.1', remotePort: 40_000, localAddress: '127.0.0.1', localPort: 179 },
  localAsn: 64512,
  sent: { ...open, asn: 64512, routerId: '127.0.0.1' },
  received: open,
  negotiated,
  auth: 'none',
};
