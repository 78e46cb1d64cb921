/** What the collector keeps, and says in its log, of strangers and of tables that are full. */
import type { Logger } from 'pino';
import { describe, expect, it } from 'vitest';
import { maxStrangerAddresses, StrangerTable, strangersLogMs } from '../../src/collector/strangers.ts';
import { TableWatch, tableLogMs } from '../../src/collector/table-watch.ts';

function logged(): { log: Pick<Logger, 'warn'>; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  return { log: { warn: (fields: Record<string, unknown>) => void lines.push(fields) } as Pick<Logger, 'warn'>, lines };
}

describe('strangers', () => {
  it('are kept by address, the latest first, with the first and the last time', () => {
    const table = new StrangerTable(logged().log);
    table.take({ connections: 3, addresses: { a: 2, b: 1 } }, 1_000);
    table.take({ connections: 9, addresses: { a: 4 } }, 2_000);
    expect(table.status).toEqual({
      connections: 12,
      addresses: [
        { address: 'a', connections: 6, firstAt: 1_000, lastAt: 2_000 },
        { address: 'b', connections: 1, firstAt: 1_000, lastAt: 1_000 },
      ],
    });
  });

  it('make room, those first that have been silent for longest', () => {
    const table = new StrangerTable(logged().log);
    for (let i = 0; i < maxStrangerAddresses + 5; i++) {
      table.take({ connections: 1, addresses: { [`10.0.0.${i}`]: 1 } }, i);
      table.take({ connections: 1, addresses: { known: 1 } }, i);
    }
    const { addresses } = table.status;
    expect(addresses).toHaveLength(maxStrangerAddresses);
    expect(addresses.map(({ address }) => address)).toContain('known');
    expect(addresses.at(-1)!.address).toBe('10.0.0.6');
  });

  it('make one line in the log per minute, with counts and examples', () => {
    const { log, lines } = logged();
    const table = new StrangerTable(log);
    const at = (now: number, addresses: Record<string, number>): void => {
      const connections = Object.values(addresses).reduce((sum, count) => sum + count, 0);
      if (connections > 0) table.take({ connections, addresses }, now);
      table.tick(now);
    };
    at(1_000, { a: 1 });
    at(2_000, { b: 5 });
    at(3_000, { c: 5, d: 1, e: 1, f: 1, g: 1 });
    at(1_000 + strangersLogMs, {});
    at(1_000 + 2 * strangersLogMs, {});
    expect(lines).toMatchObject([
      { event: 'bgp.strangers', connections: 1, addresses: 1, examples: ['a'] },
      { event: 'bgp.strangers', connections: 14, addresses: 6, examples: ['g', 'f', 'e', 'd', 'c'] },
    ]);
  });
});

describe('a table that is full', () => {
  it('is named in the log, once a minute', () => {
    const { log, lines } = logged();
    const watch = new TableWatch(log);
    const look = (overflows: number, now: number) =>
      watch.look([{ name: 'neighbors', used: 4, max: 4, overflows }], now);
    look(0, 0);
    look(2, 1_000);
    look(5, 2_000);
    look(6, 1_000 + tableLogMs);
    look(6, 1_000 + 2 * tableLogMs);
    // the speaker was restarted, and counts from 0 again
    look(3, 1_000 + 3 * tableLogMs);
    expect(lines.map(({ table, overflows }) => [table, overflows])).toEqual([
      ['neighbors', 2],
      ['neighbors', 4],
      ['neighbors', 3],
    ]);
  });
});
