import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { logEvent, maxCounted, maxLinesPerMinute } from '../../src/collector/log.ts';
import type { NeighborEvent } from '../../src/rib/types.ts';

let nextNeighbor = 1;

/** What is logged for these events of one neighbor. */
function logged(...events: Partial<NeighborEvent>[]): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const neighbor = nextNeighbor++;
  for (const event of events)
    logEvent(
      log,
      {
        seq: 1,
        at: 0,
        neighbor,
        session: 1,
        kind: 'down',
        from: null,
        to: null,
        code: null,
        text: null,
        detail: null,
        ...event,
      },
      undefined,
    );
  return lines;
}

describe('the log', () => {
  it.each<[string, Partial<NeighborEvent>, string | undefined]>([
    ['a session that ends', { kind: 'down', from: 'established', text: 'gone' }, 'bgp.down'],
    [
      'a connection that came to nothing',
      { kind: 'down', from: 'open-sent', text: 'no OPEN came in time' },
      'bgp.refused',
    ],
    ['a malformed UPDATE', { kind: 'malformed', text: 'ORIGIN' }, 'bgp.malformed'],
    ['a step of the state machine is no line', { kind: 'state', from: 'active', to: 'open-sent' }, undefined],
  ])('%s', (_, event, name) => {
    expect(logged(event).map((line) => line['event'])).toEqual(name === undefined ? [] : [name]);
  });

  it('leaves out what comes too often, and says how much', () => {
    const storm = Array.from({ length: maxLinesPerMinute + 7 }, () => ({ kind: 'refused', at: 1_000 }));
    const lines = logged(...storm, { kind: 'refused', at: 61_000 });
    expect(lines).toHaveLength(maxLinesPerMinute + 1);
    expect(lines.at(-1)).toMatchObject({ suppressed: 7 });
  });

  it('counts at most maxCounted neighbors, then starts over, and says so', () => {
    const storm = Array.from({ length: maxLinesPerMinute }, () => ({ kind: 'refused', at: 1_000, neighbor: -1 }));
    const others = Array.from({ length: maxCounted + 1 }, (_, i) => ({ kind: 'refused', at: 1_000, neighbor: -2 - i }));
    const again = { kind: 'refused', at: 1_000, neighbor: -1 };
    expect(logged(...storm, again)).toHaveLength(maxLinesPerMinute);
    const lines = logged(...others, again);
    expect(lines.filter(({ event }) => event === 'bgp.refused')).toHaveLength(maxCounted + 2);
    expect(lines.filter(({ event }) => event === 'bgp.log-counts-reset')).toMatchObject([{ suppressed: 1 }]);
  });
});
