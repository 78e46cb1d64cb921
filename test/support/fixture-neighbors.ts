/** The neighbors of the made-up cluster: sessions, capabilities, events. See fixture-data.ts. */
import type { Neighbor, NeighborCapabilities, NeighborEvent, NeighborRef } from '../../src/api/schemas.ts';

export const minute = 60_000;
/** RFC 3339 with microseconds. */
export const stamp = (at: number) => `${new Date(at).toISOString().slice(0, -1)}000Z`;
const nodeName = (i: number) => `worker-${i + 1}`;

/** Node `worker-5` is down, `worker-6` is reading its first table on tor-2, `worker-3` was drained once. */
export function makeNeighbor(now: number, id: number, node: number, bgpPeer: string): Neighbor {
  const down = node === 4;
  const syncing = node === 5 && bgpPeer === 'tor-2';
  const since = now - (down ? 6 * minute : syncing ? 4_000 : (1 + node * 37) * 60 * minute);
  return {
    id,
    address: `192.0.2.${11 + node}`,
    asn: 64512,
    routerId: `192.0.2.${11 + node}`,
    node: nodeName(node),
    localAddress: bgpPeer === 'tor-1' ? '192.0.2.1' : '192.0.2.2',
    localPort: 179,
    localAsn: 64500,
    hostname: nodeName(node),
    bgpPeer,
    matchText: `192.0.2.${11 + node} is an address of Node ${nodeName(node)}; it connected to the peerAddress of BGPPeer ${bgpPeer}`,
    state: down ? 'idle' : 'established',
    established: !down,
    stateSince: stamp(since),
    establishedAt: down ? null : stamp(since),
    session: id + 40,
    negotiated: down
      ? null
      : {
          holdTime: 90,
          families: [4, 6],
          as4: true,
          addPath: [],
          extendedNextHop: true,
          extendedMessage: false,
          routeRefresh: true,
          enhancedRouteRefresh: true,
          gracefulRestart: {
            restartTime: 120,
            restarting: false,
            notification: true,
            families: [{ family: 4, forwarding: true }],
          },
        },
    auth: node % 3 === 0 ? 'md5' : 'none',
    lastDown: down
      ? {
          direction: 'sent',
          code: 'hold-timer-expired',
          text: 'Nothing was heard from it for 90 seconds',
          notification: { code: 4, subcode: 0, data: '' },
          at: stamp(since),
        }
      : node === 2
        ? {
            direction: 'received',
            code: 'cease/administrative-shutdown',
            text: 'It shut the session down: “node drain”',
            notification: { code: 6, subcode: 2, data: '', shutdownText: 'node drain' },
            at: stamp(since - 45_000),
          }
        : null,
    flaps: down ? 3 : node === 2 ? 1 : 0,
    synced: !down && !syncing,
    endOfRib: down || syncing ? [] : [4, 6],
    restored: false,
    lastUpdateAt: stamp(now - (node + 1) * 9_000),
    staleUntil: down ? stamp(now + 2 * minute) : null,
    counters: {
      updates: 120 + node,
      announcements: 160 + node,
      withdraws: 12,
      endOfRib: 2,
      notifications: down ? 1 : 0,
      routeRefresh: 0,
      malformed: node === 3 ? 2 : 0,
      refused: 0,
    },
    routes: { ipv4: 0, ipv6: 0, stale: 0 },
  };
}

/** A neighbor that no object of the cluster explains. */
export function stranger(now: number, id: number): Neighbor {
  return {
    ...makeNeighbor(now, id, 0, 'tor-1'),
    id,
    address: '198.51.100.77',
    asn: 64999,
    routerId: '198.51.100.77',
    node: null,
    hostname: 'lab-frr',
    bgpPeer: null,
    matchText: '198.51.100.77 is an address of no Node, and no Node is named lab-frr',
  };
}

export const refOf = ({ id, address, asn, routerId, node }: Neighbor): NeighborRef => ({
  id,
  address,
  asn,
  routerId,
  node,
});

export function capabilitiesOf(neighbor: Neighbor): NeighborCapabilities {
  const row = (code: number, name: string, announced: boolean, received: boolean, text: string) => ({
    code,
    name,
    announced,
    received,
    negotiated: announced && received,
    text,
  });
  return {
    neighbor: refOf(neighbor),
    announced: { asn: 64500, holdTime: 90, routerId: '192.0.2.1', capabilities: [] },
    received: { asn: neighbor.asn ?? 0, holdTime: 90, routerId: neighbor.routerId ?? '', capabilities: [] },
    negotiated: neighbor.negotiated,
    rows: [
      row(1, 'multiprotocol IPv4 unicast', true, true, 'Both sides announced it'),
      row(1, 'multiprotocol IPv6 unicast', true, true, 'Both sides announced it'),
      row(2, 'route-refresh', true, true, 'Both sides announced it'),
      row(5, 'extended-next-hop', true, true, 'IPv4 prefixes may come with an IPv6 next hop'),
      row(6, 'extended-message', true, false, 'They did not announce it: messages stay at 4,096 octets'),
      row(64, 'graceful-restart', true, true, 'They keep forwarding for 120 s; we keep their routes as stale'),
      row(65, 'four-octet-as', true, true, 'AS numbers have four octets'),
      row(69, 'add-path', true, false, 'They did not announce it: one path per prefix'),
      row(73, 'fqdn', true, true, `They are ${neighbor.hostname}`),
      row(75, 'software-version', true, false, 'They did not announce it'),
    ],
  };
}

export function eventsOf(now: number, neighbor: Neighbor): NeighborEvent[] {
  const event = (
    id: number,
    ago: number,
    kind: string,
    from: string | null,
    to: string | null,
    text: string,
    code: string | null = null,
  ): NeighborEvent => ({
    id,
    seq: 48_000 - id,
    at: stamp(now - ago),
    neighbor: neighbor.id,
    session: neighbor.session,
    kind,
    from,
    to,
    code,
    text,
    detail: {},
  });
  const life = [
    event(4, 61 * minute, 'end-of-rib', null, null, 'IPv4 table complete, 32 routes'),
    event(3, 61 * minute + 400, 'established', 'open-confirm', 'established', 'KEEPALIVE came'),
    event(2, 61 * minute + 600, 'state', 'open-sent', 'open-confirm', 'OPEN accepted'),
    event(1, 61 * minute + 900, 'state', 'active', 'open-sent', `Connection from ${neighbor.address}`),
  ];
  if (neighbor.counters.malformed > 0)
    life.unshift(
      event(
        5,
        30 * minute,
        'malformed',
        null,
        null,
        'ORIGIN with value 7: the routes of this UPDATE were withdrawn',
        'RFC 7606 §7.1',
      ),
    );
  if (neighbor.lastDown && !neighbor.established)
    life.unshift(event(6, 6 * minute, 'down', 'established', 'idle', neighbor.lastDown.text, neighbor.lastDown.code));
  return life;
}
