import { describe, expect, it } from 'vitest';
import { dueSweep, isSynced, staleDeadline, unpreservedFamilies } from '../../src/collector/resync.ts';
import { Rib } from '../../src/rib/rib.ts';
import type { Neighbor } from '../../src/rib/types.ts';
import { Wire } from '../support/batches.ts';

const times = { quietMs: 5_000, restoreMs: 300_000, forgetMs: 30 * 86_400_000 };
const graceful = {
  restartTime: 120,
  restarting: false,
  notification: true,
  families: [{ family: 4 as const, forwarding: true }],
};

/** A neighbor established at 1,000 ms, changed as the case says. */
function neighbor(changes: Partial<Neighbor> = {}): Neighbor {
  const rib = new Rib();
  rib.apply(new Wire(1_000).establish(1, '192.0.2.11').take());
  return { ...rib.neighbors.byId.get(1)!, ...changes };
}

describe('the initial table is in', () => {
  it.each<[string, Partial<Neighbor>, number, boolean]>([
    ['after quiet time without any UPDATE', {}, 6_000, true],
    ['not before quiet time', {}, 5_999, false],
    ['quiet counts from the last UPDATE', { lastUpdateAt: 4_000 }, 6_000, false],
    ['a second after End-of-RIB for all families', { lastUpdateAt: 4_000, endOfRib: [4, 6] }, 5_000, true],
    ['End-of-RIB of one family is not enough', { lastUpdateAt: 4_000, endOfRib: [4] }, 5_000, false],
    ['a neighbor that is never quiet: 15 s after End-of-RIB', { lastUpdateAt: 15_999, endOfRib: [4, 6] }, 16_000, true],
    ['a neighbor that is never quiet and sends no End-of-RIB: a minute', { lastUpdateAt: 60_999 }, 61_000, true],
    ['not before that minute', { lastUpdateAt: 60_998 }, 60_999, false],
    ['never without a session', { negotiated: null }, 99_000, false],
  ])('%s', (_, changes, now, expected) => {
    expect(isSynced(neighbor(changes), now, times)).toBe(expected);
  });
});

const stale = { routes: { ipv4: 1, ipv6: 1, stale: 2 }, staleRoutes: { 4: 1, 6: 1 } };

describe('stale routes', () => {
  it.each<[string, Partial<Neighbor>, number | null]>([
    ['there are none', {}, null],
    ['of an earlier run of ours', { ...stale, restored: true, state: 'idle' }, 310_000],
    ['of a neighbor that restarts: what the RIB set', { ...stale, state: 'idle', staleUntil: 121_000 }, 121_000],
    ['of a neighbor that is back', { ...stale }, 370_000],
  ])('deadline: %s', (_, changes, expected) => {
    expect(staleDeadline(neighbor(changes), 10_000, times)).toBe(expected);
  });

  it.each<[string, Partial<Neighbor>, string | undefined]>([
    ['nothing is stale', { staleUntil: 0 }, undefined],
    ['the restart time is over', { ...stale, state: 'idle', staleUntil: 10_000 }, 'restart-time-expired'],
    ['the restart time is not over', { ...stale, state: 'idle', staleUntil: 10_001 }, undefined],
    [
      'an earlier run of ours, and nobody came',
      { ...stale, state: 'idle', restored: true, staleUntil: 10_000 },
      'restore-time-expired',
    ],
    ['an earlier run of ours, and the table is in', { ...stale, restored: true, synced: true }, 'quiet'],
    ['back, the table in, and no End-of-RIB to wait for', { ...stale, synced: true }, 'quiet'],
    [
      'back, and it will send End-of-RIB',
      { ...stale, synced: true, negotiated: { ...neighbor().negotiated!, gracefulRestart: graceful } },
      undefined,
    ],
  ])('sweep: %s', (_, changes, expected) => {
    expect(dueSweep(neighbor(changes), 10_000)).toBe(expected);
  });

  it.each<[string, Partial<Neighbor>, number[]]>([
    [
      'forwarding state of IPv4 was preserved',
      { ...stale, negotiated: { ...neighbor().negotiated!, gracefulRestart: graceful } },
      [6],
    ],
    ['it is back without the capability', { ...stale }, [4, 6]],
    ['only IPv4 routes are stale', { ...stale, staleRoutes: { 4: 1, 6: 0 } }, [4]],
    ['only a route refresh made them stale', { ...stale, refreshing: [4, 6] }, []],
    ['it is we who restarted', { ...stale, restored: true }, []],
    ['nothing is stale', {}, []],
  ])('families that lose their stale routes at once: %s', (_, changes, expected) => {
    expect(unpreservedFamilies(neighbor(changes))).toEqual(expected);
  });
});
