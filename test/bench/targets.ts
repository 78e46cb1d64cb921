/** What Peerglass means to reach, as ratios to a daemon measured in the same round. */
import { inMemory, inTables } from './peerglass.ts';

export interface Target {
  scenario: string;
  /** One of Peerglass's points in time, or its peak resident set. */
  what: typeof inMemory | typeof inTables | 'rss';
  daemon: string;
  /** Peerglass ÷ daemon. */
  atMost: number;
}

const target = (scenario: string, what: Target['what'], limits: Record<string, number>): Target[] =>
  Object.entries(limits).map(([daemon, atMost]) => ({ scenario, what, daemon, atMost }));

export const targets: readonly Target[] = [
  ...target('a1x1m', inMemory, { bird: 1, gobgp: 0.1 }),
  ...target('a1x1m', inTables, { bird: 2, gobgp: 0.2, frr: 0.4 }),
  ...target('a1x1m', 'rss', { bird: 2.5, gobgp: 0.3 }),
  ...target('b100x1000', inMemory, { frr: 1 }),
  ...target('b100x1000', inTables, { frr: 1.5 }),
  ...target('b1000x1000', inTables, { bird: 0.2, frr: 0.2, openbgpd: 0.2 }),
  ...target('b1000x1000', 'rss', { frr: 1 }),
  ...target('b1000x1000d', inTables, { frr: 0.6 }),
  ...target('b1000x1000d', 'rss', { frr: 1 }),
];
