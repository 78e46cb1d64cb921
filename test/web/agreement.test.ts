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

/** The row of a rule `must`: about no session. */
const ofRule = (verdict: 'ok' | 'missing' | 'unknown'): Partial<PrefixCell> => ({
  node: null,
  bgpPeer: null,
  neighbor: null,
  received: [],
  expected: null,
  says: null,
  verdict: { ...cell.verdict!, verdict, rule: 'anycast', reasonText: 'Two of three nodes announce it.' },
});

describe('should, says, is', () => {
  test.each<[string, Partial<ExplainedCell>, string[]]>([
    ['all agree', {}, ['yes', 'yes', 'yes']],
    ['believed to be announced, and missing', { received: [], verdict: missing }, ['yes', 'yes', 'no']],
    ['no status objects', { says: null }, ['yes', 'unknown', 'yes']],
    ['status objects that say nothing of it', { says: says(null) }, ['yes', 'unknown', 'yes']],
    ['status objects that say no', { says: says(false) }, ['yes', 'no', 'yes']],
    ['not expected', { expected: null }, ['no', 'yes', 'yes']],
    ['nothing to compare with', { expected: null, verdict: null, says: null }, ['unknown', 'unknown', 'yes']],
    [
      'explained why not',
      { expected: null, verdict: null, whyNot: { text: 'no pool' }, received: [] },
      ['no', 'yes', 'no'],
    ],
    ['a session that is not in sync', { received: [], verdict: unknown }, ['yes', 'yes', 'unknown']],
    ['a rule that is kept', { ...ofRule('ok') }, ['yes', 'unknown', 'yes']],
    ['a rule that cannot be told', { ...ofRule('unknown') }, ['yes', 'unknown', 'unknown']],
    ['a rule that is broken', { ...ofRule('missing') }, ['yes', 'unknown', 'no']],
    ['kept from before', { received: cell.received.map((r) => ({ ...r, stale: true })) }, ['yes', 'yes', 'stale']],
  ])('%s', (_, change, words) => {
    const sides = sidesOf({ ...cell, ...change });
    expect(sides.map(({ word }) => word)).toEqual(words);
    for (const { text } of sides) expect(text).toMatch(/^[A-Z0-9].*\.$/);
  });
});

describe('one of several values', () => {
  const expected = { ...cell.expected!, communities: ['1:1'], communitiesAnyOf: [['1:1'], ['1:2', '1:3']] };
  const communities = (received: string[], differing: string[]) =>
    compareRoute(expected, { ...cell.verdict!.received!, communities: received }, differing).find(
      ({ field }) => field === 'communities',
    )!;

  test('each set of communities that would be right is told', () => {
    expect(communities(['1:1'], []).expected).toEqual([
      { text: 'one of 1:1', only: false },
      { text: 'or 1:2 1:3', only: false },
    ]);
  });

  test('what is in none of the sets is marked', () => {
    expect(communities(['1:2', '9:9'], ['communities']).received).toEqual([
      { text: '1:2', only: false },
      { text: '9:9', only: true },
    ]);
  });
});
