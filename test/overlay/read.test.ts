/** Valid rules of the overlay, and the problems of invalid ones. */
import { describe, expect, test } from 'vitest';
import { maxProblems, readOverlay, readRules } from '../../src/overlay/read.ts';
import { maxIgnoreMs, maxNames, maxRules, type OverlayRule } from '../../src/overlay/rule.ts';
import { overlayRule, readAt, type Written } from './rules.ts';

const day = 24 * 3_600_000;

describe('a written rule and its checked form', () => {
  const cases: [string, Written, Partial<Record<string, unknown>>][] = [
    [
      'must, with one node: that node',
      { rule: 'must', prefix: '203.0.113.1/32', node: 'node-a' },
      { nodes: ['node-a'], bgpPeers: [], neighbors: [], atLeast: 1, match: 'exact', expires: null },
    ],
    [
      'must, with a list of nodes: each of them',
      { rule: 'must', prefix: '203.0.113.1/32', node: ['node-a', 'node-b', 'node-a'] },
      { nodes: ['node-a', 'node-b'], atLeast: 2 },
    ],
    [
      'must, without nodes: any one',
      { rule: 'must', prefix: '203.0.113.1/32', bgpPeer: 'tor-1' },
      { nodes: [], bgpPeers: ['tor-1'], atLeast: 1 },
    ],
    [
      'must, with attributes',
      {
        rule: 'must',
        prefix: '203.0.113.1/32',
        localPref: 0,
        nextHop: '2001:DB8::1',
        asPath: [],
        communities: ['1:2'],
      },
      { localPref: 0, nextHops: ['2001:db8::1'], asPath: [], communities: ['1:2'], largeCommunities: [] },
    ],
    [
      'the last date of RFC 3339: until its end',
      { rule: 'must', prefix: '203.0.113.1/32', expires: '9999-12-31' },
      { expires: Date.UTC(9999, 11, 31, 23, 59, 59, 999) },
    ],
    ['a bare address is a host prefix', { rule: 'must', prefix: '2001:DB8::1' }, { prefix: '2001:db8::1/128' }],
    [
      'must-not, within a range',
      { rule: 'must-not', prefix: '203.0.113.0/24', match: 'longer', neighbor: ['192.0.2.1'] },
      { match: 'longer', neighbors: ['192.0.2.1'] },
    ],
    [
      'ignore, one verdict, until the end of a day',
      { rule: 'ignore', prefix: '203.0.113.1/32', verdict: 'missing', expires: '2026-03-31' },
      { verdicts: ['missing'], fields: null, expires: Date.UTC(2026, 3, 1) },
    ],
    [
      'ignore, any difference, until a time',
      { rule: 'ignore', prefix: '203.0.113.1/32', expires: '2026-03-31T12:00:00+02:00' },
      { verdicts: ['missing', 'unexpected', 'mismatch', 'stale'], expires: Date.UTC(2026, 2, 31, 10) },
    ],
  ];
  test.each(cases)('%s', (_, written, meant) => {
    expect(overlayRule(written)).toMatchObject(meant);
  });
});

const file = (rules: string): string => `# by hand\nrules:\n${rules}`;
const good = '  - { id: good, rule: must, prefix: 203.0.113.9/32, reason: r, owner: o }\n';

describe('a problem has its line, path and text', () => {
  const cases: [string, string, string[]][] = [
    [
      'an unknown key',
      file(`${good}  - { id: a, rule: must, prefix: 203.0.113.1/32, reason: r, owner: o, nod: a }`),
      ['4 rules[1].nod: unknown key; did you mean node?'],
    ],
    [
      'host bits',
      file('  - id: a\n    rule: must\n    prefix: 203.0.113.1/24\n    reason: r\n    owner: o'),
      ['5 rules[0].prefix: has host bits set: write 203.0.113.0/24'],
    ],
    [
      'an invalid prefix',
      file('  - { id: a, rule: must, prefix: web, reason: r, owner: o }'),
      ['3 rules[0].prefix: expected a prefix such as 203.0.113.0/24'],
    ],
    [
      'missing keys',
      file('  - { id: a, rule: must, prefix: 203.0.113.1/32 }'),
      ['3 rules[0].reason: missing: expected string', '3 rules[0].owner: missing: expected string'],
    ],
    [
      'an unknown kind of rule',
      file('  - { id: a, rule: should, prefix: 203.0.113.1/32, reason: r, owner: o }'),
      ['3 rules[0].rule: expected one of "must"|"must-not"|"ignore"'],
    ],
    [
      'an invalid neighbor',
      file('  - { id: a, rule: must-not, prefix: 203.0.113.1/32, neighbor: [tor], reason: r, owner: o }'),
      ['3 rules[0].neighbor[0]: expected an IPv4 or IPv6 address'],
    ],
    [
      'an invalid community',
      file('  - { id: a, rule: must, prefix: 203.0.113.1/32, communities: [64512:70000], reason: r, owner: o }'),
      ['3 rules[0].communities[0]: expected a community such as 64512:100'],
    ],
    [
      'keys of another kind of rule',
      file(
        '  - { id: a, rule: must-not, prefix: 203.0.113.1/32, localPref: 1, verdict: missing, reason: r, owner: o }',
      ),
      [
        '3 rules[0].localPref: applies only to must rules; remove it',
        '3 rules[0].verdict: applies only to ignore rules; remove it',
      ],
    ],
    [
      'must with a range',
      file('  - { id: a, rule: must, prefix: 203.0.113.0/24, match: longer, reason: r, owner: o }'),
      ['3 rules[0].match: a must rule has exactly one prefix: remove match, or write one rule per prefix'],
    ],
    [
      'atLeast above the number listed',
      file('  - { id: a, rule: must, prefix: 203.0.113.1/32, node: [x, y], atLeast: 3, reason: r, owner: o }'),
      ['3 rules[0].atLeast: 3 exceeds the 2 listed: list more nodes or lower it'],
    ],
    [
      'ignore without expires',
      file('  - { id: a, rule: ignore, prefix: 203.0.113.1/32, reason: r, owner: o }'),
      ['3 rules[0].expires: missing: an ignore rule must expire within a year'],
    ],
    [
      'ignore for longer than a year',
      file('  - { id: a, rule: ignore, prefix: 203.0.113.1/32, reason: r, owner: o, expires: 2028-01-01 }'),
      ['3 rules[0].expires: more than a year ahead: an ignore rule must expire within a year'],
    ],
    [
      'an invalid date',
      file('  - { id: a, rule: must, prefix: 203.0.113.1/32, reason: r, owner: o, expires: 2026-02-30 }'),
      ['3 rules[0].expires: expected a date such as 2026-12-31, or an RFC 3339 time'],
    ],
    [
      'an invalid date with a time',
      file('  - { id: a, rule: must, prefix: 203.0.113.1/32, reason: r, owner: o, expires: "2026-02-30T00:00:00Z" }'),
      ['3 rules[0].expires: expected a date such as 2026-12-31, or an RFC 3339 time'],
    ],
    [
      'an id that is not text',
      file('  - { id: { toString: 1 }, rule: must, prefix: 203.0.113.1/32, reason: r, owner: o }'),
      ['3 rules[0].id: expected string, received object'],
    ],
    ['a duplicate key', 'rules: []\nrules: []\n', ['2 YAML: duplicate key rules']],
    [
      'a duplicate id: the first counts',
      file(good + good),
      ['4 rules[1].id: duplicate id good: only the first rule counts; give each rule its own id'],
    ],
    ['a string instead of a rule', file('  - must'), ['3 rules[0]: expected object, received string']],
    ['a string instead of a list', 'rules: all', [' expected `rules:` with a list of rules']],
    ['a list instead of a mapping', '- a\n- b', [' expected `rules:` with a list of rules']],
    ['an unknown key next to rules', 'rules: []\nruels: []', ['2 ruels: unknown key; did you mean rules?']],
    [
      'invalid YAML',
      'rules:\n  - { id: a\n',
      ['3 YAML: Flow map in block collection must be sufficiently indented and end with a }'],
    ],
    [
      'exponential aliases',
      `a: &a [x]\n${Array.from({ length: 9 }, (_, i) => `${'bcdefghij'[i]}: &${'bcdefghij'[i]} [${Array(20).fill(`*${'abcdefghij'[i]}`).join()}]`).join('\n')}\nrules: []`,
      ['1 YAML: Excessive alias count indicates a resource exhaustion attack'],
    ],
  ];
  test.each(cases)('%s', (_, text, expected) => {
    const { problems } = readOverlay(text, 'expectations.yaml', readAt);
    expect(problems.every((problem) => problem.file === 'expectations.yaml')).toBe(true);
    expect(problems.map(({ line, path, text }) => `${line ?? ''} ${path ? `${path}: ` : ''}${text}`)).toEqual(expected);
  });
});

test('an invalid rule does not affect others and is listed by its id', () => {
  const { rules, rejected } = readOverlay(file(`${good}  - { id: bad, rule: must }`), 'f', readAt);
  expect(rules.map(({ id }) => id)).toEqual(['good']);
  expect([...rejected]).toEqual(['bad']);
});

test.each(['', '# nothing', 'rules: []', '{"rules": []}'])('%o has no rules and no problems', (text) => {
  expect(readOverlay(text, 'f', readAt)).toMatchObject({ rules: [], problems: [], unreadable: false });
});

test('a rule has its file and line', () => {
  const { rules } = readOverlay(file(good), 'f.yaml', readAt);
  expect(rules[0]).toMatchObject({ place: { file: 'f.yaml', line: 3 } } satisfies Partial<OverlayRule>);
});

test('the maximum lifetime counts from the read, to the millisecond', () => {
  const read = (ms: number) =>
    readRules(
      {
        rules: [
          {
            id: 'a',
            rule: 'ignore',
            prefix: '::/0',
            reason: 'r',
            owner: 'o',
            expires: new Date(readAt + ms).toISOString(),
          },
        ],
      },
      'f',
      readAt,
    ).problems.length;
  expect([read(-day), read(maxIgnoreMs), read(maxIgnoreMs + 1)]).toEqual([0, 0, 1]);
});

describe('hostile texts fail fast with few problems', () => {
  const cases: [string, string][] = [
    ['sequences without end', '['.repeat(20_000)],
    ['mappings without end', '{a: '.repeat(5_000)],
    ['entries without end', '- '.repeat(50_000)],
    ['a rule without end', `rules:\n  - ${'['.repeat(50_000)}`],
    ['a rule of wrong keys', `rules: [{ ${Array.from({ length: 10_000 }, (_, i) => `k${i}: 1`).join(', ')} }]`],
    ['keys that are all the same', `rules: [{ ${'a: 1, '.repeat(10_000)} }]`],
    ['a mapping of everything', Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join('\n')],
    ['a long name', `rules: [{ id: ${'x'.repeat(500_000)}, rule: must, prefix: ${'1'.repeat(100_000)} }]`],
  ];
  test.each(cases)('%s', (_, text) => {
    const { rules, problems } = readOverlay(text, 'f', readAt);
    expect(rules).toEqual([]);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThanOrEqual(maxProblems + 1);
    expect(JSON.stringify(problems).length).toBeLessThan(100_000);
  });
});

test('more than maxRules rules are rejected as a whole', () => {
  const many = Array.from({ length: maxRules + 1 }, (_, i) => ({
    id: `r${i}`,
    rule: 'must',
    prefix: '::/0',
    reason: 'r',
    owner: 'o',
  }));
  expect(readRules({ rules: many }, 'f', readAt)).toMatchObject({
    unreadable: true,
    problems: [{ path: 'rules', text: `${maxRules + 1} rules exceed the maximum of ${maxRules}` }],
  });
});

test.each([
  [maxNames, true],
  [maxNames + 1, false],
])('a rule with %i names is read: %s (maxNames)', (count, isRead) => {
  const node = Array.from({ length: count }, (_, i) => `node-${i}`).join();
  const rule = `  - { id: a, rule: must, prefix: 203.0.113.1/32, node: [${node}], reason: r, owner: o }`;
  const { rules, problems } = readOverlay(file(rule), 'expectations.yaml', readAt);
  expect(problems.length === 0).toBe(isRead);
  expect(rules).toHaveLength(isRead ? 1 : 0);
});
