/** The rules that apply to a row at a time. */
import { describe, expect, test } from 'vitest';
import { type Announcer, RulesInEffect, scopeOf } from '../../src/overlay/in-effect.ts';
import { overlayRules, readAt, type Written } from './rules.ts';

const from = (node: string | null, bgpPeer: string | null, address: string | null): Announcer => ({
  node,
  bgpPeer,
  address: () => address,
});
const known = from('node-a', 'tor-1', '192.0.2.11');
const stranger = from(null, null, '198.51.100.7');

describe('a rule applies to', () => {
  const prefix = '203.0.113.0/24';
  const cases: [string, Partial<Written>, Announcer, string, boolean][] = [
    ['its prefix', {}, known, prefix, true],
    ['no other prefix', {}, known, '203.0.113.0/25', false],
    ['prefixes within it, with longer', { match: 'longer' }, known, '203.0.113.7/32', true],
    ['itself, with longer', { match: 'longer' }, known, prefix, true],
    ['no prefix around it, with longer', { match: 'longer' }, known, '203.0.0.0/16', false],
    ['prefixes around it, with covering', { match: 'covering' }, known, '0.0.0.0/0', true],
    ['itself, with covering', { match: 'covering' }, known, prefix, true],
    ['no prefix within it, with covering', { match: 'covering' }, known, '203.0.113.7/32', false],
    ['no prefix of the other family', { prefix: '::/0', match: 'longer' }, known, prefix, false],
    ['every announcer, without selectors', {}, stranger, prefix, true],
    ['its node', { node: 'node-a' }, known, prefix, true],
    ['one of its nodes', { node: ['node-b', 'node-a'] }, known, prefix, true],
    ['no other node', { node: 'node-b' }, known, prefix, false],
    ['no announcer of an unknown node, if it has a node', { node: 'node-a' }, stranger, prefix, false],
    ['its BGPPeer', { bgpPeer: 'tor-1' }, known, prefix, true],
    ['no other BGPPeer', { bgpPeer: 'tor-2' }, known, prefix, false],
    ['its neighbor', { neighbor: '198.51.100.7' }, stranger, prefix, true],
    ['no other neighbor', { neighbor: '198.51.100.7' }, known, prefix, false],
    [
      'an announcer that matches all selectors',
      { node: 'node-a', bgpPeer: 'tor-1', neighbor: '192.0.2.11' },
      known,
      prefix,
      true,
    ],
    ['no announcer that matches only some selectors', { node: 'node-a', bgpPeer: 'tor-2' }, known, prefix, false],
  ];
  test.each(cases)('%s', (_, some, announcer, asked, isAbout) => {
    const rules = new RulesInEffect(overlayRules({ rule: 'must-not', prefix, ...some }), readAt);
    expect(rules.forbids(announcer, asked) !== undefined).toBe(isAbout);
  });
});

test('the first matching rule of each kind counts', () => {
  const prefix = '203.0.113.1/32';
  const rules = new RulesInEffect(
    overlayRules(
      { rule: 'ignore', prefix },
      { rule: 'ignore', prefix, match: 'longer' },
      { rule: 'must', prefix, node: 'node-b' },
      { rule: 'must', prefix },
      { rule: 'must-not', prefix, match: 'covering' },
    ),
    readAt,
  );
  expect([...rules.ignores(known, prefix)].map(({ id }) => id)).toEqual(['rule-1', 'rule-2']);
  expect(rules.callsFor(known, prefix)?.id).toBe('rule-4');
  expect(rules.forbids(known, prefix)?.id).toBe('rule-5');
  expect(rules.must.map(({ id }) => id)).toEqual(['rule-3', 'rule-4']);
});

test('a rule is in effect before its expiry, not at it', () => {
  const rules = overlayRules({ rule: 'must-not', prefix: '::/0', expires: new Date(readAt + 1_000).toISOString() });
  const forbids = (at: number) => new RulesInEffect(rules, at).forbids(known, '::/0') !== undefined;
  expect([forbids(readAt + 999), forbids(readAt + 1_000)]).toEqual([true, false]);
  expect(new RulesInEffect(rules, readAt).until).toBe(readAt + 1_000);
  expect(new RulesInEffect(rules, readAt + 1_000).until).toBe(Number.POSITIVE_INFINITY);
});

describe('the scope of a change', () => {
  const one: Written = { rule: 'must-not', prefix: '203.0.113.1/32', id: 'one' };
  const two: Written = { rule: 'ignore', prefix: '203.0.113.2/32', id: 'two' };
  const wide: Written = { rule: 'ignore', prefix: '203.0.113.0/24', match: 'longer', id: 'wide' };
  const cases: [string, Written[], Written[], string[] | 'all'][] = [
    ['nothing if no rule changed', [one, two], [two, one], []],
    ['the prefix of a new rule', [one], [one, two], ['203.0.113.2/32']],
    ['the prefix of a removed rule', [one, two], [two], ['203.0.113.1/32']],
    ['both prefixes of a changed rule', [one], [{ ...one, prefix: '::/0' }], ['203.0.113.1/32', '::/0']],
    ['all prefixes if a range changed', [one, wide], [one], 'all'],
    ['no prefixes of an unchanged range', [one, wide], [wide], ['203.0.113.1/32']],
  ];
  test.each(cases)('%s', (_, before, after, scope) => {
    const rules = (written: Written[]) => new RulesInEffect(overlayRules(...written), readAt);
    const found = scopeOf(rules(before), rules(after));
    expect(found === 'all' ? found : [...found].sort()).toEqual(scope);
  });
});
