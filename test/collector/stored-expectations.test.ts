import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { StoredExpectations } from '../../src/collector/stored-expectations.ts';
import { createCalculator } from '../../src/metallb/calculator.ts';
import {
  allExpectations,
  changeOfPrefixes,
  type ExpectationChange,
  someExpectations,
} from '../../src/metallb/expectations/expectation-change.ts';
import type { ExpectationTable } from '../../src/metallb/expectations/table.ts';
import { assembleResources, readObject } from '../../src/metallb/objects/read.ts';
import { type ExpectationsWrite, maxPieceRows } from '../../src/store/messages.ts';
import { advertisement, frr, node, peer, pool, service, slice } from '../support/metallb-objects.ts';
import { fakeTable } from '../verdicts/fake-table.ts';

const prefixes = ['10.0.0.1/32', '10.0.0.2/32'];
const tableOf = (nodes: string[], peers = ['tor'], announced = prefixes): ExpectationTable =>
  fakeTable({
    nodes: Object.fromEntries(nodes.map((name) => [name, ['192.0.2.1']])),
    peers,
    routes: nodes.flatMap((name) =>
      peers.flatMap((bgpPeer) => announced.map((prefix) => ({ node: name, bgpPeer, prefix }))),
    ),
  });
const table = tableOf(['a', 'b']);
const all = allExpectations;
const one = changeOfPrefixes(new Set(['10.0.0.1/32']));
const only = (some: string[], nodes: string[]): ExpectationChange =>
  someExpectations({ prefixes: new Set(some), nodes: new Map(nodes.map((name) => [name, 'all'])) });

/** A database of expectations whose turns are this test's. */
function setUp(limit: number) {
  const writes: ExpectationsWrite[] = [];
  const turns: (() => void)[] = [];
  const stored: StoredExpectations = new StoredExpectations({
    limit,
    onReady: () => {
      for (let write = stored.take(); write; write = stored.take()) writes.push(write);
    },
    schedule: (work) => turns.push(work),
  });
  /** `what is replaced: what is there instead` */
  const taken = (): string[] =>
    writes.splice(0).map((write) => {
      const scope = write.prefixes === 'all' ? 'all' : [...write.prefixes, ...write.nodes].join(' ');
      return `${scope}: ${write.rows.map((row) => `${row.node} ${row.prefix[7]}`).join(', ')}`;
    });
  return {
    stored,
    writes,
    turns,
    taken,
    settle(): string[] {
      while (turns.length > 0) turns.shift()!();
      return taken();
    },
  };
}

describe('of a change the database gets', () => {
  const everything = 'all: a 1, b 1, a 2, b 2';
  test.each<[string, number, ExpectationChange[], string[]]>([
    ['everything at first', 10, [all], [everything]],
    ['a prefix on all nodes', 10, [all, one], [everything, '10.0.0.1/32: a 1, b 1']],
    ['a node', 10, [all, only([], ['b'])], [everything, 'b: b 1, b 2']],
    ['a node and a prefix', 10, [all, only(['10.0.0.2/32'], ['b'])], [everything, '10.0.0.2/32 b: b 1, a 2, b 2']],
    ['nothing where there are too many', 3, [all, one, only([], ['b'])], ['all: ']],
    ['all that the limit allows', 4, [all], [everything]],
    ['everything anew once changes add up to too many', 5, [all, one, one], [everything, everything, everything]],
  ])('%s', (_, limit, changes, expected) => {
    const { stored, settle } = setUp(limit);
    const writes = changes.flatMap((change) => {
      stored.update(table, change, 0);
      return settle();
    });
    expect(writes).toEqual(expected);
  });

  test('nothing is expected any more: all goes', () => {
    const { stored, settle, writes } = setUp(10);
    stored.update(null, all, 7);
    expect(writes).toEqual([]);
    expect(settle()).toEqual(['all: ']);
  });

  test('many rows in writes of a bounded size, of which only the first replaces', () => {
    const nodes = Array.from({ length: maxPieceRows }, (_, i) => `node-${i}`);
    const { stored, writes, turns } = setUp(10_000);
    stored.update(tableOf(nodes, ['tor', 'other']), all, 7);
    while (turns.length > 0) turns.shift()!();
    expect(writes.map(({ prefixes: of, rows, at }) => [of, rows.length, at])).toEqual([
      ['all', maxPieceRows, 7],
      [[], maxPieceRows, 7],
      [[], maxPieceRows, 7],
      [[], maxPieceRows, 7],
    ]);
  });

  test('too many rows on the way: what was written before is replaced by nothing', () => {
    const { stored, settle } = setUp(4);
    stored.update(table, all, 0);
    settle();
    stored.update(tableOf(['a', 'b', 'c']), only([], ['c']), 1);
    expect(settle()).toEqual(['all: ']);
  });
});

describe('while rows of a change are looked for', () => {
  const nodes = Array.from({ length: 100 }, (_, i) => `node-${i}`);
  /** Every look at the clock finds it one millisecond later. */
  beforeEach(() => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now++);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test('other turns come between', () => {
    const { stored, turns, writes } = setUp(100_000);
    stored.update(tableOf(nodes), all, 0);
    expect(writes).toEqual([]);
    turns.shift()!();
    expect(turns).toHaveLength(1);
    expect(writes).toEqual([]);
    while (turns.length > 0) turns.shift()!();
    expect(writes.flatMap(({ rows }) => rows)).toHaveLength(2 * nodes.length);
  });

  test('changes that come are taken as one, to the newest table', () => {
    const { stored, turns, settle, taken } = setUp(100_000);
    stored.update(tableOf(nodes), all, 0);
    turns.shift()!();
    stored.update(tableOf(['a']), one, 1);
    stored.update(tableOf(['a', 'b'], ['tor'], ['10.0.0.1/32']), changeOfPrefixes(new Set(['10.0.0.2/32'])), 2);
    stored.update(table, only([], ['b']), 3);
    taken();
    expect(settle().at(-1)).toBe('10.0.0.1/32 10.0.0.2/32 b: a 1, b 1, a 2, b 2');
  });
});

describe('a table that knows which nodes are alike', () => {
  const objects = [
    pool('pool', ['203.0.113.0/24']),
    advertisement('adv'),
    peer('tor'),
    ...Array.from({ length: 40 }, (_, i) => node(`node-${i}`)),
    ...Array.from({ length: 30 }, (_, i) => [service(`web-${i}`, [`203.0.113.${i}`]), slice(`web-${i}`, ['node-1'])]),
  ].flat();
  const made = createCalculator(frr).update(assembleResources(objects.map((raw) => readObject({ raw })))).table;

  /** Asks for routes. */
  function asked(limit: number): { routes: number; rows: number } {
    let routes = 0;
    const counting = new Proxy(made, {
      get(target, name) {
        const value = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]) => {
          if (name === 'route') routes++;
          return Reflect.apply(value, target, given);
        };
      },
    });
    const { stored, writes, turns } = setUp(limit);
    stored.update(counting, all, 0);
    while (turns.length > 0) turns.shift()!();
    return { routes, rows: writes.flatMap(({ rows }) => rows).length };
  }

  test('is asked for one of the prefixes that are alike to know that there are too many rows', () => {
    expect(asked(1_000)).toEqual({ routes: 40, rows: 0 });
  });

  test('gives all rows where they are few enough', () => {
    expect(asked(1_200)).toEqual({ routes: 40 + 1_200, rows: 1_200 });
  });
});
