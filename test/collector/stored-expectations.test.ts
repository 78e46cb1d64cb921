import { describe, expect, test } from 'vitest';
import { StoredExpectations } from '../../src/collector/stored-expectations.ts';
import type { ExpectationChange } from '../../src/metallb/types.ts';
import { fakeTable } from '../checks/fake-table.ts';

const prefixes = ['10.0.0.1/32', '10.0.0.2/32'];
const table = fakeTable({
  nodes: { a: ['192.0.2.1'], b: ['192.0.2.2'] },
  peers: ['tor'],
  routes: ['a', 'b'].flatMap((node) => prefixes.map((prefix) => ({ node, bgpPeer: 'tor', prefix }))),
});
const only = (some: string[], nodes: string[]): ExpectationChange => ({
  prefixes: 'all',
  only: { prefixes: new Set(some), nodes: new Map(nodes.map((node) => [node, 'all'])) },
});

/** `what is replaced: what is there instead`. */
function written(limit: number, ...changes: ExpectationChange[]): string[] {
  const stored = new StoredExpectations(limit);
  return changes.map((change) => {
    const write = stored.write(table, change, 0);
    if (!write) return 'nothing';
    const scope = write.prefixes === 'all' ? 'all' : [...write.prefixes, ...write.nodes].join(' ');
    return `${scope}: ${write.rows.map(({ node, prefix }) => `${node} ${prefix[7]}`).join(', ')}`;
  });
}

describe('of a change the database gets', () => {
  const all: ExpectationChange = { prefixes: 'all' };
  const one: ExpectationChange = { prefixes: new Set(['10.0.0.1/32']) };
  test.each<[string, number, ExpectationChange[], string[]]>([
    ['everything at first', 10, [all], ['all: a 1, a 2, b 1, b 2']],
    ['a prefix on all nodes', 10, [all, one], ['all: a 1, a 2, b 1, b 2', '10.0.0.1/32: a 1, b 1']],
    ['a node', 10, [all, only([], ['b'])], ['all: a 1, a 2, b 1, b 2', 'b: b 1, b 2']],
    [
      'a node and a prefix',
      10,
      [all, only(['10.0.0.2/32'], ['b'])],
      ['all: a 1, a 2, b 1, b 2', '10.0.0.2/32 b: a 2, b 1, b 2'],
    ],
    ['nothing where there are too many', 3, [all, one, only([], ['b'])], ['all: ', 'nothing', 'nothing']],
    [
      'everything anew once changes add up to too many',
      5,
      [all, one, one],
      ['all: a 1, a 2, b 1, b 2', 'all: a 1, a 2, b 1, b 2', 'all: a 1, a 2, b 1, b 2'],
    ],
  ])('%s', (_, limit, changes, expected) => {
    expect(written(limit, ...changes)).toEqual(expected);
  });

  test('nothing is expected any more: all goes', () => {
    const write = new StoredExpectations(10).write(null, { prefixes: 'all' }, 7);
    expect(write).toEqual({ kind: 'expectations', prefixes: 'all', nodes: [], rows: [], at: 7 });
  });
});
