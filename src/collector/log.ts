/** One clear line per thing that happened on a session. Bounded: a neighbor that fails a thousand times a second is not logged so often. */

import type { Logger } from 'pino';
import type { Neighbor, NeighborEvent } from '../rib/types.ts';

/** Lines per (event, neighbor) and minute; the next one says how many were left out. */
export const maxLinesPerMinute = 20;

const levels: Record<string, 'info' | 'warn'> = {
  established: 'info',
  down: 'warn',
  refused: 'warn',
  malformed: 'warn',
  forgotten: 'warn',
  swept: 'info',
  'end-of-rib': 'info',
};
const counts = new Map<string, { minute: number; lines: number; suppressed: number }>();
/** Distinct (event, neighbor) that are counted; beyond it counting starts over, with a line. */
export const maxCounted = 10_000;

/** State transitions are in `/neighbors/{id}/events`; only their outcome is worth a line. */
export function logEvent(log: Logger, event: NeighborEvent, neighbor: Neighbor | undefined): void {
  const level = levels[event.kind];
  if (level === undefined) return;
  // a connection that came to nothing is no session that went down: the neighbor may have one that is fine
  const kind = event.kind === 'down' && event.from !== 'established' ? 'refused' : event.kind;
  if (counts.size > maxCounted) startOver(log);
  const suppressed = take(`${kind}|${event.neighbor}`, Math.floor(event.at / 60_000));
  if (suppressed === undefined) return;
  log[level](
    {
      event: `bgp.${kind}`,
      peer: neighbor?.remoteAddress,
      peerASN: neighbor?.asn,
      localASN: neighbor?.localAsn,
      node: neighbor?.node,
      seq: event.seq,
      code: event.code,
      ...(suppressed > 0 && { suppressed }),
    },
    `${neighbor?.remoteAddress ?? 'unknown'}: ${kind}${event.text ? `: ${event.text}` : ''}`,
  );
}

/** The lines left out so far are reported here: the counts of their neighbors are gone. */
function startOver(log: Logger): void {
  const suppressed = [...counts.values()].reduce((sum, count) => sum + count.suppressed, 0);
  log.warn({ event: 'bgp.log-counts-reset', suppressed }, 'resetting the counts of log lines: too many neighbors');
  counts.clear();
}

/** Lines left out before this one, or undefined when this one is to be left out too. */
function take(key: string, minute: number): number | undefined {
  const count = counts.get(key);
  if (count === undefined || count.minute !== minute) {
    counts.set(key, { minute, lines: 1, suppressed: 0 });
    return count?.suppressed ?? 0;
  }
  if (count.lines < maxLinesPerMinute) {
    count.lines++;
    return 0;
  }
  count.suppressed++;
  return undefined;
}
