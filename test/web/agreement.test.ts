import { describe, expect, test } from 'vitest';
import type { PrefixCell, Says } from '../../src/api/schemas.ts';
import { type ExplainedCell, sidesOf } from '../../web/src/agreement.ts';
import { compareRoute } from '../../web/src/compare.ts';
import { makeFixture } from '../support/fixture-data.ts';
import { answerTo } from '../support/fixture-server.ts';

const fixture = makeFixture({ now: Date.parse('2026-05-04T12:00:00Z'), nodes: 6, services: 6 });
const { data } = answerTo(fixture, '/prefixes/203.0.113.10/32', new URLSearchParams()) as {
  data: { cells: PrefixCell[] };
};
const cell = data.cells.find(({ verdict }) => verdict?.verdict === 'ok')!;
const says = (announced: boolean | null): Says => ({ ...cell.says!, announced });
const missing = { ...cell.verdict!, verdict: 'missing' as const };
const unknown = { ...cell.verdict!, verdict: 'unknown' as const, reasonText: 'Not in sync yet.' };

/** The row of a `must` rule, which has no session. */
const ofRule = (verdict: 'ok' | 'missing' | 'unknown'): Partial<PrefixCell> => ({
  node: null,
  bgpPeer: null,
  neighbor: null,
  received: [],
  expected: null,
  says: null,
  verdict: { ...cell.verdict!, verdict, rule: 'anycast', reasonText: 'Two of three nodes announce it.' },
});

describe('expected, reported, received', () => {
  test.each<[string, Partial<ExplainedCell>, string[]]>([
    ['all sides agree', {}, ['yes', 'yes', 'yes']],
    ['reported but missing', { received: [], verdict: missing }, ['yes', 'yes', 'no']],
    ['no status objects', { says: null }, ['yes', 'unknown', 'yes']],
    ['status objects without this prefix', { says: says(null) }, ['yes', 'unknown', 'yes']],
    ['status objects deny the announcement', { says: says(false) }, ['yes', 'no', 'yes']],
    ['not expected', { expected: null }, ['no', 'yes', 'yes']],
    ['no objects to compare with', { expected: null, verdict: null, says: null }, ['unknown', 'unknown', 'yes']],
    [
      'not expected, with a reason',
      { expected: null, verdict: null, whyNot: { text: 'no pool' }, received: [] },
      ['no', 'yes', 'no'],
    ],
    ['a session not in sync', { received: [], verdict: unknown }, ['yes', 'yes', 'unknown']],
    ['a rule that holds', { ...ofRule('ok') }, ['yes', 'unknown', 'yes']],
    ['a rule with unknown result', { ...ofRule('unknown') }, ['yes', 'unknown', 'unknown']],
    ['a violated rule', { ...ofRule('missing') }, ['yes', 'unknown', 'no']],
    [
      'kept from the previous session',
      { received: cell.received.map((r) => ({ ...r, stale: true })) },
      ['yes', 'yes', 'stale'],
    ],
  ])('%s', (_, change, words) => {
    const sides = sidesOf({ ...cell, ...change });
    expect(sides.map(({ word }) => word)).toEqual(words);
    for (const { text } of sides) expect(text).toMatch(/^[A-Z0-9].*\.$/);
  });
});

describe('several acceptable values', () => {
  const expected = { ...cell.expected!, communities: ['1:1'], communitiesAnyOf: [['1:1'], ['1:2', '1:3']] };
  const communities = (received: string[], differing: string[]) =>
    compareRoute(expected, { ...cell.verdict!.received!, communities: received }, differing).find(
      ({ field }) => field === 'communities',
    )!;

  test('lists each acceptable set of communities', () => {
    expect(communities(['1:1'], []).expected).toEqual([
      { text: 'one of 1:1', only: false },
      { text: 'or 1:2 1:3', only: false },
    ]);
  });

  test('marks values in none of the sets', () => {
    expect(communities(['1:2', '9:9'], ['communities']).received).toEqual([
      { text: '1:2', only: false },
      { text: '9:9', only: true },
    ]);
  });
});
