import { describe, expect, test } from 'vitest';
import { maxRowsPerPage } from '../../src/verdicts/list.ts';
import type { VerdictFilter, VerdictKey } from '../../src/verdicts/types.ts';
import { expectation } from './fake-table.ts';
import { grace, Scene } from './scene.ts';

const [one, two, six, foreign] = ['203.0.113.1/32', '203.0.113.2/32', '2001:db8::/64', '198.51.100.0/24'];

/** node-1 announces what it should but `two`; node-2 is not there; a stranger sends `one`. */
function scene(): Scene {
  const shared = expectation({ node: 'node-1', prefix: six! }).chain[0]!;
  return new Scene()
    .expect({
      nodes: { 'node-1': ['192.0.2.11', '2001:db8::11'], 'node-2': [] },
      routes: [
        { node: 'node-1', prefix: one! },
        { node: 'node-1', prefix: two! },
        {
          node: 'node-1',
          prefix: six!,
          chain: [shared, { ...shared, service: 'shop/web', pool: 'gold', advertisement: 'adv-2' }],
        },
        { node: 'node-2', prefix: one! },
      ],
    })
    .up(1)
    .up(7, null, null)
    .announce(1, one!)
    .announce(1, six!, { nextHop: '2001:db8::11' })
    .announce(1, foreign!)
    .announce(7, one!)
    .pass(grace);
}

const everything = [
  `${foreign} node-1 unexpected`,
  `${six} node-1 ok`,
  `${one} #7 unexpected`,
  `${one} node-1 ok`,
  `${one} node-2 missing`,
  `${two} node-1 missing`,
];

function all(filter: VerdictFilter, limit: number): string[] {
  const { engine } = scene();
  const lines: string[] = [];
  let after: VerdictKey | undefined;
  do {
    const page = engine.list(filter, after, limit);
    expect(page.rows.length).toBeLessThanOrEqual(limit);
    lines.push(...page.rows.map((v) => `${v.prefix} ${v.node ?? `#${v.neighbor}`} ${v.verdict}`));
    after = page.next;
  } while (after !== undefined);
  return lines;
}

describe('a list', () => {
  test.each([1, 2, 3, 6, 100])('is complete and in order in pages of %i', (limit) => {
    expect(all({}, limit)).toEqual(everything);
  });

  const filters: [name: string, filter: VerdictFilter, rows: number[]][] = [
    ['verdict', { verdict: ['missing'] }, [4, 5]],
    ['several verdicts', { verdict: ['missing', 'unexpected'] }, [0, 2, 4, 5]],
    ['a verdict that no row has', { verdict: ['stale'] }, []],
    ['prefix', { prefix: one! }, [2, 3, 4]],
    ['a prefix that nobody heard of', { prefix: '192.0.2.0/24' }, []],
    ['node', { node: 'node-2' }, [4]],
    ['BGPPeer', { bgpPeer: 'tor' }, [0, 1, 3, 4, 5]],
    ['neighbor', { neighbor: 7 }, [2]],
    ['service', { service: `default/${one}` }, [3, 4]],
    ['a second service of the same route', { service: 'shop/web' }, [1]],
    ['pool', { pool: 'gold' }, [1]],
    ['advertisement', { advertisement: 'adv' }, [1, 3, 4, 5]],
    ['all of several keys', { advertisement: 'adv', verdict: ['missing'], node: 'node-1' }, [5]],
    ['one link of the chain has all that is asked for', { pool: 'gold', advertisement: 'adv' }, []],
  ];
  test.each(filters)('filters by %s', (_, filter, rows) => {
    const lines = rows.map((i) => everything[i]!);
    expect(all(filter, 1)).toEqual(lines);
    expect(all(filter, 100)).toEqual(lines);
  });
});

test.each([1, 2, maxRowsPerPage])('a list that looks at %i rows per page (maxRowsPerPage) is complete', (looks) => {
  const { engine } = scene();
  const lines: string[] = [];
  let after: VerdictKey | undefined;
  do {
    const page = engine.list({ verdict: ['missing'] }, after, 100, looks);
    lines.push(...page.rows.map(({ prefix, node, verdict }) => `${prefix} ${node} ${verdict}`));
    after = page.next;
  } while (after !== undefined);
  expect(lines).toEqual(everything.filter((line) => line.endsWith('missing')));
});
