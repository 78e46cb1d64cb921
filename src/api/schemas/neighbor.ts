/** Neighbors, their capabilities and their life. */
import { z } from 'zod';
import { count, family, integer, time } from './common.ts';
import { NeighborRef } from './route.ts';

export const SessionState = z.enum(['idle', 'active', 'open-sent', 'open-confirm', 'established']);
export type SessionState = z.infer<typeof SessionState>;

export const DownReason = z.object({
  direction: z
    .enum(['sent', 'received', 'local'])
    .describe('Who ended it: NOTIFICATION sent, NOTIFICATION received, or neither'),
  code: z.string().describe('Stable code: hold-timer-expired, cease/administrative-shutdown, connection-closed …'),
  text: z.string(),
  notification: z
    .object({ code: integer, subcode: integer, data: z.string(), shutdownText: z.string().optional() })
    .optional(),
  at: time,
});
export type DownReason = z.infer<typeof DownReason>;

export const Negotiated = z.object({
  holdTime: integer.describe('Seconds; 0 = no KEEPALIVEs'),
  families: z.array(family),
  as4: z.boolean(),
  addPath: z.array(family),
  extendedNextHop: z.boolean(),
  extendedMessage: z.boolean(),
  routeRefresh: z.boolean(),
  enhancedRouteRefresh: z.boolean(),
  gracefulRestart: z
    .object({
      restartTime: integer.describe('Seconds'),
      restarting: z.boolean(),
      notification: z.boolean().describe('N bit, RFC 8538'),
      families: z.array(z.object({ family, forwarding: z.boolean() })),
    })
    .optional(),
});
export type Negotiated = z.infer<typeof Negotiated>;

export const Neighbor = z
  .object({
    ...NeighborRef.shape,
    localAddress: z.string(),
    localPort: integer,
    localAsn: integer.nullable(),
    hostname: z.string().nullable().describe('FQDN capability'),
    bgpPeer: z.string().nullable().describe('The BGPPeer of this session'),
    matchText: z.string().describe('Why node and bgpPeer are known or unknown'),
    state: SessionState,
    established: z.boolean(),
    stateSince: time,
    establishedAt: time.nullable(),
    session: integer.describe('Number of the current or last session; 0: none yet'),
    negotiated: Negotiated.nullable(),
    auth: z.enum(['md5', 'none', 'unsupported']),
    lastDown: DownReason.nullable(),
    flaps: count,
    synced: z.boolean().describe('The initial table is complete: End-of-RIB, or a quiet time'),
    endOfRib: z.array(family).describe('Families whose End-of-RIB was received'),
    lastUpdateAt: time.nullable(),
    staleUntil: time.nullable(),
    restored: z.boolean().describe('Its stale routes are from an earlier run of the collector'),
    counters: z.object({
      updates: count,
      announcements: count,
      withdraws: count,
      endOfRib: count,
      notifications: count,
      routeRefresh: count,
      malformed: count,
      refused: count,
    }),
    routes: z.object({ ipv4: count, ipv6: count, stale: count }),
  })
  .meta({ id: 'Neighbor' });
export type Neighbor = z.infer<typeof Neighbor>;

export const Capability = z.object({
  code: integer,
  name: z.string(),
  raw: z.string().describe('Octets as hex'),
  value: z.unknown().optional(),
  error: z.string().optional().describe('Why `value` is missing although the code is known'),
});
export type Capability = z.infer<typeof Capability>;

const OpenSummary = z.object({
  asn: integer,
  holdTime: integer,
  routerId: z.string(),
  capabilities: z.array(Capability),
});

/** One line of the comparison: what each side announced, and what came of it. */
export const CapabilityRow = z.object({
  code: integer,
  name: z.string(),
  announced: z.boolean(),
  received: z.boolean(),
  negotiated: z.boolean(),
  text: z.string().describe('Why it is in effect or not'),
});
export type CapabilityRow = z.infer<typeof CapabilityRow>;

export const NeighborCapabilities = z
  .object({
    neighbor: NeighborRef,
    announced: OpenSummary.nullable().describe('OPEN sent by Peerglass'),
    received: OpenSummary.nullable().describe('OPEN received from the neighbor'),
    negotiated: Negotiated.nullable(),
    rows: z.array(CapabilityRow),
  })
  .meta({ id: 'NeighborCapabilities' });
export type NeighborCapabilities = z.infer<typeof NeighborCapabilities>;

export const NeighborEvent = z
  .object({
    id: integer,
    seq: integer,
    at: time,
    neighbor: integer,
    session: integer,
    kind: z.string().describe('state, established, down, refused, malformed, end-of-rib, swept, route-refresh …'),
    from: z.string().nullable(),
    to: z.string().nullable(),
    code: z.string().nullable(),
    text: z.string().nullable(),
    detail: z.unknown().describe('The typed event'),
  })
  .meta({ id: 'NeighborEvent' });
export type NeighborEvent = z.infer<typeof NeighborEvent>;
